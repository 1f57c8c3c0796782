//! The users: `/v1/users` and what is below it, one endpoint a file.

mod answer;
mod create;
mod cursor;
mod entity_tag;
mod get;
mod list;
mod update;

pub use answer::UserBody;
pub use create::create_user;
pub use cursor::position_of_cursor;
pub use entity_tag::{entity_tag, version_of};
pub use get::get_user;
pub use list::list_users;
pub use update::update_user;
