//! Contracts of [`Users::transact`](users_ports::Users::transact) under an idempotency record,
//! [`recall`](users_ports::IdempotencyRecords::recall) and [`forget`](users_ports::IdempotencyRecords::forget).

use chrono::{DateTime, TimeDelta, Utc};
use users_domain::{Precondition, Profile, User, UserFilter};
use users_ports::{
    CommandOutcome, Ending, IdempotentRequest, KEPT_FOR, RecordUsage, Rejection, Transacted, UserCommand,
    WriteError,
};

use super::Users;
use super::commands::{create, delete, delete_if, request, update};
use crate::{
    bio_update, full_profile, full_user, minimal_user, named_user, noon, odd_profile, other_profile,
    update_to, user_id, username_update,
};

async fn once(
    users: &Users,
    commands: Vec<UserCommand>,
    request: &IdempotentRequest,
    now: DateTime<Utc>,
) -> Result<Transacted, WriteError> {
    users.transact_at(commands, Ending::Once(request.clone()), now).await
}

const fn new(outcomes: Vec<CommandOutcome>) -> Transacted {
    Transacted { outcomes, replayed: false }
}

const fn replayed(outcomes: Vec<CommandOutcome>) -> Transacted {
    Transacted { outcomes, replayed: true }
}

/// A user of whom the id alone is known is made under an idempotency record; that must succeed.
async fn make(
    users: &Users,
    id: &str,
    request: &IdempotentRequest,
    now: DateTime<Utc>,
) -> Vec<CommandOutcome> {
    let expected = vec![Ok(minimal_user(id))];
    assert_eq!(once(users, vec![create(&minimal_user(id))], request, now).await, Ok(new(expected.clone())));
    expected
}

/// Who sends a request again gets the outcomes exactly as they were, whatever the users are and whatever has become of
/// them since.
pub async fn a_replay_has_exactly_the_first_outcomes(users: Users) {
    let profiles = [Profile::default(), full_profile(), odd_profile(), other_profile()];
    for (number, profile) in profiles.into_iter().enumerate() {
        let id = number.to_string();
        let request = request(&id, 1);
        // The clock of whoever sent it has gone on to the last microsecond of a second.
        let created = User::create(user_id(&id), profile, "2026-10-31T23:59:59.999999Z".parse().unwrap());
        let mut changed = created.clone();
        changed.apply(bio_update("changed"), &Precondition::Exists, noon()).unwrap();
        let commands = vec![
            create(&created),
            update(&id, bio_update("changed")),
            delete_if(&id, Precondition::VersionIn(vec![created.version()])),
            create(&minimal_user(&id)),
            update("nobody", bio_update("x")),
            delete(&id),
        ];
        let expected = vec![
            Ok(created),
            Ok(changed.clone()),
            Err(Rejection::PreconditionFailed { current: changed.version() }),
            Err(Rejection::IdTaken),
            Err(Rejection::NotFound),
            Ok(changed),
        ];
        assert_eq!(once(&users, commands.clone(), &request, noon()).await, Ok(new(expected.clone())));
        assert_eq!(once(&users, commands.clone(), &request, noon()).await, Ok(replayed(expected.clone())));
        users.create(named_user(&id, &format!("next{id}"))).await.unwrap();
        let later = noon() + TimeDelta::hours(3);
        assert_eq!(once(&users, commands, &request, later).await, Ok(replayed(expected.clone())));
        assert_eq!(users.recall(&request, later).await, Ok(Some(expected)));
        let kept = users.find(&user_id(&id)).await;
        assert_eq!(kept, Ok(Some(named_user(&id, &format!("next{id}")))));
    }
}

/// The outcomes of 300 commands are kept as well as those of one.
pub async fn many_outcomes_are_kept(users: Users) {
    users.create(named_user("holder", "Taken")).await.unwrap();
    let user = |number: usize| {
        let profile = Profile { username: None, ..odd_profile() };
        User::create(user_id(&number.to_string()), profile, noon())
    };
    let (mut commands, mut expected) = (Vec::new(), Vec::new());
    for number in 0..100 {
        commands.push(create(&user(number)));
        expected.push(Ok(user(number)));
        commands.push(update(&number.to_string(), username_update("TAKEN")));
        expected.push(Err(Rejection::UsernameTaken));
        commands.push(update(&number.to_string(), update_to(user(number).profile())));
        expected.push(Ok(user(number)));
    }
    let request = request("many", 1);
    assert_eq!(once(&users, commands.clone(), &request, noon()).await, Ok(new(expected.clone())));
    assert_eq!(once(&users, commands, &request, noon()).await, Ok(replayed(expected)));
}

