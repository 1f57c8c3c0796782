//! The use cases around a user: what they hand to their ports, and what they make of the answers.

use std::sync::Arc;

use chrono::TimeDelta;
use mockall::predicate::eq;
use rstest::rstest;
use users_domain::{Precondition, Profile, User, UserFilter, UserPage, UserQuery, Version};
use users_ports::{
    Actor, Clock, IdGenerator, MockClock, MockDirectory, MockHealthCheck, MockIdGenerator, MockUsers,
    Rejection, RepositoryError, SchemaState, Stamp, Trouble, Unhealthy, UserCommand, Users, WriteError,
};
use users_testkit::{
    FixedClock, MemoryStore, SequentialIds, UserStore as _, bio_update, full_profile, full_user, named_user,
    noon, user_id, username_update,
};
use users_use_cases::{
    Caller, CheckReadiness, CreateUser, GetUser, IdempotencyGuard, ListUsers, Listing, ReadTurns, UpdateUser,
    WriteMode, Writes, Written,
};

/// The user after a write that happened now.
const fn now(user: User) -> Written {
    Written { user, replayed: false }
}

/// A clock that is asked for the time once, and says noon.
fn clock_read_once() -> Arc<dyn Clock> {
    let mut clock = MockClock::new();
    clock.expect_now().times(1).return_const(noon());
    Arc::new(clock)
}

fn caller() -> Caller {
    Caller::command("test").in_request("r-1")
}

/// Writes to these users; no request here has an idempotency key.
fn writes(users: Arc<dyn Users>, clock: Arc<dyn Clock>) -> Writes {
    Writes::new(users, Arc::new(MemoryStore::default()), clock, IdempotencyGuard::default())
}

fn create_user(users: Arc<dyn Users>, clock: Arc<dyn Clock>) -> CreateUser {
    CreateUser::new(writes(users, clock), Arc::new(SequentialIds::default()))
}

fn unavailable() -> RepositoryError {
    RepositoryError::Unavailable("no answer".to_owned())
}

fn internal() -> RepositoryError {
    RepositoryError::Internal("nonsense".to_owned())
}

#[tokio::test]
async fn an_update_is_handed_on_with_the_time_the_actor_and_the_request() {
    let (update, precondition) = (bio_update("x"), Precondition::VersionIn(vec![Version::from_stored(7)]));
    let command = UserCommand::Update {
        id: user_id("ada"),
        update: update.clone().into(),
        precondition: precondition.clone(),
    };
    let stamp = Stamp { at: noon(), actor: Actor::Command("test"), request: Some("r-1".into()) };
    let mut users = MockUsers::new();
    users.expect_write().with(eq(command), eq(stamp)).times(1).returning(|_, _| Ok(full_user("ada")));
    let update_user = UpdateUser::new(writes(Arc::new(users), clock_read_once()));
    let updated =
        update_user.execute(&caller(), &user_id("ada"), update, precondition, WriteMode::Real).await;
    assert_eq!(updated, Ok(now(full_user("ada"))));
}

#[rstest]
#[case::not_found(Rejection::NotFound.into())]
#[case::stale(Rejection::PreconditionFailed { current: Version::from_stored(8) }.into())]
#[case::id_taken(Rejection::IdTaken.into())]
#[case::username_taken(Rejection::UsernameTaken.into())]
#[case::unavailable(unavailable().into())]
#[case::overloaded(RepositoryError::Overloaded.into())]
#[case::internal(internal().into())]
#[tokio::test]
async fn a_write_that_fails_says_why_and_is_not_tried_again(#[case] error: WriteError) {
    let failing = || {
        let (mut users, error) = (MockUsers::new(), error.clone());
        users.expect_write().times(1).return_once(|_, _| Err(error));
        writes(Arc::new(users), clock_read_once())
    };
    let (id, caller, mode) = (user_id("ada"), caller(), WriteMode::Real);
    let update_user = UpdateUser::new(failing());
    let updated =
        update_user.execute(&caller, &id, bio_update("x"), Precondition::Exists, mode.clone()).await;
    assert_eq!(updated, Err(error.clone()));
    let create_user = CreateUser::new(failing(), Arc::new(SequentialIds::default()));
    assert_eq!(create_user.execute(&caller, None, Profile::default(), mode).await, Err(error.clone()));
}

#[tokio::test]
async fn a_chosen_id_is_kept_and_none_made_up() {
    let (users, no_ids) = (Arc::new(MemoryStore::default()), Arc::new(MockIdGenerator::new()));
    let create_user = CreateUser::new(writes(users.clone(), clock_read_once()), no_ids);
    let created = create_user.execute(&caller(), Some(user_id("ada")), full_profile(), WriteMode::Real).await;
    let Written { user, .. } = created.unwrap();
    assert_eq!(user, User::create(user_id("ada"), full_profile(), noon()));
    assert_eq!(Users::find(&*users, &user_id("ada")).await, Ok(Some(user)));
}

