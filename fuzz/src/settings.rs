//! The texts that an operator writes, of the binary `users`.

#[path = "../../crates/app/src/database_url.rs"]
mod database_url;
#[path = "../../crates/app/src/period.rs"]
mod period;

pub use database_url::DatabaseUrl;
pub use period::Period;
