//! What the store says of a file that it cannot use, and how often it met such trouble.

#[cfg(test)]
mod health {
    use std::path::Path;
    use std::time::Duration;

    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use users_ports::{HealthCheck, Migrator, SchemaState, StoreMetrics, Trouble, Unhealthy, Users as _};
    use users_sqlite::{SqliteSettings, SqliteStore};
    use users_testkit::UserStore as _;
    use users_testkit::{minimal_user, user_id};

    fn open(folder: &Path) -> SqliteStore {
        let settings = SqliteSettings {
            path: folder.join("users.db"),
            read_connections: 1,
            queue_capacity: 1_000,
            busy_timeout: Duration::from_millis(300),
        };
        SqliteStore::open(&settings).unwrap()
    }

    fn connect(folder: &Path) -> SqliteConnection {
        SqliteConnection::establish(folder.join("users.db").to_str().unwrap()).unwrap()
    }

    /// How often there was this trouble, and any.
    fn counted(store: &SqliteStore, trouble: Trouble) -> (u64, u64) {
        let troubles = store.usage().troubles;
        let of_kind = troubles.iter().find(|(kind, _)| *kind == trouble).unwrap().1;
        (of_kind, troubles.iter().map(|(_, count)| count).sum())
    }

    #[tokio::test]
    async fn a_file_that_another_process_keeps_locked_is_busy() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.migrate().await.unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Current));
        let mut other = connect(folder.path());
        other.batch_execute("BEGIN IMMEDIATE").unwrap();
        assert_eq!(store.check().await.unwrap_err().trouble(), Some(Trouble::Busy));
        assert!(store.create(minimal_user("ada")).await.is_err());
        let (busy, all) = counted(&store, Trouble::Busy);
        assert!(busy >= 2 && busy == all, "{:?}", store.usage().troubles);
        other.batch_execute("ROLLBACK").unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Current));
    }

    #[tokio::test]
    async fn a_later_schema_is_told_and_a_missing_one_is_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        assert_eq!(store.check().await, Err(Unhealthy::SchemaMissing));
        assert!(store.create(minimal_user("ada")).await.is_err());
        assert!(counted(&store, Trouble::Schema).0 >= 1);
        store.migrate().await.unwrap();
        let later = "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')";
        connect(folder.path()).batch_execute(later).unwrap();
        assert_eq!(store.check().await, Ok(SchemaState::Ahead));
    }

    #[tokio::test]
    async fn what_answers_a_question_is_no_trouble() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        store.migrate().await.unwrap();
        store.create(minimal_user("ada")).await.unwrap();
        store.create(minimal_user("ada")).await.unwrap_err();
        assert_eq!(store.find(&user_id("eve")).await, Ok(None));
        assert_eq!(counted(&store, Trouble::Other), (0, 0));
    }
}
