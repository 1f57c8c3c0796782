//! Patches: read, judged, written on condition, and begun anew where somebody else came in between.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do, by a panic")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use users_domain::{Bio, Change, Precondition, User, UserUpdate, Version};
use users_ports::{
    Ending, IdempotencyRecords, IdempotentRequest, MockIdempotencyRecords, MockUsers, Rejection, Transacted,
    UserCommand, Users, WriteError,
};
use users_testkit::{FixedClock, MemoryStore, UserStore as _, bio_update, full_user, minimal_user, user_id};
use users_use_cases::{Caller, IdempotencyGuard, PatchUser, PatchUserError, WriteMode, Writes, Written};

type Patched = Result<Written, PatchUserError<&'static str>>;

fn patch_user(users: Arc<dyn Users>, records: Arc<dyn IdempotencyRecords>) -> PatchUser {
    PatchUser::new(Writes::new(users, records, Arc::new(FixedClock::default()), IdempotencyGuard::default()))
}

/// Patches `ada` so that the bio has one more `x`; a bio that is unset is rejected.
async fn add_an_x(users: Arc<dyn Users>, precondition: &Precondition, mode: WriteMode) -> Patched {
    add_an_x_once(users, Arc::new(MemoryStore::default()), precondition, mode).await
}

/// The same with these idempotency records.
async fn add_an_x_once(
    users: Arc<dyn Users>,
    records: Arc<dyn IdempotencyRecords>,
    precondition: &Precondition,
    mode: WriteMode,
) -> Patched {
    let caller = Caller::command("test");
    patch_user(users, records).execute(&caller, &user_id("ada"), one_more_x, precondition, mode).await
}

fn one_more_x(user: &User) -> Result<UserUpdate, &'static str> {
    let bio = user.profile().bio.as_ref().ok_or("there is no bio")?;
    Ok(bio_update(&format!("{}x", bio.as_str())))
}

/// `ada` with this bio, after so many changes.
fn ada(bio: &str, changes: usize) -> User {
    let mut user = minimal_user("ada");
    for _ in 1..changes {
        user.apply(bio_update("other"), &Precondition::Exists, user.modified_at()).unwrap();
        user.apply(bio_update("another"), &Precondition::Exists, user.modified_at()).unwrap();
    }
    user.apply(bio_update(bio), &Precondition::Exists, user.modified_at()).unwrap();
    user
}

fn once() -> WriteMode {
    WriteMode::Once(request())
}

fn request() -> IdempotentRequest {
    IdempotentRequest {
        caller: "abc".to_owned(),
        is_self_service: false,
        key: "k".to_owned(),
        fingerprint: [1; 32],
    }
}

fn refused(refusal: Rejection) -> Patched {
    Err(refusal.into())
}

fn bio_of(user: &User) -> &str {
    user.profile().bio.as_ref().map_or("", Bio::as_str)
}

#[tokio::test]
async fn a_patch_is_made_of_the_user_as_it_is() {
    let users = Arc::new(MemoryStore::default());
    users.create(ada("a", 1)).await.unwrap();
    let first = add_an_x(users.clone(), &Precondition::Exists, WriteMode::Real).await.unwrap();
    let seen = Precondition::VersionIn(vec![first.user.version()]);
    let second = add_an_x(users.clone(), &seen, WriteMode::Real).await.unwrap();
    assert_eq!((bio_of(&first.user), bio_of(&second.user)), ("ax", "axx"));
    assert!(!first.replayed && !second.replayed);

    let stale = Rejection::PreconditionFailed { current: second.user.version() };
    assert_eq!(add_an_x(users, &seen, WriteMode::Real).await, refused(stale));
}

#[tokio::test]
async fn nobody_is_patched_where_there_is_nobody() {
    let users = Arc::new(MemoryStore::default());
    let patched = add_an_x(users, &Precondition::VersionIn(vec![]), WriteMode::Real).await;
    assert_eq!(patched, refused(Rejection::NotFound));
}

#[tokio::test]
async fn what_the_patch_has_against_the_user_is_told() {
    let users = Arc::new(MemoryStore::default());
    users.create(minimal_user("ada")).await.unwrap();
    let patched = add_an_x(users, &Precondition::Exists, WriteMode::Real).await;
    assert_eq!(patched, Err(PatchUserError::Patch("there is no bio")));
}

#[tokio::test]
async fn somebody_who_comes_in_between_loses_nothing() {
    let mut users = MockUsers::new();
    let reads = AtomicU64::new(0);
    let users_read = [ada("a", 1), ada("b", 2), ada("c", 3)];
    let (second, third) = (users_read[1].version(), users_read[2].version());
    users.expect_find().times(3).returning(move |_| {
        let read = usize::try_from(reads.fetch_add(1, Relaxed)).unwrap();
        Ok(Some(users_read[read].clone()))
    });
    users.expect_write().times(3).returning(move |command, _| {
        let UserCommand::Update { update, precondition, .. } = command else { panic!("{command:?}") };
        if precondition == Precondition::VersionIn(vec![third]) {
            assert_eq!(*update, bio_update("cx"));
            return Ok(full_user("ada"));
        }
        assert!(!precondition.holds(third));
        Err(Rejection::PreconditionFailed { current: second }.into())
    });
    let patched = add_an_x(Arc::new(users), &Precondition::Exists, WriteMode::Real).await;
    assert_eq!(patched, Ok(Written { user: full_user("ada"), replayed: false }));
}

