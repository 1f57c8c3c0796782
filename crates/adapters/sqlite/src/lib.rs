//! The users repositories on embedded SQLite.
//!
//! Updates that come at the same time are gathered ([`users_gather`]) and share a transaction and its flush to disk.
//! Start reading at [`SqliteStore`], then `user_writer.rs` and `update_statement.rs`.

mod errors;
mod jobs;
mod list_jobs;
mod list_statement;
mod migrator;
mod pool;
mod schema;
mod settings;
mod store;
mod store_metrics;
mod token_repository;
mod update_statement;
mod user_repository;
mod user_row;
mod user_writer;

pub use settings::SqliteSettings;
pub use store::SqliteStore;
