//! How transactions get on with each other and with other writes where the contract suite cannot bring it about.

#[cfg(test)]
mod transact {
    use std::sync::Arc;
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use users_domain::Precondition;
    use users_ports::{
        CommandOutcome, Ending, IdempotentRequest, Migrator, Rejection, RepositoryError, Transacted,
        UserCommand, Users as _, WriteError,
    };
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::UserStore as _;
    use users_testkit::{
        PrivatePostgres, bio_update, minimal_user, named_user, noon, user_id, username_update,
    };

    async fn store(url: &str, write_connections: usize, statement_timeout: Duration) -> Arc<PostgresStore> {
        let store = PostgresStore::open(&PostgresSettings {
            url: url.to_owned(),
            write_connections,
            read_connections: 1,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(10),
            statement_timeout,
            pooling: Pooling::default(),
        });
        let store = Arc::new(store.unwrap());
        store.migrate().await.unwrap();
        store
    }

    const PATIENT: Duration = Duration::from_secs(20);

    fn update(id: &str, bio: &str) -> UserCommand {
        let update = Box::new(bio_update(bio));
        UserCommand::Update { id: user_id(id), update, precondition: Precondition::Exists }
    }

    fn set_username(id: &str, name: &str) -> UserCommand {
        let update = Box::new(username_update(name));
        UserCommand::Update { id: user_id(id), update, precondition: Precondition::Exists }
    }

    fn once(key: &str) -> Ending {
        Ending::Once(IdempotentRequest {
            caller: "caller".to_owned(),
            is_self_service: false,
            key: key.to_owned(),
            fingerprint: [7; 32],
        })
    }

    fn usernames(outcomes: &[CommandOutcome]) -> Vec<Option<String>> {
        let username = |outcome: &CommandOutcome| {
            let user = outcome.as_ref().ok()?;
            user.profile().username.as_ref().map(|name| name.as_str().to_owned())
        };
        outcomes.iter().map(username).collect()
    }

    /// Each of two transactions waits for a row that the other has written; the database ends one of them.
    #[tokio::test(flavor = "multi_thread")]
    async fn transactions_that_wait_for_each_other_are_all_carried_out() {
        let store = store(&PrivatePostgres::shared().create_database(), 8, PATIENT).await;
        for id in ["a", "b"] {
            store.create(minimal_user(id)).await.unwrap();
        }
        let transacts = (0..8).map(|number| {
            let store = Arc::clone(&store);
            // What is between the updates keeps them from being written together, in the order of the ids.
            let between = UserCommand::Create(Box::new(minimal_user(&format!("between-{number}"))));
            let bio = number.to_string();
            let mut commands = vec![update("a", &bio), between, update("b", &bio)];
            if number % 2 == 1 {
                commands.reverse();
            }
            tokio::spawn(async move { store.transact_at(commands, once(&number.to_string()), noon()).await })
        });
        for transact in transacts.collect::<Vec<_>>() {
            let Transacted { outcomes, replayed } = transact.await.unwrap().unwrap();
            assert!(!replayed && outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        }
        for id in ["a", "b"] {
            let user = store.find(&user_id(id)).await.unwrap().unwrap();
            assert_eq!(user.version().number() - minimal_user(id).version().number(), 8);
        }
    }

    /// In the order of the ids the second name would be free in time.
    #[tokio::test]
    async fn names_change_hands_in_the_order_of_the_commands() {
        let store = store(&PrivatePostgres::shared().create_database(), 1, PATIENT).await;
        for (id, name) in [("a", "first"), ("b", "second")] {
            store.create(named_user(id, name)).await.unwrap();
        }
        let commands =
            vec![set_username("b", "first"), set_username("a", "third"), set_username("b", "first")];
        let done = store.transact_at(commands, once("names"), noon()).await.unwrap();
        assert_eq!(done.outcomes.first(), Some(&Err(Rejection::UsernameTaken)));
        assert_eq!(usernames(&done.outcomes), [None, Some("third".to_owned()), Some("first".to_owned())]);
    }

    /// A name that is taken between the look and the write refuses its update, and the transaction goes on.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_name_that_another_session_takes_refuses_one_command() {
        let url = PrivatePostgres::shared().create_database();
        let store = store(&url, 1, PATIENT).await;
        for id in ["a", "b", "c"] {
            store.create(minimal_user(id)).await.unwrap();
        }
        let mut other = PgConnection::establish(&url).unwrap();
        let take = "BEGIN; UPDATE users SET username = 'taken', username_key = 'taken' WHERE id = 'c'";
        other.batch_execute(take).unwrap();
        let asked = Arc::clone(&store);
        let transact = tokio::spawn(async move {
            let commands = vec![set_username("a", "taken"), set_username("b", "free"), update("a", "after")];
            asked.transact_at(commands, once("taken"), noon()).await
        });
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                       AND datname = current_database()";
        while PrivatePostgres::shared().psql(&url, waiting) == "0" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        other.batch_execute("COMMIT").unwrap();
        let outcomes = transact.await.unwrap().unwrap().outcomes;
        assert_eq!(outcomes.first(), Some(&Err(Rejection::UsernameTaken)));
        assert_eq!(usernames(&outcomes), [None, Some("free".to_owned()), None]);
        let kept = store.find(&user_id("a")).await.unwrap();
        assert_eq!(kept, outcomes.last().cloned().unwrap().ok());
    }

    /// A key that is under way is told at once, and a transaction that fails leaves nothing, and a connection that can be used.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_transaction_that_fails_leaves_nothing() {
        let url = PrivatePostgres::shared().create_database();
        let store = store(&url, 2, Duration::from_secs(1)).await;
        store.create(minimal_user("a")).await.unwrap();
        let mut other = PgConnection::establish(&url).unwrap();
        other.batch_execute("BEGIN; UPDATE users SET bio = 'locked' WHERE id = 'a'").unwrap();
        let new = || UserCommand::Create(Box::new(minimal_user("new")));
        let asked = Arc::clone(&store);
        let commands = vec![new(), update("a", "late")];
        let transact = tokio::spawn(async move { asked.transact_at(commands, once("key"), noon()).await });
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
                       AND datname = current_database()";
        while PrivatePostgres::shared().psql(&url, waiting) == "0" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let second = store.transact_at(vec![new()], once("key"), noon()).await;
        assert_eq!(second, Err(WriteError::KeyInUse));
        let failed = transact.await.unwrap();
        assert!(matches!(failed, Err(WriteError::Repository(RepositoryError::Unavailable(_)))), "{failed:?}");
        other.batch_execute("ROLLBACK").unwrap();
        assert_eq!(store.find(&user_id("new")).await, Ok(None));
        let again = store.transact_at(vec![new(), update("a", "late")], once("key"), noon()).await.unwrap();
        assert!(!again.replayed && again.outcomes.iter().all(Result::is_ok));
    }
}
