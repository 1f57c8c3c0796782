//! Contracts of [`Users::write`](users_ports::Users::write): what an update does to the user.

use chrono::{DateTime, TimeDelta, Utc};
use users_domain::{Change, Label, Precondition, Profile, User, UserUpdate};
use users_ports::{Rejection, WriteError};

use super::Users;
use crate::{
    bio_update, full_profile, full_user, minimal_user, noon, odd_profile, other_profile, update_to, user_id,
};

/// Updates the user, holds the answer and what is found then against [`User::apply`], and gives back the user.
pub(super) async fn update_and_check(
    users: &Users,
    before: &User,
    update: UserUpdate,
    now: DateTime<Utc>,
) -> User {
    let mut expected = before.clone();
    expected.apply(update.clone(), &Precondition::Exists, now).unwrap();
    let answer = users.update(before.id(), update.clone(), Precondition::Exists, now).await;
    assert_eq!(answer, Ok(expected.clone()), "{update:?}");
    assert_eq!(users.find(before.id()).await, Ok(Some(expected.clone())), "{update:?}");
    expected
}

/// An update of all members at once is carried out in full.
pub async fn all_members_are_changed_at_once(users: Users) {
    let mut user = minimal_user("ada");
    users.create(user.clone()).await.unwrap();
    let profiles =
        [full_profile(), other_profile(), odd_profile(), Profile::default(), odd_profile(), full_profile()];
    for (step, profile) in (1..).zip(profiles) {
        user = update_and_check(&users, &user, update_to(&profile), noon() + TimeDelta::seconds(step)).await;
        assert_eq!(*user.profile(), profile);
    }
}

/// An update makes the next version, modified at the instant that was given.
pub async fn an_update_makes_the_next_version(users: Users) {
    let user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    let now = noon() + TimeDelta::seconds(1);
    let after = users.update(user.id(), bio_update("x"), Precondition::Exists, now).await.unwrap();
    assert_eq!(after.version(), user.version().next());
    assert_eq!(after.modified_at(), now);
}

/// An update that changes nothing makes no version and no time of change, however it says nothing.
pub async fn an_update_that_changes_nothing_writes_nothing(users: Users) {
    for (id, profile) in [("a", Profile::default()), ("b", full_profile()), ("c", odd_profile())] {
        let user = User::create(user_id(id), Profile { username: None, ..profile }, noon());
        users.create(user.clone()).await.unwrap();
        let now = noon() + TimeDelta::hours(1);
        for update in [UserUpdate::default(), update_to(user.profile())] {
            let answer = users.update(user.id(), update, Precondition::Exists, now).await;
            assert_eq!(answer, Ok(user.clone()));
            assert_eq!(users.find(user.id()).await, Ok(Some(user.clone())));
        }
    }
}

/// What the update does not mention stays, also where another member changes back and forth.
pub async fn members_that_are_kept_stay(users: Users) {
    let mut user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    for text in ["x", "y", "x", "y"] {
        user = update_and_check(&users, &user, bio_update(text), noon()).await;
    }
    assert_eq!(Profile { bio: full_profile().bio, ..user.profile().clone() }, full_profile());
}

/// An empty text is a value: it is neither unset nor the same as unset.
pub async fn an_empty_text_is_not_an_unset_one(users: Users) {
    let title = |title| UserUpdate { title, ..UserUpdate::default() };
    let empty = || title(Change::Set(Label::parse("").unwrap()));
    let mut user = minimal_user("ada");
    users.create(user.clone()).await.unwrap();
    for (update, text, version) in [
        (empty(), Some(""), 1),
        (empty(), Some(""), 1),
        (title(Change::Clear), None, 2),
        (empty(), Some(""), 3),
    ] {
        user = update_and_check(&users, &user, update, noon()).await;
        assert_eq!(user.profile().title.as_ref().map(Label::as_str), text);
        assert_eq!(user.version().number() - minimal_user("ada").version().number(), version);
    }
}

/// Texts are compared by their bytes: another case, another composition or a space at the end is another text.
pub async fn texts_that_look_alike_are_different(users: Users) {
    let mut user = minimal_user("ada");
    users.create(user.clone()).await.unwrap();
    for (step, text) in (1..).zip(["é", "e\u{301}", "E\u{301}", "E\u{301} ", "ss", "ß", "1", "1.0", "01"]) {
        let title = Change::Set(Label::parse(text).unwrap());
        user = update_and_check(&users, &user, UserUpdate { title, ..UserUpdate::default() }, noon()).await;
        assert_eq!(user.version().number() - minimal_user("ada").version().number(), step, "{text}");
    }
}

/// The time of change never goes back; the version goes on.
pub async fn the_time_of_change_never_goes_back(users: Users) {
    let mut user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    for (text, seconds) in [("a", 10), ("b", 5), ("c", -1_000_000_000), ("d", 10), ("e", 11)] {
        user = update_and_check(&users, &user, bio_update(text), noon() + TimeDelta::seconds(seconds)).await;
    }
    assert_eq!(user.modified_at(), noon() + TimeDelta::seconds(11));
}

/// The time of change is kept to the microsecond, and the rest of it cut off, not rounded.
pub async fn the_time_of_change_is_cut_to_the_microsecond(users: Users) {
    let early: DateTime<Utc> = "1969-07-20T20:17:40Z".parse().unwrap();
    for (id, instant) in [("a", early), ("b", early + TimeDelta::days(11_000)), ("c", noon())] {
        let user = User::create(user_id(id), Profile::default(), instant);
        users.create(user.clone()).await.unwrap();
        let now = instant + TimeDelta::nanoseconds(1_999_999_999);
        let after = update_and_check(&users, &user, bio_update("x"), now).await;
        assert_eq!(after.modified_at(), instant + TimeDelta::microseconds(1_999_999));
    }
}

/// An unknown id is told so, whatever the update, and nobody is created.
pub async fn an_unknown_user_is_not_found_and_not_created(users: Users) {
    let taken = full_user("ada");
    users.create(taken.clone()).await.unwrap();
    for update in
        [UserUpdate::default(), bio_update("x"), update_to(&other_profile()), update_to(taken.profile())]
    {
        for precondition in [Precondition::Exists, Precondition::VersionIn(vec![taken.version()])] {
            let id = user_id("nobody");
            let answer = users.update(&id, update.clone(), precondition, noon()).await;
            assert_eq!(answer, Err(WriteError::Rejected(Rejection::NotFound)));
            assert_eq!(users.find(&id).await, Ok(None));
        }
    }
    assert_eq!(users.find(taken.id()).await, Ok(Some(taken)));
}

/// An update touches its own user alone.
pub async fn other_users_stay_as_they_are(users: Users) {
    let others = ["a", "ADA", "ada2"].map(minimal_user);
    for user in others.iter().chain([&minimal_user("ada")]) {
        users.create(user.clone()).await.unwrap();
    }
    update_and_check(&users, &minimal_user("ada"), update_to(&full_profile()), noon()).await;
    for user in others {
        assert_eq!(users.find(user.id()).await, Ok(Some(user)));
    }
}
