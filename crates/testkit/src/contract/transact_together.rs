//! Contracts of [`Users::transact`](users_ports::Users::transact): what happens at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use users_domain::{Change, Label, Precondition, Profile, User, UserFilter, UserQuery, UserUpdate, Version};
use users_ports::{CommandOutcome, Ending, Rejection, UserCommand, WriteError};

use super::Users;
use super::commands::{carry_out, create, delete, request, update};
use super::dice::Dice;
use super::together::at_once;
use crate::{bio_update, full_user, minimal_user, named_user, noon, user_id, username_update};

/// Carries out commands under an idempotency record that nobody else makes.
async fn once(users: &Users, commands: Vec<UserCommand>, key: &str) -> Vec<CommandOutcome> {
    users.transact_at(commands, Ending::Once(request(key, 1)), noon()).await.unwrap().outcomes
}

/// Of many copies of one request at once exactly one takes effect; the others get its outcomes, or are told that it
/// is under way.
pub async fn of_many_copies_of_a_request_one_takes_effect(users: Users) {
    for round in 0..4_u64 {
        let user = minimal_user(&round.to_string());
        users.create(user.clone()).await.unwrap();
        let answers = at_once((0..32).map(|number| {
            let (users, id) = (Arc::clone(&users), user.id().clone());
            // Each copy would do something else, so that it shows which one was carried out.
            let new = minimal_user(&format!("{round}.{number}"));
            let commands = vec![update(id.as_str(), bio_update(&number.to_string())), create(&new)];
            let ending = Ending::Once(request(id.as_str(), 1));
            async move { users.transact_at(commands, ending, noon()).await }
        }))
        .await;
        let kept = users.recall(&request(user.id().as_str(), 1), noon()).await.unwrap().unwrap();
        let mut effects = 0;
        for answer in answers {
            match answer {
                Ok(transacted) => {
                    assert_eq!(transacted.outcomes, kept);
                    effects += u32::from(!transacted.replayed);
                }
                Err(error) => assert_eq!(error, WriteError::KeyInUse),
            }
        }
        assert_eq!(effects, 1);
        let after = users.find(user.id()).await.unwrap().unwrap();
        assert_eq!(after.version(), user.version().next());
        assert_eq!(kept.first(), Some(&Ok(after)));
        assert_eq!(users.count(&UserFilter::default()).await, Ok(2 * (round + 1)));
    }
}

/// Of many different requests with one key at once, one takes effect; the others are told why they do not.
pub async fn of_many_requests_with_one_key_one_takes_effect(users: Users) {
    let answers = at_once((0..32).map(|number| {
        let users = Arc::clone(&users);
        let commands = vec![create(&minimal_user(&number.to_string()))];
        async move { users.transact_at(commands, Ending::Once(request("key", number)), noon()).await }
    }))
    .await;
    let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(done.len(), 1, "{refused:?}");
    let told = |answer: &Result<_, _>| matches!(answer, Err(WriteError::KeyInUse | WriteError::KeyReused));
    assert!(refused.iter().all(told), "{refused:?}");
    assert_eq!(users.count(&UserFilter::default()).await, Ok(1));
}

/// Copies of a request that is refused are refused, and leave the key free.
pub async fn copies_of_a_refused_request_leave_the_key_free(users: Users) {
    let answers =
        at_once(
            (0..32).map(|_| {
                let users = Arc::clone(&users);
                async move {
                    users.transact_at(vec![delete("nobody")], Ending::Once(request("key", 1)), noon()).await
                }
            }),
        )
        .await;
    for answer in answers {
        match answer {
            Ok(transacted) => {
                assert!(!transacted.replayed);
                assert_eq!(transacted.outcomes, [Err(Rejection::NotFound)]);
            }
            Err(error) => assert_eq!(error, WriteError::KeyInUse),
        }
    }
    assert_eq!(users.recall(&request("key", 1), noon()).await, Ok(None));
    let outcomes = once(&users, vec![create(&minimal_user("a"))], "key").await;
    assert_eq!(outcomes, [Ok(minimal_user("a"))]);
}

