//! Users in files: what `users import` reads and `users export` writes.
//!
//! - `lines.rs` splits a file into lines; `ndjson_rows.rs`, `json_array.rs` and `csv_rows.rs` make rows, each valid or with all
//!   that is wrong with it; `row_thread.rs` does so on a thread of its own, once `file_kind.rs` has found nothing else in it.
//! - `loader.rs` loads one row, `import.rs` many at once (`window.rs`), and `error_file.rs` tells of those that were refused.
//! - `export.rs` walks through the users, `target.rs` is the file that they go to.

mod active_word;
mod columns;
mod csv_guard;
mod csv_record;
mod csv_rows;
mod csv_user;
mod error_file;
mod export;
mod file_kind;
mod format;
mod import;
mod json_array;
mod json_user;
mod lines;
mod loader;
mod ndjson_rows;
mod progress;
#[cfg(test)]
mod round_trip;
mod row;
mod row_thread;
mod target;
mod window;

pub use columns::{ColumnOfMember, Columns};
pub use csv_rows::HeaderError;
pub use csv_user::TextUser;
pub use error_file::ErrorFile;
pub use export::{UserWriter, export};
pub use format::Format;
pub use import::{Import, Stopped, Tally};
pub use loader::Loader;
pub use progress::{Progress, rate};
pub use row_thread::{RowThread, Source};
pub use target::Target;
pub use window::Window;