/// A key that was used for another request is refused, and nothing is done; what is kept stays.
pub async fn a_key_that_was_used_for_another_request_is_refused(users: Users) {
    let (mine, other) = (request("key", 1), request("key", 2));
    let outcomes = make(&users, "a", &mine, noon()).await;
    let mut last_byte = mine.clone();
    *last_byte.fingerprint.last_mut().unwrap() = 0;
    for other in [other, last_byte] {
        let answer = once(&users, vec![create(&minimal_user("b"))], &other, noon()).await;
        assert_eq!(answer, Err(WriteError::KeyReused));
        assert_eq!(once(&users, Vec::new(), &other, noon()).await, Err(WriteError::KeyReused));
        assert_eq!(users.recall(&other, noon()).await, Err(WriteError::KeyReused));
        assert_eq!(users.find(&user_id("b")).await, Ok(None));
    }
    assert_eq!(once(&users, vec![delete("a")], &mine, noon()).await, Ok(replayed(outcomes)));
    assert_eq!(users.count(&UserFilter::default()).await, Ok(1));
}

/// Keys are told apart by every byte, and those of one caller have nothing to do with another's.
pub async fn records_are_told_apart_by_caller_and_key(users: Users) {
    let longest = "k".repeat(255);
    let pairs = [
        ("caller", "key"),
        ("other", "key"),
        ("caller", "Key"),
        ("Caller", "key"),
        ("caller", "key "),
        ("calle", "rkey"),
        ("callerkey", ""),
        ("", "callerkey"),
        ("caller", "ke%"),
        ("caller", "k_y"),
        ("caller", "'; --"),
        ("caller", "\\"),
        ("caller", "e\u{301}"),
        ("caller", "\u{E9}"),
        ("caller", "\u{10FFFF}"),
        ("caller", &longest),
    ];
    let request = |place: usize, (caller, key): (&str, &str)| IdempotentRequest {
        caller: caller.to_owned(),
        is_self_service: false,
        key: key.to_owned(),
        fingerprint: [u8::try_from(place).unwrap(); 32],
    };
    for (place, pair) in pairs.into_iter().enumerate() {
        assert_eq!(users.recall(&request(place, pair), noon()).await, Ok(None), "{pair:?}");
        make(&users, &place.to_string(), &request(place, pair), noon()).await;
    }
    for (place, pair) in pairs.into_iter().enumerate() {
        let outcomes = vec![Ok(minimal_user(&place.to_string()))];
        assert_eq!(users.recall(&request(place, pair), noon()).await, Ok(Some(outcomes)), "{pair:?}");
    }
}

/// Where all commands are refused nothing is kept: the key can be used again, for any request.
pub async fn where_all_commands_are_refused_nothing_is_kept(users: Users) {
    users.create(named_user("ada", "Ada")).await.unwrap();
    let refused = vec![update("nobody", bio_update("x")), create(&named_user("grace", "ADA")), delete("x")];
    let expected = vec![Err(Rejection::NotFound), Err(Rejection::UsernameTaken), Err(Rejection::NotFound)];
    for fingerprint in [1, 1, 2] {
        let request = request("key", fingerprint);
        assert_eq!(once(&users, refused.clone(), &request, noon()).await, Ok(new(expected.clone())));
        assert_eq!(users.recall(&request, noon()).await, Ok(None));
    }
    make(&users, "grace", &request("key", 3), noon()).await;
    assert_eq!(users.recall(&request("key", 1), noon()).await, Err(WriteError::KeyReused));
}

/// Where one command of many is carried out all outcomes are kept; so they are where that one changed nothing.
pub async fn where_one_command_is_carried_out_all_outcomes_are_kept(users: Users) {
    let ada = full_user("ada");
    users.create(ada.clone()).await.unwrap();
    let unchanged = update("ada", update_to(ada.profile()));
    for (key, good, outcome) in [
        ("unchanged", unchanged, ada.clone()),
        ("created", create(&minimal_user("new")), minimal_user("new")),
    ] {
        let commands = vec![update("nobody", bio_update("x")), good, create(&ada)];
        let expected = vec![Err(Rejection::NotFound), Ok(outcome), Err(Rejection::IdTaken)];
        assert_eq!(once(&users, commands.clone(), &request(key, 1), noon()).await, Ok(new(expected.clone())));
        assert_eq!(once(&users, commands, &request(key, 1), noon()).await, Ok(replayed(expected)));
    }
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada)));
}

/// A transaction that is taken back has no idempotency record, and neither does one that somebody else made.
pub async fn what_is_rolled_back_leaves_a_record_as_it_is(users: Users) {
    let outcomes = make(&users, "a", &request("key", 1), noon()).await;
    let commands = vec![delete("a"), create(&minimal_user("a"))];
    users.transact_at(commands, Ending::RollBack, noon()).await.unwrap();
    assert_eq!(users.recall(&request("key", 1), noon()).await, Ok(Some(outcomes)));
}

