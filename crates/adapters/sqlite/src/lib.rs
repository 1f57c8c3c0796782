//! The users repositories on embedded SQLite.
//!
//! Writes that come at the same time are gathered ([`users_gather`]) and share a transaction and its flush to disk.
//! Start reading at [`SqliteStore`], then `user_writer.rs`, `update_user.rs` and `update_statement.rs`.

mod checkpoint;
mod create_user;
mod delete_user;
mod errors;
#[cfg(test)]
mod explain;
mod file_identity;
mod health_check;
mod idempotency_records;
mod jobs;
mod list_jobs;
mod list_statement;
mod migrations;
mod migrator;
mod pending_write;
mod pool;
mod schema;
mod search_statement;
mod settings;
mod store;
mod store_metrics;
mod token_repository;
mod transact;
mod trouble;
mod update_statement;
mod update_user;
mod user_reader;
mod user_row;
mod user_store;
mod user_writer;
mod watch;
mod write_user;

pub use settings::SqliteSettings;
pub use store::SqliteStore;

/// The version of SQLite that is built in, such as `3.51.0`.
pub const SQLITE_VERSION: &str = match libsqlite3_sys::SQLITE_VERSION.to_str() {
    Ok(version) => version,
    Err(_) => "unknown",
};
