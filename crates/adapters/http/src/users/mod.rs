//! The users: `/v1/users` and what is below it, one endpoint a file.

mod answer;
mod bulk;
mod count;
mod create;
mod cursor;
mod delete;
mod entity_tag;
mod etags;
mod get;
mod link;
mod list;
mod patch;
mod search;
mod search_cursor;
mod update;
mod written;

pub use bulk::{create_users, delete_users, update_users};
pub use count::count_users;
pub use create::create_user;
pub use cursor::position_of_cursor;
pub use delete::delete_user;
pub use entity_tag::{entity_tag, version_of};
pub use get::get_user;
pub use list::list_users;
pub use patch::patch_user;
pub use search::search_users;
pub use search_cursor::place_of_cursor;
pub use update::update_user;
