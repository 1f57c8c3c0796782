//! Contracts of [`Users::write`](users_ports::Users::write).

use chrono::TimeDelta;
use users_domain::{
    Change, Precondition, Profile, User, UserFilter, UserQuery, UserUpdate, Username, Version,
};
use users_ports::{Rejection, WriteError};

use super::Users;
use crate::{
    bio_update, full_profile, full_user, minimal_user, named_user, noon, odd_profile, other_profile, user_id,
    username, username_update,
};

/// A deleted user is given back as it was, with the version and the time of its last change, and is there no more.
pub async fn a_deleted_user_is_given_back_as_it_was(users: Users) {
    for (id, profile) in [("a", Profile::default()), ("b", full_profile()), ("c", odd_profile())] {
        let user = User::create(user_id(id), profile, noon());
        users.create(user.clone()).await.unwrap();
        let later = noon() + TimeDelta::microseconds(7);
        let user = users.update(user.id(), bio_update("changed"), Precondition::Exists, later).await.unwrap();
        assert_eq!(users.delete(user.id(), Precondition::Exists, noon()).await, Ok(user.clone()));
        assert_eq!(users.find(user.id()).await, Ok(None));
    }
}

/// An unknown id is not found, nor is one that is deleted already or that differs in case alone.
pub async fn an_unknown_user_is_not_deleted(users: Users) {
    let ada = minimal_user("ada");
    users.create(ada.clone()).await.unwrap();
    let any = || [Precondition::Exists, Precondition::VersionIn(vec![]), in_version(ada.version())];
    for id in ["ad", "Ada", "ada.", "a", "___"] {
        for precondition in any() {
            assert_eq!(
                users.delete(&user_id(id), precondition, noon()).await,
                Err(WriteError::Rejected(Rejection::NotFound)),
                "{id}"
            );
        }
    }
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada.clone())));
    users.delete(ada.id(), Precondition::Exists, noon()).await.unwrap();
    for precondition in any() {
        assert_eq!(
            users.delete(ada.id(), precondition, noon()).await,
            Err(WriteError::Rejected(Rejection::NotFound))
        );
    }
}

