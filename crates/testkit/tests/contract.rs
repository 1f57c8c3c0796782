//! The contract suite, on the store in memory.

mod memory {
    use std::sync::Arc;

    use users_testkit::MemoryStore;

    async fn make_store() -> Arc<MemoryStore> {
        Arc::default()
    }

    users_testkit::users_contract!(make_store);
    users_testkit::token_repository_contract!(make_store);
    users_testkit::self_service_contract!(make_store);
}
