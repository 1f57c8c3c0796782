//! Reads the body of a bulk request: many items, each of which is valid or not by itself.

mod command;
mod items;
mod object;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use users_domain::UserId;
use users_use_cases::{BulkUsers, UserCommand};

use super::Preferences;
use super::json_part::JsonPart;
use crate::problem::Problem;

pub use command::{creation, deletion, update};
pub use items::{MAX_ITEMS, items};

/// The largest body of a bulk request: 4 MiB.
pub const MAX_BULK_BYTES: usize = 4 * 1024 * 1024;

/// One of many things that are to be done.
pub struct BulkItem {
    /// The user that the item names, where it names one that there can be.
    pub id: Option<UserId>,
    /// What is to be done, or why it is not.
    pub command: Result<UserCommand, Problem>,
}

/// How an item is read.
pub type ReadItem = for<'a> fn(&'a RawValue, &Reading<'a>) -> BulkItem;

/// What the items of a request are read with.
pub struct Reading<'a> {
    /// The body in which they stand.
    pub body: JsonPart<'a>,
    /// Makes the ids that the caller has not chosen.
    pub bulk_users: &'a BulkUsers,
    /// Whether unknown members are ignored.
    pub preferences: Preferences,
    /// The present instant, which some rules look at.
    pub now: DateTime<Utc>,
}

impl BulkItem {
    const fn refused(id: Option<UserId>, problem: Problem) -> Self {
        Self { id, command: Err(problem) }
    }
}
