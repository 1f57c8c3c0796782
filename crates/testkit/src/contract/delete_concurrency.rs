//! Contracts of [`Users::write`](users_ports::Users::write): what happens to the user at the same time.

use std::sync::Arc;

use chrono::TimeDelta;
use users_domain::{Bio, Precondition, Profile, User, Version};
use users_ports::{Rejection, WriteError};

use super::Users;
use super::together::{at_once, in_order};
use crate::{bio_update, full_user, minimal_user, named_user, noon, user_id};

/// Of many deletions of one user at once, exactly one gets the user; there is none for the others.
pub async fn of_many_deletions_of_one_user_one_gets_it(users: Users) {
    for round in 0..4 {
        let user = full_user(&round.to_string());
        users.create(user.clone()).await.unwrap();
        let answers = at_once((0..32).map(|number| {
            let (users, user) = (Arc::clone(&users), user.clone());
            let right = Precondition::VersionIn(vec![user.version()]);
            let precondition = if number % 2 == 0 { Precondition::Exists } else { right };
            async move { users.delete(user.id(), precondition, noon()).await }
        }))
        .await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(done, [Ok(user.clone())]);
        assert!(
            refused.iter().all(|answer| *answer == Err(WriteError::Rejected(Rejection::NotFound))),
            "{refused:?}"
        );
        assert_eq!(users.find(user.id()).await, Ok(None));
    }
}

/// A deletion comes after the updates of the user that were handed over before it: it gives the user back as the
/// last of them made it.
pub async fn a_deletion_comes_after_the_updates_before_it(users: Users) {
    for length in [1, 2, 17, 64] {
        let user = minimal_user(&format!("user{length}"));
        users.create(user.clone()).await.unwrap();
        let last = Version::from_stored(user.version().number() + length);
        let answers = in_order((0..=length).map(|number| {
            let (users, id) = (Arc::clone(&users), user.id().clone());
            async move {
                if number < length {
                    let update = bio_update(&number.to_string());
                    return users.update(&id, update, Precondition::Exists, noon()).await.ok();
                }
                users.delete(&id, Precondition::VersionIn(vec![last]), noon()).await.ok()
            }
        }))
        .await;
        assert!(answers.iter().all(Option::is_some), "{length}: {answers:?}");
        let deleted = answers.into_iter().next_back().flatten().unwrap();
        assert_eq!(deleted.version(), last);
        let bio = (length - 1).to_string();
        assert_eq!(deleted.profile().bio.as_ref().map(Bio::as_str), Some(bio.as_str()));
        assert_eq!(users.find(user.id()).await, Ok(None));
    }
}

/// Each update beside a deletion is in what was deleted, or finds no user: none is lost in between.
pub async fn updates_beside_a_deletion_are_in_it_or_find_nobody(users: Users) {
    for round in 0..6 {
        let user = minimal_user(&round.to_string());
        users.create(user.clone()).await.unwrap();
        let answers = at_once((0..40).map(|number| {
            let (users, id) = (Arc::clone(&users), user.id().clone());
            async move {
                if number == 20 {
                    return Ok(users.delete(&id, Precondition::Exists, noon()).await.unwrap());
                }
                let update = bio_update(&number.to_string());
                users.update(&id, update, Precondition::Exists, noon()).await
            }
        }))
        .await;
        let refused = answers
            .iter()
            .filter(|answer| **answer == Err(WriteError::Rejected(Rejection::NotFound)))
            .count();
        let mut done: Vec<_> = answers.into_iter().filter_map(Result::ok).collect();
        assert_eq!(done.len() + refused, 40);
        done.sort_by_key(User::version);
        let versions: Vec<_> = done.iter().map(|user| user.version().number()).collect();
        // What was deleted is in the version of the last update: that one is there twice, every other once.
        let updates = i64::try_from(done.len() - 1).unwrap();
        let (first, last) = (user.version().number() + 1, user.version().number() + updates);
        assert_eq!(versions, (first..=last).chain([last]).collect::<Vec<_>>());
        assert!(done.iter().rev().take(2).all(|user| Some(user) == done.last()), "{done:?}");
        assert_eq!(users.find(user.id()).await, Ok(None));
    }
}

