//! What the contract suite cannot see from outside: the schema, the file, and how rows are written.

#[cfg(test)]
mod database {
    use std::path::Path;
    use std::time::Duration;

    use chrono::{DateTime, TimeDelta, Utc};
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Bool, Text};
    use users_domain::{Member, PageBounds, Precondition, SearchPrefix, SearchQuery};
    use users_ports::{
        Directory as _, Ending, HealthCheck, IdempotencyRecords as _, IdempotentRequest, KEPT_FOR,
        MigrateError, Migrator, RepositoryError, SchemaState, Transacted, Trouble, Unhealthy, UserCommand,
        Users as _, WriteError,
    };
    use users_sqlite::{SqliteSettings, SqliteStore};
    use users_testkit::UserStore as _;
    use users_testkit::{bio_update, full_profile, full_user, minimal_user, noon, update_member, user_id};

    fn open(folder: &Path) -> Result<SqliteStore, String> {
        SqliteStore::open(&SqliteSettings {
            path: folder.join("users.db"),
            read_connections: 1,
            queue_capacity: 1_000,
            busy_timeout: Duration::from_millis(300),
        })
    }

    fn connect(folder: &Path) -> SqliteConnection {
        let mut connection = SqliteConnection::establish(folder.join("users.db").to_str().unwrap()).unwrap();
        // The threads of a store that was dropped may still be closing the file.
        connection.batch_execute("PRAGMA busy_timeout = 5000").unwrap();
        connection
    }

    /// What is written to a file that was deleted or replaced is in no file that anybody can find.
    #[tokio::test]
    async fn a_file_that_was_replaced_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        store.create(minimal_user("ada")).await.unwrap();
        let (path, aside) = (folder.path().join("users.db"), folder.path().join("aside.db"));
        let assert_replaced = async || {
            let unhealthy = store.check().await.unwrap_err();
            assert_eq!(unhealthy.trouble(), Some(Trouble::Replaced));
            assert!(matches!(store.create(minimal_user("bob")).await, Err(WriteError::Repository(_))));
            tokio::time::sleep(Duration::from_millis(150)).await;
            assert!(store.find(&user_id("ada")).await.is_err());
        };
        std::fs::rename(&path, &aside).unwrap();
        assert_replaced().await;
        assert!(!path.exists());
        std::fs::copy(&aside, &path).unwrap();
        assert_replaced().await;
        // The very file is good again.
        std::fs::rename(&aside, &path).unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Current));
        assert_eq!(store.find(&user_id("ada")).await, Ok(Some(minimal_user("ada"))));
    }

    /// The log begins anew again and again while the writer never rests, and ends up in the file.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_log_stays_short_however_much_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = std::sync::Arc::new(open(folder.path()).unwrap());
        store.migrate().await.unwrap();
        for number in 0..100 {
            store.create(minimal_user(&format!("u{number}"))).await.unwrap();
        }
        let mut longest = 0;
        for round in 0..300 {
            let writes = (0..100).map(|number| {
                let store = std::sync::Arc::clone(&store);
                let (id, bio) = (user_id(&format!("u{number}")), format!("{round} {}", "x".repeat(3_900)));
                tokio::spawn(async move {
                    store.update(&id, bio_update(&bio), Precondition::Exists, noon()).await.unwrap()
                })
            });
            for write in writes.collect::<Vec<_>>() {
                write.await.unwrap();
            }
            longest = longest.max(folder.path().join("users.db-wal").metadata().unwrap().len());
        }
        assert!(longest < 64 << 20, "{longest} bytes");
    }

    /// A write may be a thousand users: the log is copied back by time too.
    #[tokio::test(flavor = "multi_thread")]
    async fn the_log_stays_short_if_writes_are_few_and_large() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        let ids: Vec<_> = (0..200).map(|number| user_id(&format!("u{number}"))).collect();
        for id in &ids {
            store.create(minimal_user(id.as_str())).await.unwrap();
        }
        let mut longest = 0;
        for round in 0..200 {
            let update = bio_update(&format!("{round} {}", "x".repeat(3_900)));
            let commands = ids.iter().map(|id| UserCommand::Update {
                id: id.clone(),
                update: Box::new(update.clone()),
                precondition: Precondition::Exists,
            });
            let ending = Ending::Once(request(&format!("{round}")));
            store.transact_at(commands.collect(), ending, noon()).await.unwrap();
            longest = longest.max(folder.path().join("users.db-wal").metadata().unwrap().len());
        }
        assert!(longest < 64 << 20, "{longest} bytes");
    }

    #[derive(QueryableByName, Debug, PartialEq)]
    struct Column {
        #[diesel(sql_type = Text)]
        name: String,
        #[diesel(sql_type = Text, column_name = "type")]
        sql_type: String,
        #[diesel(sql_type = Bool)]
        nullable: bool,
    }

    /// Reads `crates/adapters/sqlite/src/schema.rs` as text, since it is what a person edits.
    fn columns_of_the_source(table: &str) -> Vec<Column> {
        let source = include_str!("../src/schema.rs");
        let body = source.split(&format!("    {table} (")).nth(1).unwrap().split('}').next().unwrap();
        body.lines()
            .filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "))
            .map(|(name, sql_type)| {
                let inner = sql_type.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
                let sql_type = match inner.unwrap_or(sql_type) {
                    "Text" => "TEXT",
                    "BigInt" => "BIGINT",
                    "Bool" => "BOOLEAN",
                    "Binary" => "BLOB",
                    other => panic!("{other}"),
                };
                Column { name: name.to_owned(), sql_type: sql_type.to_owned(), nullable: inner.is_some() }
            })
            .collect()
    }

    #[tokio::test]
    async fn the_tables_are_as_diesel_sees_them() {
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap().migrate().await.unwrap();
        for table in ["users", "tokens", "idempotency_records"] {
            let columns: Vec<Column> =
                diesel::sql_query("SELECT name, type, NOT \"notnull\" AS nullable FROM pragma_table_info(?)")
                    .bind::<Text, _>(table)
                    .load(&mut connect(folder.path()))
                    .unwrap();
            assert_eq!(columns, columns_of_the_source(table));
        }
    }

    #[tokio::test]
    async fn migrations_can_be_taken_back() {
        use diesel_migrations::{FileBasedMigrations, MigrationHarness};
        let folder = tempfile::tempdir().unwrap();
        open(folder.path()).unwrap().migrate().await.unwrap();
        let migrations = FileBasedMigrations::from_path("../../../migrations/sqlite").unwrap();
        connect(folder.path()).revert_all_migrations(migrations).unwrap();
        let store = open(folder.path()).unwrap();
        assert_eq!(store.check().await, Err(Unhealthy::SchemaMissing));
        store.migrate().await.unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Current));
    }

    #[tokio::test]
    async fn a_schema_ahead_of_the_program_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
        connect(folder.path()).batch_execute(later).unwrap();
        let unknown = "29990101000000".to_owned();
        assert_eq!(store.migrate().await, Err(MigrateError::SchemaAhead { unknown }));
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let error = open(Path::new("/nonexistent")).err().unwrap();
        assert!(error.contains("/nonexistent/users.db cannot be opened for writing"), "{error}");
    }

    #[tokio::test]
    async fn the_files_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        store.create(minimal_user("ada")).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 3, "{files:?}");
        for file in files {
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
        }
    }

    #[test]
    fn a_file_of_another_kind_is_named_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.db");
        for text in ["x", "These are notes, and no database."] {
            std::fs::write(&path, text).unwrap();
            let error = open(folder.path()).err().unwrap();
            assert!(error.contains("users.db is a file of another kind"), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[tokio::test]
    async fn what_was_answered_is_there_after_the_store_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        store.create(full_user("ada")).await.unwrap();
        let updated =
            store.update(&user_id("ada"), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
        drop(store);
        assert_eq!(open(folder.path()).unwrap().find(&user_id("ada")).await, Ok(Some(updated)));
    }

    #[tokio::test]
    async fn a_file_that_another_process_keeps_locked_is_not_available_and_heals() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        store.create(minimal_user("ada")).await.unwrap();
        let mut other = connect(folder.path());
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        let refused = store.update(&user_id("ada"), bio_update("x"), Precondition::Exists, noon()).await;
        let unavailable =
            |error: &_| matches!(error, WriteError::Repository(RepositoryError::Unavailable(_)));
        assert!(refused.as_ref().is_err_and(unavailable), "{refused:?}");
        // Who reads does not wait for who writes.
        assert!(store.find(&user_id("ada")).await.unwrap().is_some());
        other.batch_execute("ROLLBACK").unwrap();
        store.update(&user_id("ada"), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
    }

    #[derive(QueryableByName)]
    struct Changes {
        #[diesel(sql_type = BigInt)]
        data_version: i64,
    }

    #[tokio::test]
    async fn an_update_that_changes_nothing_leaves_the_file_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        store.create(minimal_user("ada")).await.unwrap();
        store.update(&user_id("ada"), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
        let mut other = connect(folder.path());
        // Differs as soon as another connection has changed the file.
        let mut seen = || {
            diesel::sql_query("PRAGMA data_version").get_result::<Changes>(&mut other).unwrap().data_version
        };
        let before = seen();
        store.update(&user_id("ada"), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
        assert_eq!(seen(), before);
        store.update(&user_id("ada"), bio_update("y"), Precondition::Exists, noon()).await.unwrap();
        assert_ne!(seen(), before);
    }

    fn search(prefix: &str) -> SearchQuery {
        SearchQuery {
            prefix: SearchPrefix::parse(prefix).unwrap(),
            after: None,
            limit: PageBounds::default(),
        }
    }

    #[tokio::test]
    async fn who_was_here_before_searches_is_found_and_unchanged() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        let ada = full_user("ada");
        store.create(ada.clone()).await.unwrap();
        let mut other = connect(folder.path());
        // As the migration fills them where lower() knows no better.
        let backfill = "UPDATE users SET first_name_key = first_name, last_name_key = lower(last_name)";
        other.batch_execute(backfill).unwrap();
        assert_eq!(store.search(&search("LOVE")).await.unwrap().users, std::slice::from_ref(&ada));
        let same = update_member(Member::FirstName, &full_profile());
        let update = store.update(&user_id("ada"), same, Precondition::Exists, noon()).await;
        assert_eq!(update, Ok(ada));
    }

    #[tokio::test]
    async fn a_row_that_cannot_be_read_makes_no_other_write_fail() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        store.create(full_user("broken")).await.unwrap();
        connect(folder.path()).batch_execute("UPDATE users SET birthday = 'x'").unwrap();
        let (broken, ada) = (user_id("broken"), minimal_user("ada"));
        // The first keeps the writer busy while the others gather.
        let (first, unreadable, created, deleted) = tokio::join!(
            store.create(minimal_user("first")),
            store.update(&broken, bio_update("x"), Precondition::Exists, noon()),
            store.create(ada.clone()),
            store.delete(ada.id(), Precondition::Exists, noon()),
        );
        assert!(first.is_ok());
        let internal = |error: &_| matches!(error, WriteError::Repository(RepositoryError::Internal(_)));
        assert!(unreadable.as_ref().is_err_and(internal), "{unreadable:?}");
        assert_eq!(created, Ok(ada.clone()));
        assert_eq!(deleted, Ok(ada));
    }

    fn request(key: &str) -> IdempotentRequest {
        IdempotentRequest {
            caller: "caller".to_owned(),
            is_self_service: false,
            key: key.to_owned(),
            fingerprint: [7; 32],
        }
    }

    fn creation(id: &str) -> Vec<UserCommand> {
        vec![UserCommand::Create(Box::new(full_user(id)))]
    }

    #[tokio::test]
    async fn what_was_done_under_a_key_is_known_after_the_store_is_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        let done = store.transact_at(creation("ada"), Ending::Once(request("a")), noon()).await.unwrap();
        drop(store);
        let store = open(folder.path()).unwrap();
        assert_eq!(store.recall(&request("a"), noon()).await, Ok(Some(done.outcomes.clone())));
        let again = store.transact_at(creation("ada"), Ending::Once(request("a")), noon()).await.unwrap();
        assert_eq!(again, Transacted { replayed: true, ..done });
    }

    #[tokio::test]
    async fn what_is_rolled_back_leaves_the_rest_of_its_transaction_alone() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        let (first, tried, kept) = tokio::join!(
            store.create(minimal_user("first")),
            store.transact_at(creation("ada"), Ending::RollBack, noon()),
            store.create(full_user("eve")),
        );
        assert_eq!(tried.unwrap().outcomes, [Ok(full_user("ada"))]);
        assert!(first.is_ok() && kept == Ok(full_user("eve")), "the username was free again");
        assert_eq!(store.find(&user_id("ada")).await, Ok(None));
    }

    #[tokio::test]
    async fn a_locked_file_keeps_a_transaction_from_happening() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        let mut other = connect(folder.path());
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        let refused = store.transact_at(creation("ada"), Ending::Once(request("a")), noon()).await;
        let unavailable =
            |error: &_| matches!(error, WriteError::Repository(RepositoryError::Unavailable(_)));
        assert!(refused.as_ref().is_err_and(unavailable), "{refused:?}");
        other.batch_execute("ROLLBACK").unwrap();
        assert_eq!(store.recall(&request("a"), noon()).await, Ok(None));
        assert_eq!(store.find(&user_id("ada")).await, Ok(None));
    }

    #[tokio::test]
    async fn idempotency_records_are_forgotten_a_few_at_a_time_once_they_have_had_their_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).unwrap();
        store.migrate().await.unwrap();
        for (key, minutes) in [("a", 0), ("b", 1), ("c", 2), ("d", 3)] {
            let creation = vec![UserCommand::Create(Box::new(minimal_user(key)))];
            let now = noon() + TimeDelta::minutes(minutes);
            store.transact_at(creation, Ending::Once(request(key)), now).await.unwrap();
        }
        let now = noon() + KEPT_FOR + TimeDelta::minutes(3);
        assert_eq!(store.forget(2, now).await, Ok(2));
        assert_eq!(store.forget(2, now).await, Ok(1));
        assert_eq!(store.forget(2, now).await, Ok(0));
        assert!(store.recall(&request("d"), now).await.unwrap().is_some());
        assert_eq!(store.forget(2, DateTime::<Utc>::MIN_UTC).await, Ok(0));
    }
}
