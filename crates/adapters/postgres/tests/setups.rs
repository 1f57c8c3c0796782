//! PostgreSQL as operators set it up: roles, languages, encodings, limits.

#[cfg(test)]
mod setups {
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    use rstest::rstest;
    use users_domain::Precondition;
    use users_ports::{
        HealthCheck, MigrateError, Migrator, SchemaState, StoreMetrics, TokenRepository, Trouble,
    };
    use users_postgres::{Pooling, PostgresSettings, PostgresStore};
    use users_testkit::UserStore;
    use users_testkit::{PrivatePostgres, bio_update, full_user, minimal_user, noon, token_record, user_id};

    fn store(url: &str) -> PostgresStore {
        let settings = PostgresSettings {
            url: url.to_owned(),
            write_connections: 2,
            read_connections: 1,
            queue_capacity: 1_000,
            connect_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(2),
            pooling: Pooling::default(),
        };
        PostgresStore::open(&settings).unwrap()
    }

    fn users(store: &PostgresStore) -> &dyn UserStore {
        store
    }

    async fn migrated() -> String {
        let url = PrivatePostgres::shared().create_database();
        store(&url).migrate().await.unwrap();
        url
    }

    /// A database's name.
    fn name(url: &str) -> &str {
        url.rsplit('/').next().unwrap()
    }

    fn admin(sql: &str) {
        PrivatePostgres::shared().psql("postgres", sql);
    }

    /// The URL with another role.
    fn as_role(url: &str, role: &str) -> String {
        url.replace("postgres@", &format!("{role}@"))
    }

    #[tokio::test]
    async fn a_role_without_rights_to_change_the_schema_is_enough() {
        let url = migrated().await;
        admin("CREATE ROLE dml LOGIN");
        PrivatePostgres::shared()
            .psql(&url, "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO dml");
        let store = store(&as_role(&url, "dml"));
        assert_eq!(store.check().await, Ok(SchemaState::Current));
        assert_eq!(store.migrate().await, Ok(vec![]));
        users(&store).create(full_user("ada")).await.unwrap();
        assert_eq!(store.usage().troubles.iter().map(|(_, count)| count).sum::<u64>(), 0);
    }

    #[tokio::test]
    async fn a_role_that_lacks_a_right_is_told() {
        const RIGHTS: [&str; 4] = ["SELECT", "INSERT", "UPDATE", "DELETE"];
        let url = migrated().await;
        for lacking in RIGHTS {
            let role = format!("without_{}", lacking.to_lowercase());
            admin(&format!("CREATE ROLE {role} LOGIN"));
            let held = RIGHTS.into_iter().filter(|right| *right != lacking).collect::<Vec<_>>().join(", ");
            let grant = format!(
                "GRANT SELECT ON __diesel_schema_migrations TO {role}; GRANT ALL ON users, idempotency_records TO {role}; \
                 GRANT {held} ON tokens TO {role}"
            );
            PrivatePostgres::shared().psql(&url, &grant);
            let unhealthy = store(&as_role(&url, &role)).check().await.unwrap_err();
            assert_eq!(unhealthy.trouble(), Some(Trouble::AccessRefused), "{lacking}");
        }
    }