/// Requests with different keys do not get into each other's way, also where they are about one user.
pub async fn requests_with_different_keys_all_take_effect(users: Users) {
    let user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    let answers = at_once((0..40).map(|number| {
        let (users, text) = (Arc::clone(&users), number.to_string());
        async move { once(&users, vec![update("ada", bio_update(&text))], &text).await }
    }))
    .await;
    let mut versions: Vec<_> =
        answers.into_iter().flatten().map(|outcome| outcome.unwrap().version().number()).collect();
    versions.sort_unstable();
    let first = user.version().number() + 1;
    assert_eq!(versions, (first..first + 40).collect::<Vec<_>>());
}

/// A username that transactions, creations and updates want at once goes to exactly one of them; one that is taken
/// back takes it from nobody for good.
pub async fn a_username_goes_to_one_of_many_transactions(users: Users) {
    for number in 0..8 {
        users.create(minimal_user(&format!("u{number}"))).await.unwrap();
    }
    let answers = at_once((0..32).map(|number: u32| {
        let users = Arc::clone(&users);
        let user = named_user(&format!("n{number}"), "ADA");
        let claimed = update(&format!("u{}", number % 8), username_update("ada"));
        async move {
            let command = if number % 8 < 4 { create(&user) } else { claimed };
            if number < 16 {
                return once(&users, vec![command], &number.to_string()).await.pop().unwrap();
            }
            carry_out(&*users, command, noon()).await
        }
    }));
    let tries = at_once((0..16).map(|number| {
        let users = Arc::clone(&users);
        let user = named_user(&format!("t{number}"), "Ada");
        async move { users.transact_at(vec![create(&user)], Ending::RollBack, noon()).await.unwrap() }
    }));
    let (answers, tries) = tokio::join!(answers, tries);
    for outcome in tries.into_iter().flat_map(|transacted| transacted.outcomes) {
        assert!(outcome.is_ok() || outcome == Err(Rejection::UsernameTaken), "{outcome:?}");
    }
    let holders: Vec<_> = users.list(&UserQuery::default()).await.unwrap().users;
    let holders: Vec<_> = holders.into_iter().filter(|user| user.profile().username.is_some()).collect();
    assert_eq!(holders.len(), 1, "{answers:?}");
    for answer in answers {
        match answer {
            Ok(user) => assert_eq!(holders.first().map(User::id), Some(user.id())),
            Err(refusal) => assert_eq!(refusal, Rejection::UsernameTaken),
        }
    }
}

/// Updates one by one, transactions over several users in any order, and transactions that are taken back, all on the
/// same users at once: each is carried out, and none is lost.
pub async fn updates_beside_transactions_lose_nothing(users: Users) {
    let ids: Vec<_> = (0..6).map(|number| format!("u{number}")).collect();
    for id in &ids {
        users.create(minimal_user(id)).await.unwrap();
    }
    let tasks = (0..9).map(|task: u64| {
        let (users, ids) = (Arc::clone(&users), ids.clone());
        async move {
            let mut dice = Dice::new(task);
            for round in 0..12 {
                let text = format!("{task}.{round}");
                let mut order = ids.clone();
                dice.shuffle(&mut order);
                match task % 3 {
                    0 => update_each(&users, &order, &text).await,
                    kind => transact_all(&users, &order, &text, kind == 1).await,
                }
            }
        }
    });
    at_once(tasks).await;
    for id in &ids {
        let after = users.find(&user_id(id)).await.unwrap().unwrap();
        // Three tasks updated each user twelve times by itself, and three in a transaction.
        assert_eq!(after.version().number() - minimal_user(id).version().number(), 2 * 3 * 12, "{id}");
        let bio = after.profile().bio.as_ref().map(|bio| bio.as_str().to_owned());
        let title = after.profile().title.as_ref().map(|title| title.as_str().to_owned());
        // The last word had one of the last rounds; what was taken back is nowhere.
        assert!(["0.11", "3.11", "6.11"].map(Some).contains(&bio.as_deref()), "{bio:?}");
        assert!(["1.11", "4.11", "7.11"].map(Some).contains(&title.as_deref()), "{title:?}");
    }
}

async fn update_each(users: &Users, ids: &[String], text: &str) {
    for id in ids {
        let after = users.update(&user_id(id), bio_update(text), Precondition::Exists, noon()).await.unwrap();
        assert_eq!(after.profile().bio, bio_update(text).bio.set().cloned());
    }
}

