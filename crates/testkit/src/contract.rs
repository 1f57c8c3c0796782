//! The contract suite: each sentence of `users-ports` that says MUST, as tests that any store can be held against.
//!
//! An adapter brings a factory of fresh stores and invokes the macros; each contract becomes a `#[test]` in a module
//! named after the port, so that `cargo test` shows, say,
//! `memory::users::an_update_that_changes_nothing_writes_nothing`:
//!
//! ```
//! mod memory {
//!     use std::sync::Arc;
//!     use users_testkit::MemoryStore;
//!
//!     async fn make_store() -> Arc<MemoryStore> {
//!         Arc::default()
//!     }
//!
//!     users_testkit::users_contract!(make_store);
//!     users_testkit::token_repository_contract!(make_store);
//! }
//! ```
//!
//! The factory is async and runs on a Tokio runtime of the test's own. It gives whatever derefs to the store: an `Arc`,
//! a `Box`, or a struct that also holds the store's temporary folder. Each store must be
//! - empty, shared with no other test, and for these two macros migrated;
//! - willing to let 256 calls wait at once.
//!
//! [`migrator_contract!`](crate::migrator_contract) takes a factory of stores that are empty and *not* migrated yet.
//!
//! What the suite cannot see from outside, the adapter's own tests must show: that what was answered is on disk, and
//! that a store ahead of this version is not migrated.
//!
//! "Handed over" means polled for the first time: tests of the order poll their calls one after the other without
//! waiting for an answer in between.

mod commands;
pub mod create;
pub mod create_batch;
pub mod delete;
pub mod delete_concurrency;
mod dice;
pub mod dropped;
pub mod find;
mod held;
pub mod list;
pub mod list_walk;
pub mod migrator;
pub mod random_walk;
mod run;
pub mod search;
pub mod search_page;
pub mod search_walk;
pub mod self_service;
mod suite;
mod together;
pub mod tokens;
pub mod tokens_concurrency;
pub mod tokens_rotate;
pub mod transact;
pub mod transact_once;
pub mod transact_together;
pub mod update;
pub mod update_batch;
pub mod update_concurrency;
pub mod update_members;
pub mod update_order;
pub mod update_precondition;
pub mod update_username;

use std::sync::Arc;

pub use run::{run_migrator_contract, run_self_service_contract, run_token_contract, run_user_contract};
use users_ports::TokenRepository;

use crate::UserStore;

/// The users of the store under test.
pub type Users = Arc<dyn UserStore>;

/// The tokens of the store under test.
pub type Tokens = Arc<dyn TokenRepository>;
