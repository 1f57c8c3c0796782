//! What the users service does: one use case a file, over ports alone, so that each can be tested without I/O.
//!
//! ```
//! use std::sync::Arc;
//! use users_domain::{Change, Precondition, Profile, UserId, UserUpdate};
//! use users_testkit::{FixedClock, MemoryStore, SequentialIds};
//! use users_use_cases::{Caller, CreateUser, IdempotencyGuard, UpdateUser, WriteMode, Writes};
//!
//! # futures_executor::block_on(async {
//! let (store, clock) = (Arc::new(MemoryStore::default()), Arc::new(FixedClock::default()));
//! let writes = Writes::new(store.clone(), store, clock, IdempotencyGuard::default());
//! let create_user = CreateUser::new(writes.clone(), Arc::new(SequentialIds::default()));
//! let update_user = UpdateUser::new(writes);
//!
//! let caller = Caller::command("example");
//! let id = UserId::parse("ada").unwrap();
//! create_user.execute(&caller, Some(id.clone()), Profile::default(), WriteMode::Real).await.unwrap();
//! let update = UserUpdate { title: Change::Set("Countess".parse().unwrap()), ..UserUpdate::default() };
//! let written = update_user.execute(&caller, &id, update, Precondition::Exists, WriteMode::Real).await.unwrap();
//! assert!(written.user.profile().title.as_ref().is_some_and(|title| title == "Countess"));
//! # });
//! ```

mod at_once;
mod authenticate;
mod bulk_users;
mod caller;
mod check_readiness;
mod count_users;
mod create_user;
mod delete_user;
mod get_user;
mod idempotency_guard;
mod idempotency_quota;
mod list_users;
mod manage_tokens;
mod patch_user;
mod read_turns;
mod search_users;
mod sweep_idempotency_records;
mod token;
mod turns;
mod update_user;
mod write_mode;
mod writes;

pub use authenticate::{Authenticate, AuthenticateError, TokenLookUps};
pub use bulk_users::{BulkItem, BulkUsers, BulkWritten};
pub use caller::{Caller, Denied};
pub use check_readiness::CheckReadiness;
pub use count_users::CountUsers;
pub use create_user::CreateUser;
pub use delete_user::DeleteUser;
pub use get_user::GetUser;
pub use idempotency_guard::IdempotencyGuard;
pub use idempotency_quota::{IdempotencyLimits, Stored};
pub use list_users::{ListUsers, Listing};
pub use manage_tokens::{ManageTokens, RotateTokenError, Rotation};
pub use patch_user::{PatchUser, PatchUserError};
pub use read_turns::ReadTurns;
pub use search_users::SearchUsers;
pub use sweep_idempotency_records::SweepIdempotencyRecords;
pub use token::{NotAToken, Token};
pub use update_user::UpdateUser;
pub use write_mode::{WriteMode, Written};
pub use writes::Writes;
// What the ports ask for and answer is asked and answered by the use cases.
pub use users_ports::{
    BatchCount, Clock, ConnectionUsage, Grant, IdempotentRequest, KEPT_FOR, ProcessMetrics, ProcessUsage,
    QueueUsage, Rejection, RepositoryError, SchemaState, Scope, Scopes, StoreMetrics, StoreUsage,
    TokenRecord, Trouble, Unhealthy, UnknownScope, WriteError,
};
