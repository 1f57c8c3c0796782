//! Writes that happen once, or not at all: what is handed to the repository, and what is made of its answers.

use std::sync::Arc;

use mockall::predicate::{always, eq};
use rstest::rstest;
use users_domain::{Precondition, Profile, User, UserFilter};
use users_ports::{
    CommandOutcome, CommandRefusal, DeleteUserError, Ending, IdempotentRequest, MockUserRepository,
    RecordUsage, RepositoryError, TransactError, Transacted, UserCommand,
};
use users_testkit::{FixedClock, SequentialIds, StuckStore, bio_update, full_user, noon, user_id};
use users_use_cases::{
    CountUsers, CreateUser, DeleteUser, IdempotencyGuard, ReadTurns, SweepIdempotencyRecords, UpdateUser,
    WriteMode, WriteUserError, Written,
};

fn request(key: &str) -> IdempotentRequest {
    IdempotentRequest {
        caller: "abc".to_owned(),
        is_self_service: false,
        key: key.to_owned(),
        fingerprint: [1; 32],
    }
}

/// A repository that takes this one command in this way, and answers with this outcome.
fn expecting(
    command: UserCommand,
    ending: Ending,
    answer: Result<(CommandOutcome, bool), TransactError>,
) -> Arc<MockUserRepository> {
    let mut users = MockUserRepository::new();
    let transacted = answer.map(|(outcome, replayed)| Transacted { outcomes: vec![outcome], replayed });
    let expected = users.expect_transact().times(1);
    expected.with(eq(vec![command]), eq(ending), eq(noon())).return_once(|_, _, _| transacted);
    Arc::new(users)
}

fn update() -> UserCommand {
    let update = bio_update("x").into();
    UserCommand::Update { id: user_id("ada"), update, precondition: Precondition::Exists }
}

