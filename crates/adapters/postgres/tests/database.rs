//! What the contract suite cannot see from outside: the schema, the lock, and how rows are written.

#[cfg(test)]
mod database {
    use std::time::{Duration, Instant};

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Bool, Text};
    use users_domain::{Change, PageBounds, Precondition, SearchPrefix, SearchQuery, User, UserUpdate};
    use users_ports::{
        Directory as _, HealthCheck, MigrateError, Migrator, RepositoryError, SchemaState, Trouble,
        Unhealthy, Users as _, WriteError,
    };
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::UserStore as _;
    use users_testkit::{PrivatePostgres, bio_update, full_user, minimal_user, noon, user_id};

    fn store(url: &str) -> PostgresStore {
        let settings = PostgresSettings {
            url: url.to_owned(),
            write_connections: 1,
            read_connections: 1,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(10),
            pooling: Pooling::default(),
        };
        PostgresStore::open(&settings).unwrap()
    }

    #[derive(QueryableByName, Debug, PartialEq)]
    struct Column {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text)]
        data_type: String,
        #[diesel(sql_type = Bool)]
        nullable: bool,
    }

    /// Reads `crates/adapters/postgres/src/schema.rs` as text, since it is what a person edits.
    fn columns_of_the_source(table: &str) -> Vec<Column> {
        let source = include_str!("../src/schema.rs");
        let body = source.split(&format!("    {table} (")).nth(1).unwrap().split('}').next().unwrap();
        body.lines()
            .filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
            .map(|(name, sql_type)| {
                let inner = sql_type.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
                let data_type = match inner.unwrap_or(sql_type) {
                    "Text" => "text",
                    "BigInt" => "bigint",
                    "Bool" => "boolean",
                    "Date" => "date",
                    "Timestamptz" => "timestamp with time zone",
                    "Binary" => "bytea",
                    other => panic!("{other}"),
                };
                let (name, data_type) = (name.to_owned(), data_type.to_owned());
                Column { name, data_type, nullable: inner.is_some() }
            })
            .collect()
    }

    #[tokio::test]
    async fn the_tables_are_as_diesel_sees_them() {
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        for table in ["users", "tokens", "idempotency_records"] {
            let columns: Vec<Column> = diesel::sql_query(
                "SELECT column_name::text AS name, data_type::text, is_nullable = 'YES' AS nullable \
                 FROM information_schema.columns WHERE table_name = $1 ORDER BY ordinal_position",
            )
            .bind::<Text, _>(table)
            .load(&mut connection)
            .unwrap();
            assert_eq!(columns, columns_of_the_source(table));
        }
    }

    #[tokio::test]
    async fn migrations_can_be_taken_back() {
        use diesel_migrations::{FileBasedMigrations, MigrationHarness};
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        let migrations = FileBasedMigrations::from_path("../../../migrations/postgres").unwrap();
        connection.revert_all_migrations(migrations).unwrap();
        assert_eq!(store(&url).check().await, Err(Unhealthy::SchemaMissing));
        store(&url).migrate().await.unwrap();
        assert_eq!(store(&url).check().await, Ok(SchemaState::Current));
    }

    #[tokio::test]
    async fn a_schema_ahead_of_the_program_is_left_alone() {
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
        connection.batch_execute(later).unwrap();
        let unknown = "29990101000000".to_owned();
        assert_eq!(store(&url).migrate().await, Err(MigrateError::SchemaAhead { unknown }));
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_not_available() {
        let store = store("postgres://127.0.0.1:1/users");
        assert!(matches!(store.migrate().await, Err(MigrateError::Unavailable(_))));
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::Unreachable));
    }

    /// A store with a user, `ada`, whose sessions have all been in use, and a connection to its server.
    async fn store_in_use() -> (PostgresStore, PgConnection) {
        let url = PrivatePostgres::shared().create_database();
        let store = store(&url);
        store.migrate().await.unwrap();
        store.create(full_user("ada")).await.unwrap();
        store.find(&user_id("ada")).await.unwrap();
        assert_eq!(found(&store, "ada").await, [full_user("ada")]);
        (store, PgConnection::establish(&url).unwrap())
    }

    fn end_all_sessions_but(connection: &mut PgConnection) {
        const OTHERS: &str =
            "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let mut rows = |select: &str| {
            diesel::sql_query(format!("SELECT {select} {OTHERS}")).execute(connection).unwrap()
        };
        assert!(rows("pg_terminate_backend(pid)") >= 1);
        while rows("pid") > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// A connection that has rested for longer is tested before it is used.
    const REST: Duration = Duration::from_millis(500);

    /// The loss shows where a statement is prepared, as every first one of its kind is.
    #[tokio::test]
    async fn a_session_that_was_lost_while_in_use_is_replaced() {
        let (store, mut connection) = store_in_use().await;
        let ada = user_id("ada");
        let update = || store.update(&ada, bio_update("a"), Precondition::Exists, noon());
        let mut lose = async || {
            let used = Instant::now();
            assert_eq!(store.check().await, Ok(SchemaState::Current));
            end_all_sessions_but(&mut connection);
            let outcome = update().await;
            (used.elapsed() < REST).then_some(outcome)
        };
        // On a busy machine the session may have rested, so that its loss was nobody's trouble.
        let mut met = None;
        while met.is_none() {
            met = lose().await;
        }
        // Whoever finds the server gone is told to try again.
        let unavailable =
            |outcome| matches!(outcome, Err(WriteError::Repository(RepositoryError::Unavailable(_))));
        assert!(met.is_some_and(unavailable));
        update().await.unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Current));
    }

    #[tokio::test]
    async fn a_session_that_was_lost_while_it_rested_is_nobodys_trouble() {
        let (store, mut connection) = store_in_use().await;
        end_all_sessions_but(&mut connection);
        tokio::time::sleep(REST + Duration::from_millis(1)).await;
        assert_eq!(store.find(&user_id("ada")).await, Ok(Some(full_user("ada"))));
        assert_eq!(found(&store, "ada").await, [full_user("ada")]);
        store.update(&user_id("ada"), bio_update("a"), Precondition::Exists, noon()).await.unwrap();
    }

    /// The test of a session that has rested may take longer than somebody waits.
    #[tokio::test]
    async fn what_nobody_waits_for_any_more_when_there_is_a_session_is_not_begun() {
        let postgres = PrivatePostgres::builder().start();
        let store = store(&postgres.create_database());
        store.migrate().await.unwrap();
        let ada = store.create(full_user("ada")).await.unwrap();
        tokio::time::sleep(REST + Duration::from_millis(1)).await;
        postgres.freeze();
        let update = store.update(ada.id(), bio_update("a"), Precondition::Exists, noon());
        assert!(tokio::time::timeout(Duration::from_millis(200), update).await.is_err());
        postgres.thaw();
        // Behind it in the queue of the writers.
        assert_eq!(store.check().await, Ok(SchemaState::Current));
        assert_eq!(store.find(ada.id()).await, Ok(Some(ada)));
    }

    async fn found(store: &PostgresStore, prefix: &str) -> Vec<User> {
        let (prefix, limit) = (SearchPrefix::parse(prefix).unwrap(), PageBounds::default());
        store.search(&SearchQuery { prefix, after: None, limit }).await.unwrap().users
    }

    #[tokio::test]
    async fn users_who_were_there_before_there_was_a_search_are_found() {
        use diesel_migrations::{FileBasedMigrations, MigrationHarness};
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        store(&url).create(full_user("ada")).await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        let mut revert = || {
            let migrations = FileBasedMigrations::from_path("../../../migrations/postgres").unwrap();
            connection.revert_last_migration(migrations).unwrap().to_string()
        };
        // Down to the schema that had no keys.
        while revert() != "20261102000000" {}
        store(&url).migrate().await.unwrap();
        for prefix in ["ada", "LOVE", "ada@example", "analytical e"] {
            assert_eq!(found(&store(&url), prefix).await, [full_user("ada")], "{prefix}");
        }
    }

    /// A copy of the service that knows no keys yet leaves them out. That is no change of the user, and is mended by one.
    #[tokio::test]
    async fn a_key_that_is_not_there_makes_no_update_a_change() {
        let url = PrivatePostgres::shared().create_database();
        let store = store(&url);
        store.migrate().await.unwrap();
        let ada = store.create(full_user("ada")).await.unwrap();
        let mut connection = PgConnection::establish(&url).unwrap();
        connection.batch_execute("UPDATE users SET email_key = NULL").unwrap();
        let email =
            |text: &str| UserUpdate { email: Change::Set(text.parse().unwrap()), ..UserUpdate::default() };
        let update = |text| store.update(ada.id(), email(text), Precondition::Exists, noon());
        assert_eq!(update("ada@example.org").await, Ok(ada.clone()));
        assert_eq!(found(&store, "ada@").await, []);
        let changed = update("ADA@example.org").await.unwrap();
        assert_eq!(found(&store, "ada@").await, [changed]);
    }

    #[derive(QueryableByName)]
    struct Updates {
        #[diesel(sql_type = BigInt)]
        updated: i64,
        #[diesel(sql_type = BigInt)]
        hot: i64,
    }

    /// Updates that touch no index are "heap-only": no index grows by them. And what changes nothing writes nothing.
    #[tokio::test]
    async fn profile_updates_are_heap_only_and_no_ops_write_nothing() {
        let url = PrivatePostgres::shared().create_database();
        let store = store(&url);
        store.migrate().await.unwrap();
        store.create(full_user("ada")).await.unwrap();
        store.create(minimal_user("bob")).await.unwrap();
        for bio in ["a", "b", "b", "c"] {
            for id in ["ada", "bob"] {
                store.update(&user_id(id), bio_update(bio), Precondition::Exists, noon()).await.unwrap();
            }
        }
        // The session that wrote hands its counts over when it ends.
        drop(store);
        let mut connection = PgConnection::establish(&url).unwrap();
        for _ in 0..100 {
            let counts = "SELECT n_tup_upd AS updated, n_tup_hot_upd AS hot FROM pg_stat_user_tables \
                          WHERE relname = 'users'";
            let counts: Updates = diesel::sql_query(counts).get_result(&mut connection).unwrap();
            if counts.updated > 0 {
                assert_eq!((counts.updated, counts.hot), (6, 6));
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the server counted no update");
    }
}
