//! Reads the body of a bulk request: many items, each of which is valid or not by itself.

mod items;
mod object;
mod sent_item;

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use users_domain::UserId;
use users_use_cases::BulkItem;

use super::Preferences;
use super::json_part::JsonPart;
use crate::problem::Problem;

pub use items::{MAX_ITEMS, items};
pub use sent_item::{creation, deletion, update};

/// The largest body of a bulk request: 4 MiB.
pub const MAX_BULK_BYTES: usize = 4 * 1024 * 1024;

/// One of the items of a request, valid or not.
pub struct SentItem {
    /// The user that the item names, if it names one that there can be.
    pub id: Option<UserId>,
    /// What is to be done, or why it is not.
    pub content: Result<BulkItem, Problem>,
}

/// How an item is read.
pub type ReadItem = for<'a> fn(&'a RawValue, &Reading<'a>) -> SentItem;

/// What the items of a request are read with.
pub struct Reading<'a> {
    /// The body in which they stand.
    pub body: JsonPart<'a>,
    /// Whether unknown members are ignored.
    pub preferences: Preferences,
    /// The present instant, which some rules look at.
    pub now: DateTime<Utc>,
}

impl SentItem {
    const fn refused(id: Option<UserId>, problem: Problem) -> Self {
        Self { id, content: Err(problem) }
    }
}
