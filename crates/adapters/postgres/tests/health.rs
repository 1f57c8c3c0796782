//! What the store says of a database that it cannot use, and how often it met such trouble.

#[cfg(test)]
mod health {
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    use rstest::rstest;
    use users_ports::{
        HealthCheck, MigrationStatus, Migrator, SchemaState, StoreMetrics, Trouble, Unhealthy, Users as _,
    };
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::UserStore as _;
    use users_testkit::{PrivatePostgres, minimal_user, user_id};

    fn store(url: &str) -> PostgresStore {
        let settings = PostgresSettings {
            url: url.to_owned(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(2),
            pooling: Pooling::default(),
        };
        PostgresStore::open(&settings).unwrap()
    }

    /// How often there was this trouble, and any.
    fn counted(store: &PostgresStore, trouble: Trouble) -> (u64, u64) {
        let troubles = store.usage().troubles;
        let of_kind = troubles.iter().find(|(kind, _)| *kind == trouble).unwrap().1;
        (of_kind, troubles.iter().map(|(_, count)| count).sum())
    }

    /// The URL of a database of a server that is there.
    fn url_of(database: &str) -> String {
        PrivatePostgres::shared().url(database)
    }

    #[rstest]
    #[case::away("postgres://127.0.0.1:1/users".to_owned(), Trouble::Unreachable)]
    #[case::no_such_host("postgres://no-such-host.invalid/users".to_owned(), Trouble::Unreachable)]
    #[case::no_such_database(url_of("no_such_database"), Trouble::AccessRefused)]
    #[tokio::test]
    async fn a_database_that_cannot_be_reached_tells_why(#[case] url: String, #[case] trouble: Trouble) {
        let store = store(&url);
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(trouble));
        assert_eq!(counted(&store, trouble), (1, 1));
    }

    #[tokio::test]
    async fn a_database_that_takes_no_writes_is_not_healthy() {
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        let separator = if url.contains('?') { '&' } else { '?' };
        let store = store(&format!("{url}{separator}options=-cdefault_transaction_read_only%3Don"));
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::ReadOnly));
        assert!(store.create(minimal_user("ada")).await.is_err());
        assert_eq!(store.find(&user_id("ada")).await, Ok(None));
        // What only looks does not mind.
        let states = store.status().await.unwrap();
        assert!(states.iter().all(|state| state.status == MigrationStatus::Applied), "{states:?}");
        let (read_only, all) = counted(&store, Trouble::ReadOnly);
        assert!(read_only >= 2 && read_only == all, "{:?}", store.usage().troubles);
    }

    /// A session keeps the default that it was begun with.
    #[tokio::test]
    async fn a_database_that_takes_writes_again_is_healthy_again() {
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        let mut alter = |change: &str| {
            let statement = format!(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {change}', current_database()); END $$"
            );
            connection.batch_execute(&statement).unwrap();
        };
        alter("SET default_transaction_read_only = on");
        let store = store(&url);
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::ReadOnly));
        alter("RESET default_transaction_read_only");
        assert_eq!(store.check().await, Ok(SchemaState::Current));
    }

    #[tokio::test]
    async fn a_database_that_stands_still_is_not_healthy_in_time() {
        let postgres = PrivatePostgres::builder().start();
        let store = store(&postgres.create_database());
        store.migrate().await.unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Current));
        postgres.freeze();
        let found = store.check().await;
        postgres.thaw();
        assert_eq!(found.unwrap_err().trouble(), Some(Trouble::TimedOut));
    }

    #[tokio::test]
    async fn a_later_schema_is_told_and_a_missing_one_is_trouble() {
        let postgres = PrivatePostgres::shared();
        let url = postgres.create_database();
        let store = store(&url);
        assert_eq!(store.check().await, Err(Unhealthy::SchemaMissing));
        assert!(store.create(minimal_user("ada")).await.is_err());
        assert!(counted(&store, Trouble::Schema).0 >= 1);
        store.migrate().await.unwrap();
        let database = url.rsplit('/').next().unwrap().split('?').next().unwrap();
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
        postgres.psql(database, later);
        assert_eq!(store.check().await, Ok(SchemaState::Ahead));
    }

    #[tokio::test]
    async fn what_answers_a_question_is_no_trouble() {
        let store = store(&PrivatePostgres::shared().create_database());
        store.migrate().await.unwrap();
        store.create(minimal_user("ada")).await.unwrap();
        store.create(minimal_user("ada")).await.unwrap_err();
        assert_eq!(store.find(&user_id("eve")).await, Ok(None));
        assert_eq!(counted(&store, Trouble::Other), (0, 0));
    }
}
