use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime;
use tokio::time::timeout;
use users_ports::{HealthCheck, Migrator, TokenRepository};

use super::held::Held;
use super::migrator::Migrated;
use super::self_service::UsersAndTokens;
use super::{Tokens, Users};
use crate::UserStore;

/// The longest that one contract may take: a minute. A store that does not answer fails, and does not hang.
const LIMIT: Duration = Duration::from_mins(1);

/// Holds a fresh store against one contract of [`UserStore`].
pub fn run_user_contract<F>(make_store: impl AsyncFnOnce() -> F, contract: impl AsyncFnOnce(Users))
where
    F: Deref<Target: UserStore> + Send + Sync + 'static,
{
    run(async { contract(Arc::new(Held(make_store().await))).await });
}

/// Holds a fresh store against one contract of [`TokenRepository`].
pub fn run_token_contract<F>(make_store: impl AsyncFnOnce() -> F, contract: impl AsyncFnOnce(Tokens))
where
    F: Deref<Target: TokenRepository> + Send + Sync + 'static,
{
    run(async { contract(Arc::new(Held(make_store().await))).await });
}

/// Holds a fresh store against one contract of [`UserStore`] and [`TokenRepository`] together.
pub fn run_self_service_contract<F>(
    make_store: impl AsyncFnOnce() -> F,
    contract: impl AsyncFnOnce(UsersAndTokens),
) where
    F: Deref<Target: UserStore + TokenRepository> + Send + Sync + 'static,
{
    run(async {
        let store = Arc::new(Held(make_store().await));
        contract(UsersAndTokens { users: Arc::clone(&store) as _, tokens: store }).await;
    });
}

/// Holds a fresh store, not migrated yet, against one contract of [`Migrator`].
pub fn run_migrator_contract<F>(make_store: impl AsyncFnOnce() -> F, contract: impl AsyncFnOnce(Migrated))
where
    F: Deref<Target: Migrator + HealthCheck> + Send + Sync + 'static,
{
    run(async {
        let store = Arc::new(Held(make_store().await));
        contract(Migrated { migrator: Arc::clone(&store) as _, health: store }).await;
    });
}

fn run(contract: impl Future<Output = ()>) {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let in_time = runtime.block_on(async { timeout(LIMIT, contract).await }).is_ok();
    // A call that hangs must not keep the test from failing.
    runtime.shutdown_timeout(Duration::from_secs(1));
    assert!(in_time, "the store did not answer within {} seconds", LIMIT.as_secs());
}