#[tokio::test]
async fn an_id_is_made_up_where_none_is_chosen() {
    let users = Arc::new(MemoryStore::default());
    let create_user = create_user(users, Arc::new(FixedClock::default()));
    for _ in 0..2 {
        create_user.execute(&caller(), None, Profile::default(), WriteMode::Real).await.unwrap();
    }
    let third = create_user.execute(&caller(), None, Profile::default(), WriteMode::Real).await.unwrap();
    let foretold = SequentialIds::default();
    assert_eq!(*third.user.id(), std::array::from_fn::<_, 3, _>(|_| foretold.user_id())[2]);
}

#[tokio::test]
async fn a_user_is_found_or_not() {
    let users = Arc::new(MemoryStore::default());
    users.create(full_user("ada")).await.unwrap();
    let get_user = GetUser::new(users);
    assert_eq!(get_user.execute(&user_id("ada")).await, Ok(Some(full_user("ada"))));
    assert_eq!(get_user.execute(&user_id("nobody")).await, Ok(None));
}

#[rstest]
#[case(unavailable())]
#[case(RepositoryError::Overloaded)]
#[case(internal())]
#[tokio::test]
async fn a_look_up_that_fails_says_why(#[case] error: RepositoryError) {
    let (mut users, answer) = (MockUsers::new(), error.clone());
    users.expect_find().times(1).return_once(|_| Err(answer));
    assert_eq!(GetUser::new(Arc::new(users)).execute(&user_id("ada")).await, Err(error));
}

#[rstest]
#[case::without_a_total(false, None)]
#[case::with_a_total(true, Some(7))]
#[tokio::test]
async fn a_list_is_counted_where_that_is_wanted(#[case] with_total: bool, #[case] total: Option<u64>) {
    let filter = UserFilter { active: Some(true), ..UserFilter::default() };
    let query = UserQuery { filter: filter.clone(), ..UserQuery::default() };
    let page = UserPage { users: vec![full_user("ada")], has_more: true };
    let (mut users, answer) = (MockDirectory::new(), page.clone());
    users.expect_list().with(eq(query.clone())).times(1).return_once(|_| Ok(answer));
    users.expect_count().with(eq(filter)).times(usize::from(with_total)).returning(|_| Ok(7));
    let listed =
        ListUsers::new(Arc::new(users), ReadTurns::default()).execute(&caller(), &query, with_total).await;
    assert_eq!(listed, Ok(Listing { page, total }));
}

#[rstest]
#[case(unavailable())]
#[case(RepositoryError::Overloaded)]
#[tokio::test]
async fn a_list_that_fails_says_why(#[case] error: RepositoryError) {
    let (mut users, answer) = (MockDirectory::new(), error.clone());
    users.expect_list().times(1).return_once(|_| Err(answer));
    assert_eq!(
        ListUsers::new(Arc::new(users), ReadTurns::default())
            .execute(&caller(), &UserQuery::default(), true)
            .await,
        Err(error.clone())
    );

    let (mut users, answer) = (MockDirectory::new(), error.clone());
    users.expect_list().return_once(|_| Ok(UserPage::default()));
    users.expect_count().times(1).return_once(|_| Err(answer));
    assert_eq!(
        ListUsers::new(Arc::new(users), ReadTurns::default())
            .execute(&caller(), &UserQuery::default(), true)
            .await,
        Err(error)
    );
}

#[tokio::test]
async fn a_user_goes_from_creation_through_updates_to_the_reader() {
    let (users, clock) = (Arc::new(MemoryStore::default()), Arc::new(FixedClock::default()));
    let create_user = create_user(users.clone(), clock.clone());
    let update_user = UpdateUser::new(writes(users.clone(), clock.clone()));
    users.create(named_user("grace", "Grace")).await.unwrap();

    let created = create_user.execute(&caller(), Some(user_id("ada")), full_profile(), WriteMode::Real).await;
    let created = created.unwrap().user;
    let update = async |update, precondition| {
        update_user.execute(&caller(), created.id(), update, precondition, WriteMode::Real).await
    };
    clock.advance(TimeDelta::seconds(1));
    let seen = Precondition::VersionIn(vec![created.version()]);
    let updated = update(bio_update("x"), seen.clone()).await.unwrap().user;
    assert_eq!(updated.modified_at(), noon() + TimeDelta::seconds(1));

    let stale = Rejection::PreconditionFailed { current: updated.version() };
    assert_eq!(update(bio_update("y"), seen).await, Err(stale.into()));
    let taken = update(username_update("GRACE"), Precondition::Exists).await;
    assert_eq!(taken, Err(Rejection::UsernameTaken.into()));
    assert_eq!(GetUser::new(users).execute(created.id()).await, Ok(Some(updated)));
}

fn unreachable() -> Unhealthy {
    Unhealthy::Database { trouble: Trouble::Unreachable, said: "connection refused".to_owned() }
}

#[rstest]
#[case(Ok(SchemaState::Ahead))]
#[case(Err(unreachable()))]
#[case(Err(Unhealthy::SchemaBehind))]
#[tokio::test]
async fn readiness_is_what_the_store_says(#[case] health: Result<SchemaState, Unhealthy>) {
    let (mut store, answer) = (MockHealthCheck::new(), health.clone());
    store.expect_check().times(1).return_once(move || answer);
    assert_eq!(CheckReadiness::new(Arc::new(store)).execute().await, health);
}