/// A deletion is carried out where the user is in one of the versions.
pub async fn a_deletion_of_the_right_version_is_carried_out(users: Users) {
    let many = (-100..=100).collect();
    for (id, versions) in [("a", vec![0]), ("b", vec![1, 0, -1]), ("c", vec![0, 0]), ("d", many)] {
        users.create(minimal_user(id)).await.unwrap();
        let changed =
            users.update(&user_id(id), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
        let precondition = versions_around(&changed, versions);
        assert_eq!(users.delete(changed.id(), precondition, noon()).await, Ok(changed), "{id}");
        assert_eq!(users.find(&user_id(id)).await, Ok(None));
    }
}

/// A deletion that is meant for other versions, or for none, is refused with the version that the user is in, and
/// deletes nothing.
pub async fn a_deletion_of_another_version_is_refused(users: Users) {
    let created = full_user("ada");
    users.create(created.clone()).await.unwrap();
    let user = users.update(created.id(), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
    let stale = WriteError::Rejected(Rejection::PreconditionFailed { current: user.version() });
    for versions in [vec![], vec![-1], vec![1], vec![-1, 1], (1..100).collect()] {
        let answer = users.delete(user.id(), versions_around(&user, versions.clone()), noon()).await;
        assert_eq!(answer, Err(stale.clone()), "{versions:?}");
        assert_eq!(users.find(user.id()).await, Ok(Some(user.clone())));
    }
    // The username is still taken.
    assert_eq!(
        users.create(named_user("other", "ADA")).await,
        Err(WriteError::Rejected(Rejection::UsernameTaken))
    );
}

/// After a deletion the id is free: who is made anew under it is another one, in a version that none was in before.
pub async fn the_id_of_a_deleted_user_is_free(users: Users) {
    let mut seen: Vec<Version> = Vec::new();
    for (second, profile) in (0..).zip([full_profile(), Profile::default(), other_profile(), full_profile()])
    {
        let user = User::create(user_id("ada"), profile, noon() + TimeDelta::seconds(second));
        assert_eq!(users.create(user.clone()).await, Ok(user.clone()));
        assert_eq!(users.find(user.id()).await, Ok(Some(user.clone())));
        assert_eq!(users.create(minimal_user("ada")).await, Err(WriteError::Rejected(Rejection::IdTaken)));
        assert!(!seen.contains(&user.version()));
        // What was meant for the former user does not reach this one.
        let former = Precondition::VersionIn(seen.clone());
        let stale = WriteError::Rejected(Rejection::PreconditionFailed { current: user.version() });
        assert_eq!(users.delete(user.id(), former, noon()).await, Err(stale));
        let changed = users.update(user.id(), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
        seen.extend([user.version(), changed.version()]);
        assert_eq!(users.delete(user.id(), Precondition::Exists, noon()).await, Ok(changed));
    }
}

/// After a deletion the username is free in every form of it, for a new user and for one that is there.
pub async fn the_username_of_a_deleted_user_is_free(users: Users) {
    let other = user_id("other");
    users.create(minimal_user("other")).await.unwrap();
    for (round, name) in ["ada", "ADA", "\u{FF21}da", "Ada"].into_iter().enumerate() {
        let holder = named_user(&format!("holder{round}"), "Ada");
        users.create(holder.clone()).await.unwrap();
        let claim = || users.update(&other, username_update(name), Precondition::Exists, noon());
        assert_eq!(claim().await, Err(WriteError::Rejected(Rejection::UsernameTaken)), "{name}");
        users.delete(holder.id(), Precondition::Exists, noon()).await.unwrap();
        let next = named_user(&format!("next{round}"), name);
        assert_eq!(users.create(next.clone()).await, Ok(next.clone()));
        users.delete(next.id(), Precondition::Exists, noon()).await.unwrap();
        let claimed = claim().await.unwrap();
        assert_eq!(claimed.profile().username, Some(username(name)));
        let cleared = UserUpdate { username: Change::Clear, ..UserUpdate::default() };
        users.update(claimed.id(), cleared, Precondition::Exists, noon()).await.unwrap();
    }
}

/// A deleted user is neither updated nor listed nor counted.
pub async fn a_deleted_user_is_gone_everywhere(users: Users) {
    let (ada, grace) = (full_user("ada"), named_user("grace", "grace"));
    for user in [&ada, &grace] {
        users.create(user.clone()).await.unwrap();
    }
    users.delete(ada.id(), in_version(ada.version()), noon()).await.unwrap();
    for precondition in [Precondition::Exists, in_version(ada.version())] {
        let answer = users.update(ada.id(), bio_update("x"), precondition, noon()).await;
        assert_eq!(answer, Err(WriteError::Rejected(Rejection::NotFound)));
    }
    assert_eq!(users.list(&UserQuery::default()).await.unwrap().users, [grace]);
    assert_eq!(users.count(&UserFilter::default()).await, Ok(1));
    let key = ada.profile().username.as_ref().map(Username::key);
    let by_name = UserFilter { username: key, ..UserFilter::default() };
    assert_eq!(users.count(&by_name).await, Ok(0));
    assert!(
        users.list(&UserQuery { filter: by_name, ..UserQuery::default() }).await.unwrap().users.is_empty()
    );
}

/// Other users stay as they are.
pub async fn a_deletion_leaves_other_users_as_they_are(users: Users) {
    let others = [full_user("a"), minimal_user("adA"), named_user("ada.", "ada1"), minimal_user("b")];
    for user in &others {
        users.create(user.clone()).await.unwrap();
    }
    users.create(minimal_user("ada")).await.unwrap();
    users.delete(&user_id("ada"), Precondition::Exists, noon()).await.unwrap();
    for user in others {
        assert_eq!(users.find(user.id()).await, Ok(Some(user)));
    }
}

fn in_version(version: Version) -> Precondition {
    Precondition::VersionIn(vec![version])
}

/// That the user is in a version that lies one of these numbers after its own.
fn versions_around(user: &User, after: Vec<i64>) -> Precondition {
    let version = |after| Version::from_stored(user.version().number() + after);
    Precondition::VersionIn(after.into_iter().map(version).collect())
}