    /// The server's messages are German; what decides is the kind of each error, or what was asked.
    #[tokio::test(flavor = "multi_thread")]
    async fn trouble_is_told_apart_in_every_language() {
        let server = PrivatePostgres::builder().language("de").asks_for_password("secretive").start();
        let url = server.create_database();
        store(&url).migrate().await.unwrap();
        // The server does speak German.
        let said = PgConnection::establish(&url).unwrap().batch_execute("SELECT 1 / 0").unwrap_err();
        assert!(said.to_string().contains("durch Null"), "{said}");

        server.psql("postgres", "CREATE ROLE secretive LOGIN PASSWORD 'x'");
        let wrong = store(&url.replace("postgres@", "secretive:y@")).check().await.unwrap_err();
        assert_eq!(wrong.trouble(), Some(Trouble::AccessRefused));
        let missing = store(&server.url("nothing")).check().await.unwrap_err();
        assert_eq!(missing.trouble(), Some(Trouble::AccessRefused));

        let store = Arc::new(store(&url));
        users(&store).create(full_user("ada")).await.unwrap();
        let lock = lock_users(&url);
        let write = |text: &str| {
            let (store, update) = (Arc::clone(&store), bio_update(text));
            async move { store.update(&user_id("ada"), update, Precondition::Exists, noon()).await }
        };
        assert!(write("late").await.is_err());
        drop(lock);
        assert_eq!(counted(&store, Trouble::TimedOut), 1);

        // Sessions that have become read-only are replaced once they need not be any more.
        let alter = |value: &str| {
            server.psql(
                "postgres",
                &format!("ALTER DATABASE {} SET default_transaction_read_only = {value}", name(&url)),
            );
            server.psql(
                "postgres",
                &format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
                    name(&url)
                ),
            );
        };
        alter("on");
        let start = Instant::now();
        while store.check().await.map_err(|unhealthy| unhealthy.trouble()) != Err(Some(Trouble::ReadOnly)) {
            assert!(start.elapsed() < Duration::from_secs(20));
        }
        assert!(write("no").await.is_err());
        server.psql(
            "postgres",
            &format!("ALTER DATABASE {} SET default_transaction_read_only = off", name(&url)),
        );
        // The sessions that were begun in between may each refuse one write.
        for _ in 0..2 {
            let _ = write("again").await;
        }
        for round in 0..480 {
            write(&round.to_string()).await.unwrap();
        }
        assert_eq!(store.check().await, Ok(SchemaState::Current));
    }

    fn counted(store: &PostgresStore, trouble: Trouble) -> u64 {
        store.usage().troubles.iter().find(|(kind, _)| *kind == trouble).unwrap().1
    }

    /// A transaction that keeps writers from the table, until it is dropped.
    fn lock_users(url: &str) -> PgConnection {
        let mut connection = PgConnection::establish(url).unwrap();
        connection.batch_execute("BEGIN; LOCK TABLE users IN EXCLUSIVE MODE").unwrap();
        connection
    }

    #[rstest]
    #[case("LATIN1")]
    #[case("SQL_ASCII")]
    #[tokio::test]
    async fn a_database_that_cannot_hold_every_text_is_rejected(#[case] encoding: &str) {
        let name = format!("in_{}", encoding.to_lowercase());
        admin(&format!(
            "CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        ));
        let store = store(&PrivatePostgres::shared().url(&name));
        let refusal = store.migrate().await.unwrap_err();
        assert!(
            matches!(&refusal, MigrateError::Unsuitable(why) if why.contains("ENCODING 'UTF8'")),
            "{refusal}"
        );
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::Encoding));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn contended_writes_succeed_at_every_default_isolation() {
        for level in ["repeatable read", "serializable"] {
            let url = migrated().await;
            admin(&format!("ALTER DATABASE {} SET default_transaction_isolation = '{level}'", name(&url)));
            let copies = [Arc::new(store(&url)), Arc::new(store(&url))];
            users(&copies[0]).create(full_user("ada")).await.unwrap();
            let writers =
                copies.iter().flat_map(|store| (0..10).map(move |number| (Arc::clone(store), number)));
            let writers = writers.map(|(store, number)| {
                tokio::spawn(async move {
                    for round in 0..20 {
                        let update = bio_update(&format!("{number} {round}"));
                        store.update(&user_id("ada"), update, Precondition::Exists, noon()).await.unwrap();
                    }
                })
            });
            for writer in writers.collect::<Vec<_>>() {
                writer.await.unwrap();
            }
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn limits_of_the_role_do_not_cut_a_migration_off() {
        let url = PrivatePostgres::shared().create_database();
        for limit in ["statement_timeout", "lock_timeout"] {
            admin(&format!("ALTER DATABASE {} SET {limit} = '1ms'", name(&url)));
        }
        assert!(!store(&url).migrate().await.unwrap().is_empty());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn another_copy_that_migrates_for_long_is_no_failure() {
        let url = PrivatePostgres::shared().create_database();
        let mut other = PgConnection::establish(&url).unwrap();
        other.batch_execute(&format!("SELECT pg_advisory_lock({})", 0x75_73_65_72_73_i64)).unwrap();
        let store = store(&url);
        assert_eq!(store.migrate().await, Err(MigrateError::InProgress));
        drop(other);
        assert!(!store.migrate().await.unwrap().is_empty());
    }

    /// What was prepared before a column gets another type is refused by PostgreSQL for as long as the session lives.
    #[tokio::test(flavor = "multi_thread")]
    async fn a_column_may_get_another_type_under_load() {
        let url = migrated().await;
        let store = Arc::new(store(&url));
        for number in 0..20 {
            users(&store).create(minimal_user(&format!("v{number}"))).await.unwrap();
        }
        let writers = (0..20).map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let id = user_id(&format!("v{number}"));
                for round in 0..100 {
                    let update = bio_update(&format!("{number} {round}"));
                    store.update(&id, update, Precondition::Exists, noon()).await.unwrap();
                    users(&store).find(&id).await.unwrap().unwrap();
                }
            })
        });
        let writers: Vec<_> = writers.collect();
        let alter = thread::spawn(move || {
            let mut connection = PgConnection::establish(&url).unwrap();
            for length in [5_000, 6_000, 7_000] {
                thread::sleep(Duration::from_millis(60));
                connection
                    .batch_execute(&format!("ALTER TABLE users ALTER COLUMN bio TYPE varchar({length})"))
                    .unwrap();
            }
        });
        for writer in writers {
            writer.await.unwrap();
        }
        alter.join().unwrap();
        let update = bio_update("after");
        store.update(&user_id("v0"), update, Precondition::Exists, noon()).await.unwrap();
    }

    /// Writes that wait for somebody else's lock hold up no look-up of a token, which every request begins with.
    #[tokio::test(flavor = "multi_thread")]
    async fn waiting_writes_hold_up_no_token() {
        let url = migrated().await;
        let store = Arc::new(store(&url));
        let tokens: &dyn TokenRepository = &*store;
        tokens.create(token_record("t")).await.unwrap();
        users(&store).create(full_user("ada")).await.unwrap();
        let lock = lock_users(&url);
        let writes: Vec<_> = (0..20)
            .map(|number| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    let update = bio_update(&number.to_string());
                    store.update(&user_id("ada"), update, Precondition::Exists, noon()).await
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(200)).await;
        let start = Instant::now();
        assert_eq!(tokens.find("t").await, Ok(Some(token_record("t"))));
        assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
        drop(lock);
        for write in writes {
            write.await.unwrap().unwrap();
        }
    }
}
