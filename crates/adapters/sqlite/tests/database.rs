//! What the contract suite cannot see from outside: the schema, the file, and how rows are written.

#[cfg(test)]
mod database {
    use std::path::Path;
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Bool, Text};
    use users_domain::Precondition;
    use users_ports::{HealthCheck, MigrateError, Migrator, RepositoryError, Unhealthy, UserRepository};
    use users_sqlite::{SqliteSettings, SqliteStore};
    use users_testkit::{bio_update, full_user, minimal_user, noon, user_id};

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
        let body = source.split(&format!("    {table} (id) {{")).nth(1).unwrap().split('}').next().unwrap();
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
        for table in ["users", "tokens"] {
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
        assert_eq!(store.check().await, Err(Unhealthy::SchemaBehind));
        store.migrate().await.unwrap();
        assert_eq!(store.check().await, Ok(()));
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
        let unavailable = |error: &_| {
            matches!(error, users_ports::UpdateUserError::Repository(RepositoryError::Unavailable(_)))
        };
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
}
