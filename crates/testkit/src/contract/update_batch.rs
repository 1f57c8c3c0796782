//! Contracts of [`Users::write`](users_ports::Users::write): an update that is refused does not make
//! any other one fail, however many are carried out together.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use users_domain::{Precondition, Profile, User, UserId, UserUpdate};
use users_ports::{Rejection, WriteError};

use super::Users;
use super::dice::Dice;
use super::together::{at_once, in_order};
use crate::{bio_update, full_profile, named_user, noon, other_profile, update_to, user_id, username_update};

/// An update, and what must become of it.
#[derive(Clone)]
struct Case {
    id: UserId,
    update: UserUpdate,
    precondition: Precondition,
    expected: Result<User, WriteError>,
}

/// Of 200 updates at once, each from a task of its own, each gets precisely its own outcome.
pub async fn each_of_many_updates_at_once_gets_its_own_outcome(users: Users) {
    let cases = prepare(&users).await;
    let answers = at_once(cases.iter().cloned().map(|case| carry_out(Arc::clone(&users), case))).await;
    check(&users, cases, answers).await;
}

/// So it does where all are handed over from one task, and are gathered in batches as large as can be.
pub async fn each_of_many_updates_from_one_task_gets_its_own_outcome(users: Users) {
    let cases = prepare(&users).await;
    let answers = in_order(cases.iter().cloned().map(|case| carry_out(Arc::clone(&users), case))).await;
    check(&users, cases, answers).await;
}

/// A refused update of a user does not spoil the good ones of the same user around it.
pub async fn refused_updates_do_not_spoil_good_ones_of_the_same_user(users: Users) {
    let user = named_user("ada", "ada");
    users.create(user.clone()).await.unwrap();
    users.create(named_user("grace", "grace")).await.unwrap();
    let answers = in_order((0..60).map(|number| {
        let (update, precondition) = match number % 4 {
            0 => (username_update("GRACE").then(bio_update("never")), Precondition::Exists),
            1 => (bio_update("never"), Precondition::VersionIn(vec![])),
            _ => (bio_update(&number.to_string()), Precondition::Exists),
        };
        let (users, id) = (Arc::clone(&users), user.id().clone());
        async move { users.update(&id, update, precondition, noon()).await }
    }))
    .await;
    let mut current = user;
    for (number, answer) in answers.into_iter().enumerate() {
        match number % 4 {
            0 => assert_eq!(answer, Err(WriteError::Rejected(Rejection::UsernameTaken))),
            1 => assert_eq!(
                answer,
                Err(WriteError::Rejected(Rejection::PreconditionFailed { current: current.version() }))
            ),
            _ => {
                current.apply(bio_update(&number.to_string()), &Precondition::Exists, noon()).unwrap();
                assert_eq!(answer, Ok(current.clone()));
            }
        }
    }
    assert_eq!(users.find(current.id()).await, Ok(Some(current)));
}

/// Creates the users of 200 updates of every kind, and gives the updates back in a shuffled order.
async fn prepare(users: &Users) -> Vec<Case> {
    users.create(named_user("holder", "Taken")).await.unwrap();
    let mut cases = Vec::new();
    for number in 0..200 {
        let case = case_of_kind(number);
        if case.expected != Err(WriteError::Rejected(Rejection::NotFound)) {
            users.create(before(number)).await.unwrap();
        }
        cases.push(case);
    }
    Dice::new(7).shuffle(&mut cases);
    cases
}

/// The user of an update as it is before it.
fn before(number: u32) -> User {
    let profile = Profile { username: None, ..full_profile() };
    User::create(user_id(&number.to_string()), profile, noon())
}

/// An update of the kind that its number says; each is of another user.
fn case_of_kind(number: u32) -> Case {
    let before = before(number);
    let right = || Precondition::VersionIn(vec![before.version()]);
    let everything = update_to(&Profile { username: None, ..other_profile() });
    let taken = Err(WriteError::Rejected(Rejection::UsernameTaken));
    let stale = Err(WriteError::Rejected(Rejection::PreconditionFailed { current: before.version() }));
    let (update, precondition, refusal) = match number % 10 {
        0 => (bio_update("x"), Precondition::Exists, Err(WriteError::Rejected(Rejection::NotFound))),
        1 => (everything, Precondition::VersionIn(vec![before.version().next()]), stale),
        2 => (username_update("tAKEN"), Precondition::Exists, taken),
        3 => (bio_update("x").then(username_update("TAKEN")), right(), taken),
        4 => (username_update("taken"), Precondition::VersionIn(vec![]), stale),
        5 => (update_to(before.profile()), right(), Ok(())),
        6 => (UserUpdate::default(), Precondition::Exists, Ok(())),
        7 => (username_update(&format!("name{number}")), Precondition::Exists, Ok(())),
        8 => (everything, right(), Ok(())),
        _ => (bio_update(&number.to_string()), Precondition::Exists, Ok(())),
    };
    let mut after = before;
    let expected = refusal.map(|()| {
        after.apply(update.clone(), &precondition, later()).unwrap();
        after.clone()
    });
    Case { id: after.id().clone(), update, precondition, expected }
}

fn later() -> DateTime<Utc> {
    noon() + TimeDelta::seconds(1)
}

async fn carry_out(users: Users, case: Case) -> Result<User, WriteError> {
    users.update(&case.id, case.update, case.precondition, later()).await
}

/// Checks each answer, and that it is what was kept.
async fn check(users: &Users, cases: Vec<Case>, answers: Vec<Result<User, WriteError>>) {
    for (case, answer) in cases.into_iter().zip(answers) {
        assert_eq!(answer, case.expected, "{:?} with {:?}", case.update, case.precondition);
        let number = case.id.as_str().parse().unwrap();
        let kept = match case.expected {
            Ok(after) => Some(after),
            Err(WriteError::Rejected(Rejection::NotFound)) => None,
            Err(_) => Some(before(number)),
        };
        assert_eq!(users.find(&case.id).await, Ok(kept));
    }
}
