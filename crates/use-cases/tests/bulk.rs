//! Many commands at once: each by itself, those of one user in order, or all in one transaction.

use std::sync::{Arc, Mutex};

use mockall::predicate::eq;
use users_domain::{Precondition, Profile, User};
use users_ports::{
    CommandRefusal, CreateUserError, DeleteUserError, Ending, IdGenerator as _, IdempotentRequest,
    MockUserRepository, RepositoryError, TransactError, Transacted, UpdateUserError, UserCommand,
    UserRepository,
};
use users_testkit::{
    FixedClock, MemoryStore, SequentialIds, bio_update, full_user, minimal_user, noon, user_id,
};
use users_use_cases::{BulkUsers, BulkWritten, IdempotencyGuard, WriteMode, WriteUserError};

fn bulk(users: Arc<dyn UserRepository>) -> BulkUsers {
    let (ids, clock) = (Arc::new(SequentialIds::default()), Arc::new(FixedClock::default()));
    BulkUsers::new(users, ids, clock, IdempotencyGuard::default())
}

fn update(id: &str, bio: &str) -> UserCommand {
    let update = bio_update(bio).into();
    UserCommand::Update { id: user_id(id), update, precondition: Precondition::Exists }
}

fn delete(id: &str) -> UserCommand {
    UserCommand::Delete { id: user_id(id), precondition: Precondition::Exists }
}

#[tokio::test]
async fn each_command_stands_or_falls_by_itself() {
    let mut users = MockUserRepository::new();
    users.expect_create().returning(|_| Err(CreateUserError::IdTaken));
    users.expect_update().returning(|id, _, _, _| match id.as_str() {
        "ada" => Ok(full_user("ada")),
        "bob" => Err(UpdateUserError::UsernameTaken),
        _ => Err(RepositoryError::Overloaded.into()),
    });
    users.expect_delete().returning(|_, _, _| Err(DeleteUserError::NotFound));
    let created = UserCommand::Create(minimal_user("eve").into());
    let commands = vec![update("bob", "x"), created, update("ada", "x"), delete("fay"), update("kim", "x")];
    let BulkWritten { outcomes, replayed } =
        bulk(Arc::new(users)).execute(commands, WriteMode::Real).await.unwrap();
    assert!(!replayed);
    assert_eq!(
        outcomes,
        [
            Err(CommandRefusal::UsernameTaken.into()),
            Err(CommandRefusal::IdTaken.into()),
            Ok(full_user("ada")),
            Err(CommandRefusal::NotFound.into()),
            Err(RepositoryError::Overloaded.into()),
        ]
    );
}

#[tokio::test]
async fn commands_for_one_user_keep_their_order_and_all_are_handed_on() {
    let mut users = MockUserRepository::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = seen.clone();
    users.expect_update().times(2000).returning(move |id, update, _, _| {
        noted.lock().unwrap().push((id.clone(), update));
        Ok(full_user(id.as_str()))
    });
    let place = |number: usize| (format!("u{}", number % 700), number.to_string());
    let commands = (0..2000).map(place).map(|(id, bio)| update(&id, &bio)).collect();
    let written = bulk(Arc::new(users)).execute(commands, WriteMode::Real).await.unwrap();
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
        let commands = vec![update("ada", "x"), delete("bob"), update("ada", "y")];
        let mut users = MockUserRepository::new();
        let expected = users.expect_transact().with(eq(commands.clone()), eq(ending), eq(noon())).times(1);
        expected.return_once(|_, _, _| {
            let outcomes = vec![Ok(full_user("ada")), Err(CommandRefusal::NotFound), Ok(full_user("ada"))];
            Ok(Transacted { outcomes, replayed: true })
        });
        let written = bulk(Arc::new(users)).execute(commands, mode).await.unwrap();
        let outcomes = vec![Ok(full_user("ada")), Err(CommandRefusal::NotFound.into()), Ok(full_user("ada"))];
        assert_eq!(written, BulkWritten { outcomes, replayed: true });
    }
    let mut users = MockUserRepository::new();
    users.expect_transact().returning(|_, _, _| Err(TransactError::KeyReused));
    let written = bulk(Arc::new(users)).execute(vec![delete("bob")], WriteMode::Once(request)).await;
    assert_eq!(written, Err(WriteUserError::KeyReused));
}

#[tokio::test]
async fn users_are_created_under_chosen_and_under_new_ids() {
    let users = Arc::new(MemoryStore::default());
    let bulk = bulk(users.clone());
    let commands = [Some(user_id("ada")), None].map(|id| bulk.creation(id, Profile::default())).to_vec();
    let written = bulk.execute(commands, WriteMode::Real).await.unwrap();
    for (outcome, id) in written.outcomes.iter().zip([user_id("ada"), SequentialIds::default().user_id()]) {
        let user = User::create(id, Profile::default(), noon());
        assert_eq!(outcome.as_ref(), Ok(&user));
        assert_eq!(UserRepository::find(&*users, user.id()).await, Ok(Some(user)));
    }
}
