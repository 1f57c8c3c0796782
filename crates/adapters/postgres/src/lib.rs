//! The users repositories on PostgreSQL.
//!
//! Updates that come at the same time are gathered ([`users_gather`]) and written with one statement; so are reads.
//! Start reading at [`PostgresStore`], then `user_writer.rs` and `update_statement.rs`.

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
mod update_group;
mod update_shape;
mod update_statement;
mod user_repository;
mod user_row;
mod user_writer;

pub use settings::PostgresSettings;
pub use store::PostgresStore;
