//! Contracts of [`Users::write`](users_ports::Users::write): a creation that is refused does not make
//! any other one fail, however many are carried out together.

use std::collections::HashMap;
use std::sync::Arc;

use users_domain::{Profile, User, Username};
use users_ports::{Rejection, WriteError};

use super::Users;
use super::dice::Dice;
use super::together::{at_once, in_order};
use crate::{full_profile, minimal_user, named_user, noon, odd_profile, other_profile, user_id, username};

type Answer = Result<User, WriteError>;

/// Of 200 creations that are handed over from one task, and are gathered in batches as large as can be, each gets
/// precisely its own outcome.
pub async fn each_of_many_creations_from_one_task_gets_its_own_outcome(users: Users) {
    users.create(named_user("taken", "Taken")).await.unwrap();
    let mut cases: Vec<_> = (0..200).map(case_of_kind).collect();
    Dice::new(3).shuffle(&mut cases);
    let answers = in_order(cases.iter().cloned().map(|(user, _)| create(&users, user))).await;
    for ((user, refusal), answer) in cases.into_iter().zip(answers) {
        let id = user.id().clone();
        let kept = match &refusal {
            None => Some(user.clone()),
            Some(WriteError::Rejected(Rejection::IdTaken)) => Some(named_user("taken", "Taken")),
            Some(_) => None,
        };
        assert_eq!(answer, refusal.map_or(Ok(user), Err));
        assert_eq!(users.find(&id).await, Ok(kept));
    }
}

/// A creation of the kind that its number says, and why it is refused.
fn case_of_kind(number: u32) -> (User, Option<WriteError>) {
    let id = user_id(&number.to_string());
    let unnamed = |profile| User::create(id.clone(), Profile { username: None, ..profile }, noon());
    match number % 8 {
        0 => (minimal_user("taken"), Some(WriteError::Rejected(Rejection::IdTaken))),
        1 => (named_user("taken", "TAKEN"), Some(WriteError::Rejected(Rejection::IdTaken))),
        2 => (named_user(id.as_str(), "tAKEN"), Some(WriteError::Rejected(Rejection::UsernameTaken))),
        3 => (named_user(id.as_str(), &format!("name{number}")), None),
        4 => (unnamed(full_profile()), None),
        5 => (unnamed(odd_profile()), None),
        6 => (unnamed(other_profile()), None),
        _ => (minimal_user(id.as_str()), None),
    }
}

/// Of 32 creations of one id and 32 of one username, one each is kept, and all the others around them are.
pub async fn conflicts_among_many_creations_harm_no_other(users: Users) {
    let cases = |round: u32| {
        let mut cases = Vec::new();
        for number in 0..32 {
            cases.push(named_user(&format!("one{round}"), &format!("id{round}.{number}")));
            cases.push(named_user(&format!("name{round}.{number}"), &format!("One{round}")));
            cases.push(minimal_user(&format!("free{round}.{number}")));
            cases.push(named_user(&format!("named{round}.{number}"), &format!("free{round}.{number}")));
        }
        Dice::new(u64::from(round)).shuffle(&mut cases);
        cases
    };
    let at_once = at_once(cases(0).into_iter().map(|user| create(&users, user))).await;
    check_conflicts(&users, 0, cases(0), at_once).await;
    let in_order = in_order(cases(1).into_iter().map(|user| create(&users, user))).await;
    check_conflicts(&users, 1, cases(1), in_order).await;
}

async fn check_conflicts(users: &Users, round: u32, cases: Vec<User>, answers: Vec<Answer>) {
    let (one_id, one_name) = (format!("one{round}"), format!("name{round}."));
    let (mut ids, mut names) = (0, 0);
    for (user, answer) in cases.into_iter().zip(answers) {
        let (count, refusal) = match user.id().as_str() {
            id if id == one_id => (&mut ids, WriteError::Rejected(Rejection::IdTaken)),
            id if id.starts_with(&one_name) => (&mut names, WriteError::Rejected(Rejection::UsernameTaken)),
            _ => (&mut 0, WriteError::Rejected(Rejection::IdTaken)),
        };
        let is_conflict = user.id().as_str() == one_id || user.id().as_str().starts_with(&one_name);
        match answer {
            Ok(kept) => {
                *count += 1;
                assert_eq!(kept, user);
                assert_eq!(users.find(user.id()).await, Ok(Some(user)));
            }
            Err(error) => {
                assert!(is_conflict, "{:?}: {error:?}", user.id());
                assert_eq!(error, refusal);
            }
        }
    }
    assert_eq!((ids, names), (1, 1), "round {round}");
}

/// Of many creations at once that compete for few ids and few usernames, as many are kept as can be: each refusal
/// has a user that it is for.
pub async fn every_refused_creation_has_its_reason(users: Users) {
    for round in 0..4 {
        let mut dice = Dice::new(round);
        let mut pool = Vec::new();
        for _ in 0..150 {
            let id = format!("{round}.{}", dice.roll(60));
            let name = dice.pick(&["a", "A", "\u{FF41}", "b", "c", "d"]);
            let name = (dice.roll(3) == 0).then(|| username(&format!("{name}{round}")));
            pool.push(User::create(
                user_id(&id),
                Profile { username: name, ..dice.pick(&[full_profile(), Profile::default()]) },
                noon(),
            ));
        }
        let answers = at_once(pool.iter().cloned().map(|user| create(&users, user))).await;
        let mut holders = HashMap::new();
        for kept in answers.iter().flatten() {
            assert_eq!(users.find(kept.id()).await, Ok(Some(kept.clone())));
            if let Some(key) = kept.profile().username.as_ref().map(Username::key) {
                assert_eq!(holders.insert(key, kept.id()), None, "{kept:?}");
            }
        }
        for (user, answer) in pool.iter().zip(&answers) {
            let kept = users.find(user.id()).await.unwrap();
            match answer {
                Ok(answer) => assert_eq!(kept.as_ref(), Some(answer)),
                Err(WriteError::Rejected(Rejection::IdTaken)) => assert!(kept.is_some(), "{user:?}"),
                Err(WriteError::Rejected(Rejection::UsernameTaken)) => {
                    let key = user.profile().username.as_ref().map(Username::key).unwrap();
                    assert!(holders.contains_key(&key), "{user:?}");
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

fn create(users: &Users, user: User) -> impl Future<Output = Answer> + Send + use<> {
    let users = Arc::clone(users);
    async move { users.create(user).await }
}
