//! What the users service needs from outside.
//!
//! Each port is a trait; who implements it keeps every sentence that says MUST. The laws of all:
//!
//! - What is answered `Ok` MUST be on disk: it survives the end of the process and of the store.
//! - A lookup that finds nothing is `Ok(None)`, not an error.
//! - No error MUST depend on HTTP or carry a text for a client.
//! - A future that is dropped MUST leave the store in a state as if the call had happened or had not.
//! - Time and ids are arguments. Instants MUST be kept to the microsecond.
//!
//! A service that uses a port takes it as an `Arc<dyn …>`, so that a test can give it another:
//!
//! ```
//! use std::sync::Arc;
//! use users_domain::UserId;
//! use users_ports::{RepositoryError, Users};
//!
//! struct Greeter {
//!     users: Arc<dyn Users>,
//! }
//!
//! impl Greeter {
//!     async fn greet(&self, id: &UserId) -> Result<String, RepositoryError> {
//!         let user = self.users.find(id).await?;
//!         let name = user.as_ref().and_then(|user| user.profile().first_name.as_ref());
//!         Ok(format!("Hello, {}!", name.map_or("stranger", |name| name.as_str())))
//!     }
//! }
//!
//! # #[cfg(feature = "mock")]
//! # {
//! use users_domain::{Profile, User};
//! use users_ports::MockUsers;
//!
//! let mut users = MockUsers::new();
//! users.expect_find().returning(|id| {
//!     let profile = Profile { first_name: "Ada".parse().ok(), ..Profile::default() };
//!     Ok(Some(User::create(id.clone(), profile, chrono::DateTime::UNIX_EPOCH)))
//! });
//! let greeter = Greeter { users: Arc::new(users) };
//! let id = UserId::parse("ada").unwrap();
//! assert_eq!(futures_executor::block_on(greeter.greet(&id)).unwrap(), "Hello, Ada!");
//! # }
//! ```
//!
//! `users-testkit` has a suite that holds an implementation against these sentences. With the feature `mock`
//! there is a [`mockall`](https://docs.rs/mockall) mock of every port; with `outcomes-text`, a text for what a store keeps
//! under an idempotency record.

mod clock;
mod directory;
mod grant;
mod health;
mod idempotency_records;
mod ids;
mod migrator;
#[cfg(feature = "outcomes-text")]
mod outcomes_text;
mod process_metrics;
mod repository_error;
mod scope;
mod stamp;
mod store_metrics;
mod token_record;
mod token_repository;
mod trouble;
mod user_command;
mod users;
mod write_error;

pub use clock::Clock;
pub use directory::Directory;
pub use grant::{Grant, GrantText, UnreadableGrant};
pub use health::{HealthCheck, SchemaState, Unhealthy, schema_state};
pub use idempotency_records::{IdempotencyRecords, IdempotentRequest, KEPT_FOR, PORTION_BYTES, RecordUsage};
pub use ids::IdGenerator;
pub use migrator::{MigrateError, MigrationState, MigrationStatus, Migrator};
#[cfg(feature = "outcomes-text")]
pub use outcomes_text::{UnreadableOutcomes, only_user, outcomes_from_text, outcomes_to_text};
pub use process_metrics::{ProcessMetrics, ProcessUsage};
pub use repository_error::RepositoryError;
pub use scope::{Scope, Scopes, UnknownScope};
pub use stamp::{Actor, Stamp};
pub use store_metrics::{BatchCount, ConnectionUsage, QueueUsage, StoreMetrics, StoreUsage};
pub use token_record::TokenRecord;
pub use token_repository::TokenRepository;
pub use trouble::{Trouble, TroubleCounts};
pub use user_command::{CommandOutcome, Ending, Transacted, UserCommand};
pub use users::Users;
pub use write_error::{Rejection, WriteError};

#[cfg(feature = "mock")]
pub use {
    clock::MockClock, directory::MockDirectory, health::MockHealthCheck,
    idempotency_records::MockIdempotencyRecords, ids::MockIdGenerator, migrator::MockMigrator,
    process_metrics::MockProcessMetrics, store_metrics::MockStoreMetrics,
    token_repository::MockTokenRepository, users::MockUsers,
};
