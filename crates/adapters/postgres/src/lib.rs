//! The users repositories on PostgreSQL.
//!
//! Updates that come at the same time are gathered ([`users_gather`]) and written with one statement; so are creations,
//! deletions and reads. Start reading at [`PostgresStore`], then `user_writer.rs`, `work.rs` and `update_statement.rs`.

mod connect;
mod create_user;
mod delete_statement;
mod delete_user;
mod errors;
mod health_check;
mod idempotency_records;
mod insert_statement;
mod jobs;
mod list_jobs;
mod list_statement;
mod migrations;
mod migrator;
mod pool;
mod pooler;
mod reply;
mod schema;
mod search_statement;
mod settings;
mod store;
mod store_metrics;
mod token_repository;
mod transact;
mod transaction;
mod trouble;
mod update_group;
mod update_shape;
mod update_statement;
mod update_user;
mod user_reader;
mod user_row;
mod user_store;
mod user_writer;
mod watch;
mod work;

pub use settings::{Pooling, PostgresSettings};
pub use store::PostgresStore;