async fn execute_update(users: Arc<MockUserRepository>, mode: WriteMode) -> Result<Written, WriteUserError> {
    let update_user = UpdateUser::new(users, Arc::new(FixedClock::default()), IdempotencyGuard::default());
    update_user.execute(&user_id("ada"), bio_update("x"), Precondition::Exists, mode).await
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
#[case(Ok((Err(CommandRefusal::NotFound), false)), CommandRefusal::NotFound.into())]
#[case(Err(TransactError::KeyReused), WriteUserError::KeyReused)]
#[case(Err(TransactError::KeyInUse), WriteUserError::KeyInUse)]
#[case(Err(RepositoryError::Overloaded.into()), RepositoryError::Overloaded.into())]
#[tokio::test]
async fn a_transaction_that_fails_says_why(
    #[case] answer: Result<(CommandOutcome, bool), TransactError>,
    #[case] error: WriteUserError,
) {
    let users = expecting(update(), Ending::Once(request("k")), answer);
    assert_eq!(execute_update(users, WriteMode::Once(request("k"))).await, Err(error));
}

#[tokio::test]
async fn a_repository_that_miscounts_is_at_fault() {
    let mut users = MockUserRepository::new();
    users.expect_transact().returning(|_, _, _| Ok(Transacted { outcomes: vec![], replayed: false }));
    let answer = execute_update(Arc::new(users), WriteMode::DryRun).await;
    assert!(matches!(answer, Err(WriteUserError::Repository(RepositoryError::Internal(_)))), "{answer:?}");
}

#[tokio::test]
async fn a_creation_is_one_command_of_a_transaction() {
    let user = User::create(user_id("ada"), Profile::default(), noon());
    let answer = Ok((Ok(user.clone()), true));
    let users = expecting(UserCommand::Create(user.clone().into()), Ending::Once(request("k")), answer);
    let (ids, clock) = (Arc::new(SequentialIds::default()), Arc::new(FixedClock::default()));
    let create_user = CreateUser::new(users, ids, clock, IdempotencyGuard::default());
    let created =
        create_user.execute(Some(user_id("ada")), Profile::default(), WriteMode::Once(request("k"))).await;
    assert_eq!(created, Ok(Written { user, replayed: true }));
}

#[tokio::test]
async fn a_deletion_is_handed_on_or_is_one_command_of_a_transaction() {
    let (id, precondition) = (user_id("ada"), Precondition::VersionIn(vec![]));
    let delete = async |users: Arc<MockUserRepository>, mode| {
        let delete_user =
            DeleteUser::new(users, Arc::new(FixedClock::default()), IdempotencyGuard::default());
        delete_user.execute(&user_id("ada"), Precondition::VersionIn(vec![]), mode).await
    };
    let deleted = Ok(Written { user: full_user("ada"), replayed: false });

    let mut users = MockUserRepository::new();
    let handed_on = users.expect_delete().with(eq(id.clone()), eq(precondition.clone()), always()).times(1);
    handed_on.return_once(|_, _, _| Ok(full_user("ada")));
    assert_eq!(delete(Arc::new(users), WriteMode::Real).await, deleted);

    let mut users = MockUserRepository::new();
    users.expect_delete().return_once(|_, _, _| Err(DeleteUserError::NotFound));
    assert_eq!(delete(Arc::new(users), WriteMode::Real).await, Err(CommandRefusal::NotFound.into()));

    let command = UserCommand::Delete { id, precondition };
    let users = expecting(command, Ending::RollBack, Ok((Ok(full_user("ada")), false)));
    assert_eq!(delete(users, WriteMode::DryRun).await, deleted);
}

#[tokio::test]
async fn of_two_with_one_key_the_second_is_refused_at_once_whatever_they_do() {
    let (users, clock, idempotency) =
        (Arc::new(StuckStore), Arc::new(FixedClock::default()), IdempotencyGuard::default());
    let update_user = UpdateUser::new(users.clone(), clock.clone(), idempotency.clone());
    let delete_user = DeleteUser::new(users, clock, idempotency);
    let id = user_id("ada");
    let once = |key| WriteMode::Once(request(key));
    let update = |key| update_user.execute(&id, bio_update("x"), Precondition::Exists, once(key));
    let delete = || delete_user.execute(&id, Precondition::Exists, once("k"));
    {
        let mut first = Box::pin(update("k"));
        assert_eq!(poll(&mut first), None);
        assert_eq!(update("k").await, Err(WriteUserError::KeyInUse));
        assert_eq!(delete().await, Err(WriteUserError::KeyInUse));
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

#[tokio::test]
async fn idempotency_records_are_removed_in_portions_and_the_others_counted() {
    let mut users = MockUserRepository::new();
    let mut portions = [500, 20, 7, 0].into_iter();
    let expected =
        users.expect_forget_records().with(eq(SweepIdempotencyRecords::PORTION), eq(noon())).times(4);
    expected.returning(move |_, _| Ok(portions.next().unwrap()));
    let usage =
        |caller: &str, bytes| RecordUsage { caller: caller.to_owned(), records: 2, bytes, oldest: noon() };
    users.expect_record_usage().times(1).return_once(move || Ok(vec![usage("a", 5), usage("b", 6)]));
    let guard = IdempotencyGuard::default();
    let sweep = SweepIdempotencyRecords::new(Arc::new(users), Arc::new(FixedClock::default()), guard.clone());
    assert_eq!(sweep.execute().await, Ok(527));
    assert_eq!((guard.stored().records, guard.stored().bytes), (4, 11));
}

#[tokio::test]
async fn a_sweep_that_fails_is_given_up() {
    let mut users = MockUserRepository::new();
    users
        .expect_forget_records()
        .with(always(), always())
        .times(1)
        .returning(|_, _| Err(RepositoryError::Overloaded));
    let sweep = SweepIdempotencyRecords::new(
        Arc::new(users),
        Arc::new(FixedClock::default()),
        IdempotencyGuard::default(),
    );
    assert_eq!(sweep.execute().await, Err(RepositoryError::Overloaded));
}

#[tokio::test]
async fn users_are_counted() {
    let mut users = MockUserRepository::new();
    let filter = UserFilter { active: Some(false), ..UserFilter::default() };
    users.expect_count().with(eq(filter.clone())).times(1).returning(|_| Ok(7));
    assert_eq!(CountUsers::new(Arc::new(users), ReadTurns::default()).execute("t", &filter).await, Ok(7));
}
