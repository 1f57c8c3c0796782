//! SQLite keeps every promise of the ports.

#[cfg(test)]
mod sqlite {
    use std::ops::Deref;
    use std::time::Duration;

    use tempfile::TempDir;
    use users_ports::Migrator;
    use users_sqlite::{SqliteSettings, SqliteStore};

    /// A store, and the folder that goes with it.
    struct Temporary(SqliteStore, #[expect(dead_code, reason = "keeps the folder")] TempDir);

    impl Deref for Temporary {
        type Target = SqliteStore;

        fn deref(&self) -> &SqliteStore {
            &self.0
        }
    }

    async fn empty_store() -> Temporary {
        let folder = tempfile::tempdir().unwrap();
        let settings = SqliteSettings {
            path: folder.path().join("users.db"),
            read_connections: 2,
            queue_capacity: 1_000,
            busy_timeout: Duration::from_secs(5),
        };
        Temporary(SqliteStore::open(&settings).unwrap(), folder)
    }

    async fn migrated_store() -> Temporary {
        let store = empty_store().await;
        store.migrate().await.unwrap();
        store
    }

    users_testkit::users_contract!(migrated_store);
    users_testkit::token_repository_contract!(migrated_store);
    users_testkit::self_service_contract!(migrated_store);
    users_testkit::migrator_contract!(empty_store);
}