#[tokio::test]
async fn a_patch_that_never_finds_the_user_unchanged_is_given_up() {
    let mut users = MockUsers::new();
    users.expect_find().times(PatchUser::MOST_ROUNDS).returning(|_| Ok(Some(ada("a", 1))));
    users
        .expect_write()
        .times(PatchUser::MOST_ROUNDS)
        .returning(|_, _| Err(Rejection::PreconditionFailed { current: Version::from_stored(1) }.into()));
    let patched = add_an_x(Arc::new(users), &Precondition::Exists, WriteMode::Real).await;
    assert_eq!(patched, Err(PatchUserError::GivenUp));
}

#[tokio::test]
async fn other_refusals_of_the_write_are_final() {
    for rejection in [Rejection::UsernameTaken, Rejection::NotFound] {
        let mut users = MockUsers::new();
        users.expect_find().times(1).returning(|_| Ok(Some(ada("a", 1))));
        let error = rejection.clone().into();
        users.expect_write().times(1).return_once(|_, _| Err(error));
        let patched = add_an_x(Arc::new(users), &Precondition::Exists, WriteMode::Real).await;
        assert_eq!(patched, refused(rejection));
    }
}

#[tokio::test]
async fn a_dry_run_is_taken_back() {
    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Ok(Some(ada("a", 1))));
    users.expect_transact().times(1).returning(|commands, _, ending| {
        assert_eq!(ending, Ending::RollBack);
        let precondition = Precondition::VersionIn(vec![ada("a", 1).version()]);
        let update = UserUpdate { bio: Change::Set(Bio::parse("ax").unwrap()), ..UserUpdate::default() };
        let command = UserCommand::Update { id: user_id("ada"), update: update.into(), precondition };
        assert_eq!(commands, [command]);
        Ok(Transacted { outcomes: vec![Ok(full_user("ada"))], replayed: false })
    });
    let patched = add_an_x(Arc::new(users), &Precondition::Exists, WriteMode::DryRun).await;
    assert_eq!(patched, Ok(Written { user: full_user("ada"), replayed: false }));
}

#[tokio::test]
async fn what_is_kept_is_given_back_before_anything_is_read() {
    let users = || Arc::new(MockUsers::new());
    let mut records = MockIdempotencyRecords::new();
    records.expect_recall().times(1).returning(|_, _| Ok(Some(vec![Ok(full_user("ada"))])));
    let patched = add_an_x_once(users(), Arc::new(records), &Precondition::Exists, once()).await;
    assert_eq!(patched, Ok(Written { user: full_user("ada"), replayed: true }));

    let mut records = MockIdempotencyRecords::new();
    records.expect_recall().times(1).returning(|_, _| Err(WriteError::KeyReused));
    let patched = add_an_x_once(users(), Arc::new(records), &Precondition::Exists, once()).await;
    assert_eq!(patched, Err(WriteError::KeyReused.into()));
}

#[tokio::test]
async fn a_patch_that_happens_once_stores_its_record_with_the_write() {
    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Ok(Some(ada("a", 1))));
    users.expect_transact().times(1).returning(|_, _, ending| {
        assert_eq!(ending, Ending::Once(request()));
        Ok(Transacted { outcomes: vec![Ok(full_user("ada"))], replayed: true })
    });
    let patched = add_an_x(Arc::new(users), &Precondition::Exists, once()).await;
    assert_eq!(patched, Ok(Written { user: full_user("ada"), replayed: true }));
}

/// The same request may have been carried out, by another process, after this one looked for the idempotency record.
#[tokio::test]
async fn a_refusal_that_is_the_patchs_own_effect_is_none() {
    let patched_elsewhere = || {
        let (mut records, looked) = (MockIdempotencyRecords::new(), AtomicU64::new(0));
        records.expect_recall().times(2).returning(move |_, _| {
            Ok((looked.fetch_add(1, Relaxed) == 1).then(|| vec![Ok(full_user("ada"))]))
        });
        Arc::new(records)
    };
    let replayed: Patched = Ok(Written { user: full_user("ada"), replayed: true });

    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Ok(Some(minimal_user("ada"))));
    assert_eq!(
        add_an_x_once(Arc::new(users), patched_elsewhere(), &Precondition::Exists, once()).await,
        replayed
    );

    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Ok(Some(ada("a", 2))));
    let before = Precondition::VersionIn(vec![ada("a", 1).version()]);
    assert_eq!(add_an_x_once(Arc::new(users), patched_elsewhere(), &before, once()).await, replayed);

    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Ok(Some(minimal_user("ada"))));
    let patched = add_an_x(Arc::new(users), &Precondition::Exists, once()).await;
    assert_eq!(patched, Err(PatchUserError::Patch("there is no bio")));
}
