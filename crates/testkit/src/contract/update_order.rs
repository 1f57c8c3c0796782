//! Contracts of [`Users::write`](users_ports::Users::write): updates of one user that are handed
//! over one after the other take effect in that order.

use std::sync::Arc;

use chrono::TimeDelta;
use users_domain::{Bio, Change, Precondition, Profile, User, UserUpdate, Username, Version};
use users_ports::Users as _;
use users_ports::{Rejection, WriteError};

use super::Users;
use super::dice::Dice;
use super::together::in_order;
use crate::{
    MEMBERS, MemoryStore, UserStore as _, bio_update, full_profile, minimal_user, named_user, noon,
    odd_profile, other_profile, update_member, update_to, user_id, username_update,
};

/// Updates of one user are carried out in the order in which they were handed over: the last one wins.
pub async fn updates_of_one_user_take_effect_in_order(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    for length in [2, 3, 17, 64] {
        let before = users.find(created.id()).await.unwrap().unwrap();
        let answers = in_order((0..length).map(|number| update_bio(&users, "ada", number))).await;
        for (number, answer) in (0..length).zip(&answers) {
            assert_eq!(answer.version().number(), before.version().number() + i64::from(number) + 1);
            assert_eq!(answer.profile().bio.as_ref().map(Bio::as_str), Some(number.to_string().as_str()));
        }
        assert_eq!(users.find(created.id()).await.unwrap(), answers.last().cloned());
    }
}

/// So are those of several users whose updates are handed over in turn.
pub async fn updates_of_several_users_take_effect_in_order(users: Users) {
    let ids = ["a", "b", "c", "d", "e", "f", "g"];
    for id in ids {
        users.create(minimal_user(id)).await.unwrap();
    }
    let turns: Vec<_> = (0..20).flat_map(|number| ids.map(|id| (id, number))).collect();
    let answers = in_order(turns.iter().map(|(id, number)| update_bio(&users, id, *number))).await;
    for ((id, number), answer) in turns.iter().zip(&answers) {
        assert_eq!(answer.version().number() - minimal_user(id).version().number(), i64::from(*number) + 1);
        assert_eq!(answer.profile().bio.as_ref().map(Bio::as_str), Some(number.to_string().as_str()));
    }
    for id in ids {
        let last =
            turns.iter().zip(&answers).rfind(|((turn, _), _)| *turn == id).map(|(_, answer)| answer.clone());
        assert_eq!(users.find(&user_id(id)).await, Ok(last));
    }
}

async fn update_bio(users: &Users, id: &str, number: i32) -> User {
    let update = bio_update(&number.to_string());
    users.update(&user_id(id), update, Precondition::Exists, noon()).await.unwrap()
}

/// An update that waits for the version of the one before it is carried out: the order holds for preconditions too.
pub async fn each_update_may_build_on_the_one_before(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let answers =
        in_order((0..30).map(|number| {
            let version = Version::from_stored(created.version().number() + number);
            let (users, update) = (Arc::clone(&users), bio_update(&number.to_string()));
            async move {
                users.update(&user_id("ada"), update, Precondition::VersionIn(vec![version]), noon()).await
            }
        }))
        .await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}

/// A username is given up, taken back and refused in the order in which that was handed over.
pub async fn usernames_of_one_user_change_in_order(users: Users) {
    users.create(named_user("ada", "ada")).await.unwrap();
    users.create(named_user("grace", "grace")).await.unwrap();
    let cleared = UserUpdate { username: Change::Clear, ..UserUpdate::default() };
    let steps = [
        (username_update("countess"), Ok(Some("countess"))),
        (username_update("GRACE"), Err(WriteError::Rejected(Rejection::UsernameTaken))),
        (bio_update("x"), Ok(Some("countess"))),
        (username_update("Countess"), Ok(Some("Countess"))),
        (cleared, Ok(None)),
        (username_update("grace"), Err(WriteError::Rejected(Rejection::UsernameTaken))),
        (username_update("countess"), Ok(Some("countess"))),
        (UserUpdate::default(), Ok(Some("countess"))),
        (username_update("ada"), Ok(Some("ada"))),
    ];
    let answers = in_order(steps.iter().map(|(update, _)| {
        let (users, update) = (Arc::clone(&users), update.clone());
        async move { users.update(&user_id("ada"), update, Precondition::Exists, noon()).await }
    }))
    .await;
    for (answer, (update, expected)) in answers.into_iter().zip(steps) {
        let username = answer.map(|user| user.into_parts().profile.username.map(Username::into_string));
        assert_eq!(username, expected.map(|name| name.map(str::to_owned)), "{update:?}");
    }
}

/// Updates of every kind, handed over one after the other, are answered as if each had waited for the one before:
/// changes, changes of the username, right and stale preconditions, and some that change nothing.
pub async fn updates_of_every_kind_take_effect_in_order(users: Users) {
    let oracle = MemoryStore::default();
    for user in [minimal_user("ada"), named_user("grace", "Taken")] {
        users.create(user.clone()).await.unwrap();
        oracle.create(user).await.unwrap();
    }
    let ada = user_id("ada");
    let mut dice = Dice::new(5);
    for _ in 0..6 {
        let (mut calls, mut expected) = (Vec::new(), Vec::new());
        for step in 0..50 {
            let current = oracle.find(&ada).await.unwrap().unwrap();
            let (update, precondition) = any_update(&mut dice, &current);
            let now = noon() + TimeDelta::seconds(step);
            expected.push(oracle.update(&ada, update.clone(), precondition.clone(), now).await);
            let (users, ada) = (Arc::clone(&users), ada.clone());
            calls.push(async move { users.update(&ada, update, precondition, now).await });
        }
        for (step, (answer, expected)) in in_order(calls).await.into_iter().zip(expected).enumerate() {
            assert_eq!(answer, expected, "step {step}");
        }
        assert_eq!(users.find(&ada).await, oracle.find(&ada).await);
    }
}

/// An update of any kind, for a user who will be this one when its turn comes.
pub(super) fn any_update(dice: &mut Dice, current: &User) -> (UserUpdate, Precondition) {
    let profiles = [full_profile(), other_profile(), odd_profile(), Profile::default()];
    let update = match dice.roll(8) {
        0 => UserUpdate::default(),
        1 => update_to(current.profile()),
        2 => username_update(dice.pick(&["taken", "TAKEN", "free", "Free", "open"])),
        3 => bio_update(&dice.roll(3).to_string()),
        4 => update_to(&dice.pick(&profiles)),
        _ => {
            let one = update_member(dice.pick(&MEMBERS), &dice.pick(&profiles));
            one.then(update_member(dice.pick(&MEMBERS), &dice.pick(&profiles)))
        }
    };
    let version = |after: i64| Version::from_stored(current.version().number() + after);
    let precondition = match dice.roll(8) {
        0 => Precondition::VersionIn(vec![version(-1)]),
        1 => Precondition::VersionIn(vec![version(1), version(2)]),
        2 => Precondition::VersionIn(vec![]),
        3 | 4 => Precondition::VersionIn(vec![version(0)]),
        _ => Precondition::Exists,
    };
    (update, precondition)
}