async fn transact_all(users: &Users, ids: &[String], text: &str, stays: bool) {
    let commands = ids.iter().map(|id| update(id, titled(text))).collect();
    let ending = if stays { Ending::Once(request(text, 1)) } else { Ending::RollBack };
    let transacted = users.transact_at(commands, ending, noon()).await.unwrap();
    for (id, outcome) in ids.iter().zip(transacted.outcomes) {
        let after = outcome.unwrap();
        assert_eq!(after.id(), &user_id(id));
        assert_eq!(after.profile().title, titled(text).title.set().cloned());
    }
}

fn titled(text: &str) -> UserUpdate {
    UserUpdate { title: Change::Set(Label::parse(text).unwrap()), ..UserUpdate::default() }
}

/// Nobody sees a part of a transaction, nor anything of one that is taken back.
pub async fn nobody_sees_a_part_of_a_transaction(users: Users) {
    let ids = ["a", "z"];
    for id in ids {
        users.create(minimal_user(id)).await.unwrap();
    }
    let done = AtomicBool::new(false);
    let writer = async {
        for round in 0..60 {
            let text = format!("{round:02}");
            let commands = ids.iter().rev().map(|id| update(id, titled(&text))).collect();
            once(&users, commands, &text).await;
            let mut commands: Vec<_> = ids.iter().map(|id| update(id, titled("never"))).collect();
            commands.push(create(&minimal_user("never")));
            users.transact_at(commands, Ending::RollBack, noon()).await.unwrap();
        }
        done.store(true, Ordering::Relaxed);
    };
    let reader = async {
        let mut pages = 0;
        while !done.load(Ordering::Relaxed) || pages == 0 {
            let page = users.list(&UserQuery::default()).await.unwrap().users;
            let titles: Vec<_> = page.iter().map(|user| user.profile().title.clone()).collect();
            let never = titled("never").title.set().cloned();
            assert!(titles.len() == 2 && titles.first() == titles.last(), "{titles:?}");
            assert!(!titles.contains(&never), "{titles:?}");
            let (a, z) = (users.find(&user_id("a")).await, users.find(&user_id("never")).await);
            assert!(a.unwrap().unwrap().profile().title != never);
            assert_eq!(z, Ok(None));
            pages += 1;
        }
    };
    tokio::join!(writer, reader);
}

/// Users that are made, deleted and made anew by transactions and by single calls at once: every creation that was
/// answered has one deletion, but for the user that may be left.
pub async fn creations_and_deletions_beside_transactions_take_turns(users: Users) {
    let lives = at_once((0..6).map(|task| {
        let users = Arc::clone(&users);
        async move {
            let (mut made, mut deleted) = (Vec::new(), Vec::new());
            for round in 0..8 {
                let now = noon() + TimeDelta::microseconds(task * 8 + round);
                let key = (task % 2 == 0).then(|| format!("{task}.{round}"));
                let (creations, deletions) = make_and_delete(&users, key, now).await;
                made.extend(creations);
                deleted.extend(deletions);
            }
            (made, deleted)
        }
    }))
    .await;
    let (made, deleted): (Vec<_>, Vec<_>) = lives.into_iter().unzip();
    let (mut made, mut deleted) = (made.concat(), deleted.concat());
    deleted.extend(users.list(&UserQuery::default()).await.unwrap().users.iter().map(life));
    made.sort_unstable();
    deleted.sort_unstable();
    assert_eq!(made, deleted);
}

/// One life of an id: the version that it began with.
type Life = (String, Version);

fn life(user: &User) -> Life {
    (user.id().as_str().to_owned(), user.version())
}

/// Makes three users and deletes them, in one transaction where there is a key; tells who was made and who was deleted.
async fn make_and_delete(users: &Users, key: Option<String>, now: DateTime<Utc>) -> (Vec<Life>, Vec<Life>) {
    let ids = ["a", "b", "c"];
    let new = |id| create(&User::create(user_id(id), Profile::default(), now));
    let commands: Vec<_> = ids.map(new).into_iter().chain(ids.map(delete)).collect();
    let outcomes = match key {
        Some(key) => once(users, commands, &key).await,
        None => join_all(commands.into_iter().map(|command| carry_out(&**users, command, now))).await,
    };
    let lives = |outcomes: &[CommandOutcome]| outcomes.iter().flatten().map(life).collect();
    let (creations, deletions) = outcomes.split_at(ids.len());
    (lives(creations), lives(deletions))
}
