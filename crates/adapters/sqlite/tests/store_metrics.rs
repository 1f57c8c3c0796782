//! What the store tells of itself.

#[cfg(test)]
mod store_metrics {
    use std::time::Duration;

    use users_domain::Precondition;
    use users_ports::{BatchCount, ConnectionUsage, Migrator, StoreMetrics, Users as _};
    use users_sqlite::{SqliteSettings, SqliteStore};
    use users_testkit::UserStore as _;
    use users_testkit::{bio_update, minimal_user, noon, user_id};

    #[tokio::test]
    async fn what_was_answered_is_counted() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(&SqliteSettings {
            path: folder.path().join("users.db"),
            read_connections: 3,
            queue_capacity: 10,
            busy_timeout: Duration::from_secs(5),
        })
        .unwrap();
        assert_eq!(store.usage().connections.open, 0, "no connection is made before it is needed");
        store.migrate().await.unwrap();
        let before = store.usage();
        store.create(minimal_user("ada")).await.unwrap();
        store.update(&user_id("ada"), bio_update("new"), Precondition::Exists, noon()).await.unwrap();
        store.find(&user_id("ada")).await.unwrap();

        let after = store.usage();
        assert_eq!(after.writes.begun - before.writes.begun, 2);
        assert_eq!((after.reads.begun, after.reads.waiting, after.reads.refused), (1, 0, 0));
        assert_eq!(after.reads.batches.first(), Some(&BatchCount { largest: 1, count: 1 }));
        assert_eq!(after.reads.batches.iter().map(|batch| batch.count).sum::<u64>(), 1);
        let ConnectionUsage { open, most } = after.connections;
        assert!(open >= 2 && open <= most, "{open} of {most}");
    }
}