/// An idempotency record holds for exactly 24 hours, and is nothing a microsecond later: the key can then be used for another request.
pub async fn a_record_holds_for_its_time_and_no_longer(users: Users) {
    let (first, next) = (request("key", 1), request("key", 2));
    let outcomes = make(&users, "a", &first, noon()).await;
    let last = noon() + KEPT_FOR;
    assert_eq!(once(&users, vec![delete("a")], &first, last).await, Ok(replayed(outcomes.clone())));
    assert_eq!(users.recall(&first, last).await, Ok(Some(outcomes)));
    assert_eq!(users.recall(&next, last).await, Err(WriteError::KeyReused));

    // That it was replayed has not made it hold for longer.
    let expired = last + TimeDelta::microseconds(1);
    for request in [&first, &next] {
        assert_eq!(users.recall(request, expired).await, Ok(None));
    }
    // What is refused does not make it hold again.
    let refused = Ok(new(vec![Err(Rejection::NotFound)]));
    assert_eq!(once(&users, vec![delete("b")], &first, expired).await, refused);
    assert_eq!(users.recall(&first, expired).await, Ok(None));
    let outcomes = make(&users, "b", &next, expired).await;
    // It holds for 24 hours from now on.
    let last = expired + KEPT_FOR;
    assert_eq!(users.recall(&next, last).await, Ok(Some(outcomes)));
    assert_eq!(users.recall(&first, last).await, Err(WriteError::KeyReused));
    assert_eq!(users.recall(&next, last + TimeDelta::microseconds(1)).await, Ok(None));
    assert_eq!(users.count(&UserFilter::default()).await, Ok(2));
}

/// To recall is to look: nothing is stored by it.
pub async fn recalling_stores_nothing(users: Users) {
    for fingerprint in [1, 2, 1] {
        assert_eq!(users.recall(&request("key", fingerprint), noon()).await, Ok(None));
    }
    let outcomes = make(&users, "a", &request("key", 3), noon()).await;
    for _ in 0..2 {
        assert_eq!(users.recall(&request("key", 3), noon()).await, Ok(Some(outcomes.clone())));
    }
}

/// The usage has the number and size of the stored records, by caller.
pub async fn the_room_that_records_take_is_told_by_caller(users: Users) {
    assert_eq!(users.usage().await, Ok(Vec::new()));
    let by = |caller: &str, key: &str| IdempotentRequest { caller: caller.to_owned(), ..request(key, 1) };
    let long = Profile { bio: Some("x".repeat(4_000).parse().unwrap()), ..Profile::default() };
    let later = noon() + TimeDelta::microseconds(1);
    for (caller, key, at) in [("a", "k", later), ("a", "l", noon()), ("b", "k", later), ("A", "k", noon())] {
        let user = User::create(user_id(&format!("{caller}{key}")), long.clone(), noon());
        once(&users, vec![create(&user)], &by(caller, key), at).await.unwrap();
        // What is rejected or replayed takes no more room.
        once(&users, vec![delete("nobody")], &by(caller, "rejected"), at).await.unwrap();
        once(&users, vec![create(&user)], &by(caller, key), at).await.unwrap();
    }
    let mut usages = users.usage().await.unwrap();
    usages.sort_by(|one, other| one.caller.cmp(&other.caller));
    let told: Vec<_> = usages.iter().map(|it| (it.caller.as_str(), it.records, it.oldest)).collect();
    assert_eq!(told, [("A", 1, noon()), ("a", 2, noon()), ("b", 1, later)]);
    for RecordUsage { records, bytes, .. } in usages {
        assert!((4_000 * records..5_000 * records).contains(&bytes), "{records} records of {bytes} bytes");
    }
    assert_eq!(users.forget(u32::MAX, noon() + KEPT_FOR + TimeDelta::microseconds(1)).await, Ok(2));
    let left: u64 = users.usage().await.unwrap().iter().map(|usage| usage.records).sum();
    assert_eq!(left, 2);
}

/// Records that have expired are removed, as many as asked for; those that hold are not.
pub async fn expired_records_alone_are_forgotten(users: Users) {
    assert_eq!(users.forget(10, noon()).await, Ok(0));
    let second = TimeDelta::seconds(1);
    for (number, age) in (0..7).zip([0, 5, 1, 4, 2, 3, 6]) {
        make(&users, &number.to_string(), &request(&number.to_string(), 1), noon() + second * age).await;
    }
    // At this instant the oldest holds to its end, and the next microsecond it does not.
    let mut now = noon() + KEPT_FOR;
    assert_eq!(users.forget(10, now).await, Ok(0));
    now += TimeDelta::microseconds(1);
    assert_eq!(users.forget(0, now).await, Ok(0));
    assert_eq!(users.forget(10, now).await, Ok(1));
    assert_eq!(users.forget(10, now).await, Ok(0));
    now += second * 4;
    for (most, forgotten) in [(1, 1), (2, 2), (u32::MAX, 1), (u32::MAX, 0)] {
        assert_eq!(users.forget(most, now).await, Ok(forgotten), "{most}");
    }
    for (number, age) in (0..7).zip([0, 5, 1, 4, 2, 3, 6]) {
        let outcomes = vec![Ok(minimal_user(&number.to_string()))];
        // What is forgotten is nothing, also for a clock that stands at the instant of the idempotency record.
        let expected = (age >= 5).then_some(outcomes);
        assert_eq!(users.recall(&request(&number.to_string(), 1), noon()).await, Ok(expected), "{number}");
    }
    assert_eq!(users.count(&UserFilter::default()).await, Ok(7));
}
