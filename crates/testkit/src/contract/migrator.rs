//! Contracts of [`Migrator`], on a store that is not migrated yet, and of [`HealthCheck`] before and after.

use std::sync::Arc;

use users_ports::MigrationStatus::{self, Applied, Missing};
use users_ports::{HealthCheck, MigrationState, Migrator, SchemaState, Unhealthy};

use super::together::at_once;

/// The store under test, which is not migrated yet.
#[derive(Clone)]
pub struct Migrated {
    /// What migrates the store.
    pub migrator: Arc<dyn Migrator>,
    /// What tells whether that was done.
    pub health: Arc<dyn HealthCheck>,
}

/// The migrations that stand so, by name.
async fn names(store: &Migrated, status: MigrationStatus) -> Vec<String> {
    let all = store.migrator.status().await.unwrap();
    all.into_iter().filter(|state| state.status == status).map(|MigrationState { name, .. }| name).collect()
}

/// A new store has every migration before it, and each behind it once it is migrated.
pub async fn a_new_store_is_migrated_in_order(store: Migrated) {
    let missing = names(&store, Missing).await;
    assert!(!missing.is_empty(), "this version knows no migration");
    assert!(missing.is_sorted(), "{missing:?}");
    assert!(names(&store, Applied).await.is_empty());
    assert_eq!(store.migrator.migrate().await.as_ref(), Ok(&missing));
    assert_eq!(names(&store, Applied).await, missing);
    assert!(names(&store, Missing).await.is_empty());
}

/// A store that is migrated already is left as it is.
pub async fn a_migrated_store_is_left_as_it_is(store: Migrated) {
    store.migrator.migrate().await.unwrap();
    let applied = names(&store, Applied).await;
    assert_eq!(store.migrator.migrate().await, Ok(vec![]));
    assert_eq!(names(&store, Applied).await, applied);
}

/// Of several who migrate at once, each migration is applied by one, and all come to a migrated store.
pub async fn several_at_once_apply_each_migration_once(store: Migrated) {
    let missing = names(&store, Missing).await;
    let answers = at_once((0..8).map(|_| {
        let store = store.clone();
        async move {
            let applied = store.migrator.migrate().await.unwrap();
            assert_eq!(store.health.check().await, Ok(SchemaState::Current));
            applied
        }
    }))
    .await;
    let mut applied = answers.concat();
    applied.sort();
    assert_eq!(applied, missing);
}

/// The store says that its schema is missing until it is migrated, and is well from then on.
pub async fn a_store_is_well_once_it_is_migrated(store: Migrated) {
    assert_eq!(store.health.check().await, Err(Unhealthy::SchemaMissing));
    store.migrator.migrate().await.unwrap();
    assert_eq!(store.health.check().await, Ok(SchemaState::Current));
}