/// Of many updates and deletions that are meant for one version, exactly one is carried out.
pub async fn of_many_updates_and_deletions_of_one_version_one_is_carried_out(users: Users) {
    for round in 0..8 {
        let user = full_user(&round.to_string());
        users.create(user.clone()).await.unwrap();
        let answers = at_once((0..32).map(|number| {
            let (users, user) = (Arc::clone(&users), user.clone());
            let precondition = Precondition::VersionIn(vec![user.version()]);
            async move {
                if (number + round) % 2 == 0 {
                    return users.delete(user.id(), precondition, noon()).await;
                }
                let update = bio_update(&number.to_string());
                users.update(user.id(), update, precondition, noon()).await
            }
        }))
        .await;
        let (mut done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 1, "{done:?}");
        let done = done.pop().unwrap().unwrap();
        let (kept, refusal) = if done.version() == user.version() {
            (None, WriteError::Rejected(Rejection::NotFound))
        } else {
            (
                Some(done.clone()),
                WriteError::Rejected(Rejection::PreconditionFailed { current: done.version() }),
            )
        };
        assert!(refused.iter().all(|answer| answer.as_ref() == Err(&refusal)), "{refused:?}");
        assert_eq!(users.find(user.id()).await, Ok(kept));
        // The username is free for the next round.
        if done.version() != user.version() {
            users.delete(user.id(), Precondition::Exists, noon()).await.unwrap();
        }
    }
}

/// One id that is made and deleted by many at once: each user that was made is deleted once, but for one that may be left.
pub async fn creations_and_deletions_of_one_id_take_turns(users: Users) {
    let answers = at_once((0..8).map(|task| {
        let users = Arc::clone(&users);
        async move {
            let (mut made, mut deleted) = (Vec::new(), Vec::new());
            for round in 0..10 {
                let now = noon() + TimeDelta::microseconds(task * 10 + round);
                match users.create(User::create(user_id("ada"), Profile::default(), now)).await {
                    Ok(user) => made.push(user.version()),
                    Err(error) => assert_eq!(error, WriteError::Rejected(Rejection::IdTaken)),
                }
                match users.delete(&user_id("ada"), Precondition::Exists, noon()).await {
                    Ok(user) => deleted.push(user.version()),
                    Err(error) => assert_eq!(error, WriteError::Rejected(Rejection::NotFound)),
                }
            }
            (made, deleted)
        }
    }))
    .await;
    let (made, deleted): (Vec<_>, Vec<_>) = answers.into_iter().unzip();
    let (mut made, mut deleted) = (made.concat(), deleted.concat());
    deleted.extend(users.find(&user_id("ada")).await.unwrap().map(|left| left.version()));
    made.sort_unstable();
    deleted.sort_unstable();
    assert_eq!(made, deleted);
}

/// A username that a deletion gives up while many claim it is had by one of them at most, and by nobody in between.
pub async fn a_username_that_is_given_up_is_had_by_one(users: Users) {
    for round in 0..4 {
        let holder = named_user(&format!("holder{round}"), "ada");
        users.create(holder.clone()).await.unwrap();
        let claims = (0..24).map(|number| {
            let users = Arc::clone(&users);
            let user = named_user(&format!("{round}.{number}"), "ADA");
            async move { users.create(user).await }
        });
        let (answers, deleted) =
            tokio::join!(at_once(claims), users.delete(holder.id(), Precondition::Exists, noon()));
        assert_eq!(deleted, Ok(holder));
        let (had, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert!(had.len() <= 1, "{had:?}");
        let taken = Err(WriteError::Rejected(Rejection::UsernameTaken));
        assert!(refused.iter().all(|answer| *answer == taken), "{refused:?}");
        let again = users.create(named_user(&format!("{round}.last"), "aDa")).await;
        assert_eq!(again.is_ok(), had.is_empty(), "{again:?}");
        let last = had.into_iter().next().unwrap_or(again).unwrap();
        users.delete(last.id(), Precondition::Exists, noon()).await.unwrap();
    }
}
