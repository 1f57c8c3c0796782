//! Writes that happen once, or not at all: what is handed to the repository, and what is made of its answers.

use std::sync::Arc;

use mockall::predicate::{always, eq};
use rstest::rstest;
use users_domain::{Precondition, Profile, User, UserFilter};
use users_ports::{
    CommandOutcome, Ending, IdempotencyRecords, IdempotentRequest, MockDirectory, MockIdempotencyRecords,
    MockUsers, RecordUsage, Rejection, RepositoryError, Transacted, UserCommand, Users, WriteError,
};
use users_testkit::{
    FixedClock, MemoryStore, SequentialIds, StuckStore, bio_update, full_user, noon, stamp, user_id,
};
use users_use_cases::{
    Caller, CountUsers, CreateUser, DeleteUser, IdempotencyGuard, IdempotencyLimits, ReadTurns,
    SweepIdempotencyRecords, UpdateUser, WriteMode, Writes, Written,
};

fn request(key: &str) -> IdempotentRequest {
    IdempotentRequest {
        caller: "abc".to_owned(),
        is_self_service: false,
        key: key.to_owned(),
        fingerprint: [1; 32],
    }
}

fn caller() -> Caller {
    Caller::command("test")
}

fn writes(users: Arc<dyn Users>) -> Writes {
    guarded(users, Arc::new(MemoryStore::default()), IdempotencyGuard::default())
}

fn guarded(
    users: Arc<dyn Users>,
    records: Arc<dyn IdempotencyRecords>,
    idempotency: IdempotencyGuard,
) -> Writes {
    Writes::new(users, records, Arc::new(FixedClock::default()), idempotency)
}

/// A repository that takes this one command in this way, and answers with this outcome.
fn expecting(
    command: UserCommand,
    ending: Ending,
    answer: Result<(CommandOutcome, bool), WriteError>,
) -> Arc<MockUsers> {
    let mut users = MockUsers::new();
    let transacted = answer.map(|(outcome, replayed)| Transacted { outcomes: vec![outcome], replayed });
    let expected = users.expect_transact().times(1);
    expected.with(eq(vec![command]), eq(stamp(noon())), eq(ending)).return_once(|_, _, _| transacted);
    Arc::new(users)
}

fn update() -> UserCommand {
    let update = bio_update("x").into();
    UserCommand::Update { id: user_id("ada"), update, precondition: Precondition::Exists }
}

async fn execute_update(users: Arc<MockUsers>, mode: WriteMode) -> Result<Written, WriteError> {
    let update_user = UpdateUser::new(writes(users));
    update_user.execute(&caller(), &user_id("ada"), bio_update("x"), Precondition::Exists, mode).await
}

#[rstest]
#[case::dry_run(WriteMode::DryRun, Ending::RollBack, false)]
#[case::first(WriteMode::Once(request("k")), Ending::Once(request("k")), false)]
#[case::again(WriteMode::Once(request("k")), Ending::Once(request("k")), true)]
#[tokio::test]
async fn an_update_is_one_command_of_a_transaction(
    #[case] mode: WriteMode,
    #[case] ending: Ending,
    #[case] replayed: bool,
) {
    let users = expecting(update(), ending, Ok((Ok(full_user("ada")), replayed)));
    assert_eq!(execute_update(users, mode).await, Ok(Written { user: full_user("ada"), replayed }));
}

#[rstest]
#[case(Ok((Err(Rejection::NotFound), false)), Rejection::NotFound.into())]
#[case(Err(WriteError::KeyReused), WriteError::KeyReused)]
#[case(Err(WriteError::KeyInUse), WriteError::KeyInUse)]
#[case(Err(RepositoryError::Overloaded.into()), RepositoryError::Overloaded.into())]
#[tokio::test]
async fn a_transaction_that_fails_says_why(
    #[case] answer: Result<(CommandOutcome, bool), WriteError>,
    #[case] error: WriteError,
) {
    let users = expecting(update(), Ending::Once(request("k")), answer);
    assert_eq!(execute_update(users, WriteMode::Once(request("k"))).await, Err(error));
}

#[tokio::test]
async fn a_repository_that_miscounts_is_at_fault() {
    let mut users = MockUsers::new();
    users.expect_transact().returning(|_, _, _| Ok(Transacted { outcomes: vec![], replayed: false }));
    let answer = execute_update(Arc::new(users), WriteMode::DryRun).await;
    assert!(matches!(answer, Err(WriteError::Repository(RepositoryError::Internal(_)))), "{answer:?}");
}

#[tokio::test]
async fn a_creation_is_one_command_of_a_transaction() {
    let user = User::create(user_id("ada"), Profile::default(), noon());
    let answer = Ok((Ok(user.clone()), true));
    let users = expecting(UserCommand::Create(user.clone().into()), Ending::Once(request("k")), answer);
    let create_user = CreateUser::new(writes(users), Arc::new(SequentialIds::default()));
    let created = create_user
        .execute(&caller(), Some(user_id("ada")), Profile::default(), WriteMode::Once(request("k")))
        .await;
    assert_eq!(created, Ok(Written { user, replayed: true }));
}

