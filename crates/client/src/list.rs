use std::sync::Arc;

use crate::pages::{Page, Pages, Users};
use crate::transport::Transport;
use crate::{Error, Filter};

/// A list of users, by id: one page of it, or all pages as a stream.
#[must_use = "a list is not read before `page` or `stream`"]
#[derive(Clone, Debug)]
pub struct List(Pages);

impl List {
    pub(crate) fn new(transport: &Arc<Transport>) -> Self {
        Self(Pages::new(transport, &["v1", "users"]))
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.set(name, value.into());
        self
    }

    /// Lists only the users that are as the filter says.
    pub fn filter(self, filter: &Filter) -> Self {
        filter.parameters().into_iter().fold(self, |list, (name, value)| list.with(name, value))
    }

    /// The most users on a page, 1 to 200; 50 unless it is said.
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", limit.to_string())
    }

    /// Begins with the greatest id.
    pub fn descending(self) -> Self {
        self.with("order_direction", "desc")
    }

    /// Begins where a page before ended: with its [`next_cursor`](Page::next_cursor).
    pub fn cursor(self, cursor: impl Into<String>) -> Self {
        self.with("cursor", cursor)
    }

    /// Leaves out so many users first, 0 to 100,000. A cursor is faster, and does not shift.
    pub fn offset(self, offset: u32) -> Self {
        self.with("offset", offset.to_string())
    }

    /// Counts all users that fit, into [`Page::total`] of the first page.
    pub fn include_total(self) -> Self {
        self.with("include_total", "true")
    }

    /// Reads one page.
    pub async fn page(&self) -> Result<Page, Error> {
        self.0.page().await
    }

    /// Reads all users from here on, page after page as they are needed.
    ///
    /// Whoever is there all the time comes once, whatever is written meanwhile.
    pub fn stream(self) -> Users {
        self.0.stream()
    }
}
