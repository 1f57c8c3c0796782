use std::sync::Arc;

use crate::Error;
use crate::pages::{Page, Pages, Users};
use crate::transport::Transport;

/// A search for users: one page of what is found, or all pages as a stream.
#[must_use = "a search is not made before `page` or `stream`"]
#[derive(Clone, Debug)]
pub struct Search(Pages);

impl Search {
    pub(crate) fn new(transport: &Arc<Transport>, query: String) -> Self {
        Self(Pages::new(transport, &["v1", "users", "search"])).with("query", query)
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.set(name, value.into());
        self
    }

    /// The most users on a page, 1 to 200; 50 unless it is said.
    pub fn limit(self, limit: u32) -> Self {
        self.with("limit", limit.to_string())
    }

    /// Begins where a page before ended: with its [`next_cursor`](Page::next_cursor).
    pub fn cursor(self, cursor: impl Into<String>) -> Self {
        self.with("cursor", cursor)
    }

    /// Reads one page.
    pub async fn page(&self) -> Result<Page, Error> {
        self.0.page().await
    }

    /// Reads all users found from here on, page after page as they are needed.
    pub fn stream(self) -> Users {
        self.0.stream()
    }
}