#[tokio::test]
async fn a_deletion_is_handed_on_or_is_one_command_of_a_transaction() {
    let (id, precondition) = (user_id("ada"), Precondition::VersionIn(vec![]));
    let delete = async |users: Arc<MockUsers>, mode| {
        let delete_user = DeleteUser::new(writes(users));
        delete_user.execute(&caller(), &user_id("ada"), Precondition::VersionIn(vec![]), mode).await
    };
    let deleted = Ok(Written { user: full_user("ada"), replayed: false });

    let mut users = MockUsers::new();
    let command = UserCommand::Delete { id: id.clone(), precondition: precondition.clone() };
    users.expect_write().with(eq(command), always()).times(1).return_once(|_, _| Ok(full_user("ada")));
    assert_eq!(delete(Arc::new(users), WriteMode::Real).await, deleted);

    let mut users = MockUsers::new();
    users.expect_write().return_once(|_, _| Err(Rejection::NotFound.into()));
    assert_eq!(delete(Arc::new(users), WriteMode::Real).await, Err(Rejection::NotFound.into()));

    let command = UserCommand::Delete { id, precondition };
    let users = expecting(command, Ending::RollBack, Ok((Ok(full_user("ada")), false)));
    assert_eq!(delete(users, WriteMode::DryRun).await, deleted);
}

#[tokio::test]
async fn of_two_with_one_key_the_second_is_refused_at_once_whatever_they_do() {
    let writes = writes(Arc::new(StuckStore));
    let (update_user, delete_user) = (UpdateUser::new(writes.clone()), DeleteUser::new(writes));
    let (id, caller) = (user_id("ada"), caller());
    let once = |key| WriteMode::Once(request(key));
    let update = |key| update_user.execute(&caller, &id, bio_update("x"), Precondition::Exists, once(key));
    let delete = || delete_user.execute(&caller, &id, Precondition::Exists, once("k"));
    {
        let mut first = Box::pin(update("k"));
        assert_eq!(poll(&mut first), None);
        assert_eq!(update("k").await, Err(WriteError::KeyInUse));
        assert_eq!(delete().await, Err(WriteError::KeyInUse));
        assert_eq!(poll(&mut Box::pin(update("another"))), None);
    }
    // The first was given up: the key is free.
    assert_eq!(poll(&mut Box::pin(delete())), None);
}

/// What the future comes to, if it comes to anything without waiting.
fn poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

/// A request for whose record there is no room is rejected, unless it was carried out before.
#[tokio::test]
async fn what_was_carried_out_before_is_answered_without_room_for_more() {
    let (mut users, mut records) = (MockUsers::new(), MockIdempotencyRecords::new());
    users
        .expect_transact()
        .times(1)
        .returning(|_, _, _| Ok(Transacted { outcomes: vec![Ok(full_user("ada"))], replayed: false }));
    records.expect_recall().returning(|asked, _| match asked.key.as_str() {
        "first" => Ok(Some(vec![Ok(full_user("ada"))])),
        _ => Ok(None),
    });
    // Room for one record of each token.
    let guard = IdempotencyGuard::new(IdempotencyLimits { records: 4, bytes: 1 << 20 });
    let update_user = UpdateUser::new(guarded(Arc::new(users), Arc::new(records), guard.clone()));
    let (id, caller) = (user_id("ada"), caller());
    let update = |key| {
        let mode = WriteMode::Once(request(key));
        update_user.execute(&caller, &id, bio_update("x"), Precondition::Exists, mode)
    };
    assert_eq!(update("first").await, Ok(Written { user: full_user("ada"), replayed: false }));
    assert_eq!(update("first").await, Ok(Written { user: full_user("ada"), replayed: true }));
    assert!(matches!(update("second").await, Err(WriteError::NoRoom { .. })));
    assert_eq!((guard.stored().records, guard.rejected()), (1, 1));
}

#[tokio::test]
async fn idempotency_records_are_removed_in_portions_and_the_others_counted() {
    let mut records = MockIdempotencyRecords::new();
    let mut portions = [500, 20, 7, 0].into_iter();
    let expected = records.expect_forget().with(eq(SweepIdempotencyRecords::PORTION), eq(noon())).times(4);
    expected.returning(move |_, _| Ok(portions.next().unwrap()));
    let usage =
        |caller: &str, bytes| RecordUsage { caller: caller.to_owned(), records: 2, bytes, oldest: noon() };
    records.expect_usage().times(1).return_once(move || Ok(vec![usage("a", 5), usage("b", 6)]));
    let guard = IdempotencyGuard::default();
    let sweep =
        SweepIdempotencyRecords::new(Arc::new(records), Arc::new(FixedClock::default()), guard.clone());
    assert_eq!(sweep.execute().await, Ok(527));
    assert_eq!((guard.stored().records, guard.stored().bytes), (4, 11));
}

#[tokio::test]
async fn a_sweep_that_fails_is_given_up() {
    let mut records = MockIdempotencyRecords::new();
    records
        .expect_forget()
        .with(always(), always())
        .times(1)
        .returning(|_, _| Err(RepositoryError::Overloaded));
    let sweep = SweepIdempotencyRecords::new(
        Arc::new(records),
        Arc::new(FixedClock::default()),
        IdempotencyGuard::default(),
    );
    assert_eq!(sweep.execute().await, Err(RepositoryError::Overloaded));
}

#[tokio::test]
async fn users_are_counted() {
    let mut directory = MockDirectory::new();
    let filter = UserFilter { active: Some(false), ..UserFilter::default() };
    directory.expect_count().with(eq(filter.clone())).times(1).returning(|_| Ok(7));
    assert_eq!(
        CountUsers::new(Arc::new(directory), ReadTurns::default()).execute(&caller(), &filter).await,
        Ok(7)
    );
}
