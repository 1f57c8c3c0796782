//! Many commands at once: each by itself, those of one user in order, or all in one transaction.

use std::sync::{Arc, Mutex};

use mockall::predicate::eq;
use users_domain::{Precondition, Profile, User};
use users_ports::{
    Ending, IdGenerator as _, IdempotentRequest, MockUsers, Rejection, RepositoryError, Transacted,
    UserCommand, Users, WriteError,
};
use users_testkit::{FixedClock, MemoryStore, SequentialIds, bio_update, full_user, noon, stamp, user_id};
use users_use_cases::{BulkItem, BulkUsers, BulkWritten, Caller, IdempotencyGuard, WriteMode, Writes};

fn bulk(users: Arc<dyn Users>) -> BulkUsers {
    let (records, clock) = (Arc::new(MemoryStore::default()), Arc::new(FixedClock::default()));
    let writes = Writes::new(users, records, clock, IdempotencyGuard::default());
    BulkUsers::new(writes, Arc::new(SequentialIds::default()))
}

fn caller() -> Caller {
    Caller::command("test")
}

fn update(id: &str, bio: &str) -> BulkItem {
    BulkItem::Update { id: user_id(id), update: bio_update(bio).into() }
}

fn delete(id: &str) -> BulkItem {
    BulkItem::Delete { id: user_id(id) }
}

fn create(id: Option<&str>) -> BulkItem {
    BulkItem::Create { id: id.map(user_id), profile: Box::default() }
}

#[tokio::test]
async fn each_command_stands_or_falls_by_itself() {
    let mut users = MockUsers::new();
    users.expect_write().returning(|command, _| match command {
        UserCommand::Create(_) => Err(Rejection::IdTaken.into()),
        UserCommand::Delete { .. } => Err(Rejection::NotFound.into()),
        UserCommand::Update { id, .. } => match id.as_str() {
            "ada" => Ok(full_user("ada")),
            "bob" => Err(Rejection::UsernameTaken.into()),
            _ => Err(RepositoryError::Overloaded.into()),
        },
    });
    let items =
        vec![update("bob", "x"), create(Some("eve")), update("ada", "x"), delete("fay"), update("kim", "x")];
    let BulkWritten { outcomes, replayed } =
        bulk(Arc::new(users)).execute(&caller(), items, WriteMode::Real).await.unwrap();
    assert!(!replayed);
    assert_eq!(
        outcomes,
        [
            Err(Rejection::UsernameTaken.into()),
            Err(Rejection::IdTaken.into()),
            Ok(full_user("ada")),
            Err(Rejection::NotFound.into()),
            Err(RepositoryError::Overloaded.into()),
        ]
    );
}

#[tokio::test]
async fn commands_for_one_user_keep_their_order_and_all_are_handed_on() {
    let mut users = MockUsers::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    users.expect_write().times(2000).returning(move |command, _| {
        let UserCommand::Update { id, update, .. } = command else { panic!("{command:?}") };
        let user = full_user(id.as_str());
        noted.lock().unwrap().push((id, *update));
        Ok(user)
    });
    let place = |number: usize| (format!("u{}", number % 700), number.to_string());
    let items = (0..2000).map(place).map(|(id, bio)| update(&id, &bio)).collect();
    let written = bulk(Arc::new(users)).execute(&caller(), items, WriteMode::Real).await.unwrap();
    for (number, outcome) in written.outcomes.iter().enumerate() {
        assert_eq!(outcome.as_ref().unwrap().id().as_str(), place(number).0);
    }
    let seen = seen.lock().unwrap();
    for user in 0..700 {
        let of_user = seen.iter().filter(|(id, _)| id.as_str() == format!("u{user}"));
        let expected: Vec<_> =
            (user..2000).step_by(700).map(|number| bio_update(&number.to_string())).collect();
        assert_eq!(of_user.map(|(_, update)| update.clone()).collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn otherwise_all_are_one_transaction() {
    let request = IdempotentRequest {
        caller: "abc".to_owned(),
        is_self_service: false,
        key: "k".to_owned(),
        fingerprint: [1; 32],
    };
    for (mode, ending) in [
        (WriteMode::DryRun, Ending::RollBack),
        (WriteMode::Once(request.clone()), Ending::Once(request.clone())),
    ] {
        let items = vec![update("ada", "x"), delete("bob"), update("ada", "y")];
        let command = |bio: &str| {
            let (update, precondition) = (bio_update(bio).into(), Precondition::Exists);
            UserCommand::Update { id: user_id("ada"), update, precondition }
        };
        let deletion = UserCommand::Delete { id: user_id("bob"), precondition: Precondition::Exists };
        let commands = vec![command("x"), deletion, command("y")];
        let mut users = MockUsers::new();
        let expected = users.expect_transact().with(eq(commands), eq(stamp(noon())), eq(ending)).times(1);
        expected.return_once(|_, _, _| {
            let outcomes = vec![Ok(full_user("ada")), Err(Rejection::NotFound), Ok(full_user("ada"))];
            Ok(Transacted { outcomes, replayed: true })
        });
        let written = bulk(Arc::new(users)).execute(&caller(), items, mode).await.unwrap();
        let outcomes = vec![Ok(full_user("ada")), Err(Rejection::NotFound.into()), Ok(full_user("ada"))];
        assert_eq!(written, BulkWritten { outcomes, replayed: true });
    }
    let mut users = MockUsers::new();
    users.expect_transact().returning(|_, _, _| Err(WriteError::KeyReused));
    let written =
        bulk(Arc::new(users)).execute(&caller(), vec![delete("bob")], WriteMode::Once(request)).await;
    assert_eq!(written, Err(WriteError::KeyReused));
}

#[tokio::test]
async fn users_are_created_under_chosen_and_under_new_ids() {
    let users = Arc::new(MemoryStore::default());
    let bulk = bulk(users.clone());
    let items = vec![create(Some("ada")), create(None)];
    let written = bulk.execute(&caller(), items, WriteMode::Real).await.unwrap();
    for (outcome, id) in written.outcomes.iter().zip([user_id("ada"), SequentialIds::default().user_id()]) {
        let user = User::create(id, Profile::default(), noon());
        assert_eq!(outcome.as_ref(), Ok(&user));
        assert_eq!(Users::find(&*users, user.id()).await, Ok(Some(user)));
    }
}
