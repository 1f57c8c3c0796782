//! Contracts of every port: a call that is given up leaves the store as if it had happened or had not.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use chrono::TimeDelta;
use users_domain::{Bio, Precondition, User};
use users_ports::{Ending, Rejection, WriteError};

use super::commands::{create, delete, request, update};
use super::together::at_once;
use super::{Tokens, Users};
use crate::{bio_update, minimal_user, named_user, noon, token_record, user_id, username_update};

/// Hands a call over and gives it up at once, unless it is answered at once.
async fn give_up(call: impl Future) {
    let mut call = pin!(call);
    std::future::poll_fn(|context| {
        let _ = call.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

/// An update that is given up is carried out in full or not at all, and before every later one of the user.
pub async fn an_update_that_is_given_up_happens_or_not(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let id = created.id();
    for round in 0..50 {
        let before = users.find(id).await.unwrap().unwrap();
        let given_up = bio_update("given up").then(username_update("given.up"));
        give_up(users.update(id, given_up.clone(), Precondition::Exists, noon())).await;
        // A call that was never polled has not been made.
        drop(users.update(id, bio_update("never"), Precondition::Exists, noon()));

        let last = bio_update(&round.to_string());
        let answer = users.update(id, last.clone(), Precondition::Exists, noon()).await.unwrap();
        let (mut without, mut with) = (before.clone(), before);
        with.apply(given_up, &Precondition::Exists, noon()).unwrap();
        for expected in [&mut without, &mut with] {
            expected.apply(last.clone(), &Precondition::Exists, noon()).unwrap();
        }
        assert!(answer == without || answer == with, "{answer:?} is neither {without:?} nor {with:?}");
        assert_eq!(users.find(id).await, Ok(Some(answer)));
    }
}

/// Calls that wait for their answers get them, also where the calls around them are given up.
pub async fn calls_around_one_that_is_given_up_are_answered(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let answers = at_once((0..60).map(|number| {
        let users = Arc::clone(&users);
        async move {
            let (id, update) = (user_id("ada"), bio_update(&number.to_string()));
            let call = users.update(&id, update, Precondition::Exists, noon());
            if number % 2 == 1 {
                return Some(call.await.unwrap());
            }
            give_up(call).await;
            None
        }
    }))
    .await;
    let mut kept: Vec<User> = answers.iter().flatten().cloned().collect();
    assert_eq!(kept.len(), 30);
    for (number, answer) in
        answers.iter().enumerate().filter_map(|(number, answer)| Some((number, answer.as_ref()?)))
    {
        assert_eq!(answer.profile().bio.as_ref().map(Bio::as_str), Some(number.to_string().as_str()));
    }
    kept.sort_by_key(User::version);
    kept.dedup_by_key(|user| user.version());
    assert_eq!(kept.len(), 30, "two updates made the same version");
    let last = users.update(created.id(), bio_update("last"), Precondition::Exists, noon()).await.unwrap();
    let versions = last.version().number() - created.version().number();
    assert!((31..=61).contains(&versions), "{versions} versions of 31 to 61 updates");
}

/// A creation that is given up has made the whole user or none.
pub async fn a_creation_that_is_given_up_happens_or_not(users: Users) {
    for round in 0..30 {
        let first = named_user(&format!("user{round}"), &format!("first{round}"));
        let second = named_user(&format!("user{round}"), &format!("second{round}"));
        give_up(users.create(first.clone())).await;
        let kept = match users.create(second.clone()).await {
            Ok(user) => user,
            Err(WriteError::Rejected(Rejection::IdTaken)) => first.clone(),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(users.find(first.id()).await, Ok(Some(kept.clone())));
        // Its username is taken, and that of the other user is not.
        let third = minimal_user(&format!("third{round}"));
        users.create(third.clone()).await.unwrap();
        for (name, of) in [("first", &first), ("second", &second)] {
            let request = username_update(&format!("{name}{round}"));
            let answer = users.update(third.id(), request, Precondition::Exists, noon()).await;
            assert_eq!(
                answer.err(),
                (kept == *of).then_some(WriteError::Rejected(Rejection::UsernameTaken)),
                "{name}"
            );
        }
    }
}

/// A deletion that is given up has deleted the whole user or nothing, now or a little later.
pub async fn a_deletion_that_is_given_up_happens_or_not(users: Users) {
    users.create(minimal_user("bystander")).await.unwrap();
    for round in 0..30 {
        let user = named_user(&format!("user{round}"), "Ada");
        users.create(user.clone()).await.unwrap();
        give_up(users.delete(user.id(), Precondition::Exists, noon())).await;
        // A call that was never polled has not been made.
        drop(users.delete(&user_id("bystander"), Precondition::Exists, noon()));

        let updated = users.update(user.id(), bio_update("x"), Precondition::Exists, noon()).await;
        let deleted = users.delete(user.id(), Precondition::Exists, noon()).await;
        match (updated, deleted) {
            (Ok(updated), Ok(deleted)) => assert_eq!(deleted, updated),
            (
                Ok(_) | Err(WriteError::Rejected(Rejection::NotFound)),
                Err(WriteError::Rejected(Rejection::NotFound)),
            ) => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(users.find(user.id()).await, Ok(None));
    }
    assert_eq!(users.find(&user_id("bystander")).await, Ok(Some(minimal_user("bystander"))));
}

/// A transaction that is given up has carried out all its commands and kept its idempotency record, or none and nothing.
pub async fn a_transaction_that_is_given_up_happens_or_not(users: Users) {
    for round in 0..30 {
        let (key, id) = (request(&round.to_string(), 1), format!("user{round}"));
        let commands = vec![create(&minimal_user(&id)), update(&id, bio_update("x")), delete("nobody")];
        give_up(users.transact_at(commands.clone(), Ending::Once(key.clone()), noon())).await;
        give_up(users.transact_at(vec![create(&minimal_user("never"))], Ending::RollBack, noon())).await;

        // Whoever asks again gets what became of it, as soon as that is known.
        let transacted = loop {
            match users.transact_at(commands.clone(), Ending::Once(key.clone()), noon()).await {
                Err(WriteError::KeyInUse) => tokio::task::yield_now().await,
                answer => break answer.unwrap(),
            }
        };
        let mut user = minimal_user(&id);
        let created = Ok(user.clone());
        user.apply(bio_update("x"), &Precondition::Exists, noon()).unwrap();
        assert_eq!(transacted.outcomes, [created, Ok(user.clone()), Err(Rejection::NotFound)]);
        assert_eq!(users.find(user.id()).await, Ok(Some(user)));
        assert_eq!(users.find(&user_id("never")).await, Ok(None));
    }
}

/// A rotation that is given up happens or not: there is an end and a successor, or neither.
pub async fn a_rotation_that_is_given_up_happens_or_not(tokens: Tokens) {
    for number in 0..50 {
        let old = token_record(&format!("old{number}"));
        tokens.create(old.clone()).await.unwrap();
        let new = token_record(&format!("new{number}"));
        give_up(tokens.rotate(&old.id, new, noon() + TimeDelta::seconds(1))).await;
        let listed = tokens.list().await.unwrap();
        let ended = listed.iter().filter(|token| token.expires_at.is_some()).count();
        assert_eq!(listed.len(), number + 1 + ended);
    }
}
