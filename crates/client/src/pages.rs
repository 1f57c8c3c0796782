//! What lists and searches have in common: pages, and the way from one to the next.

use std::sync::Arc;

use futures_util::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use reqwest::{Method, Request};
use serde::Deserialize;

use crate::transport::Transport;
use crate::{Error, User};

/// Users as a stream, page after page as they are needed. It ends after the first error.
pub type Users = BoxStream<'static, Result<User, Error>>;

/// A page of users.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Page {
    /// The users, in order.
    pub users: Vec<User>,
    /// Where the next page begins; `None` on the last one.
    pub next_cursor: Option<String>,
    /// How many users there are on all pages, where that was asked for.
    #[serde(rename = "pagination", default, deserialize_with = "total")]
    pub total: Option<u64>,
}

/// Reads the total out of the object that it stands in.
fn total<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    struct Pagination {
        total: Option<u64>,
    }
    Ok(Option::<Pagination>::deserialize(deserializer)?.and_then(|pagination| pagination.total))
}

/// A request for pages.
#[derive(Clone, Debug)]
pub(crate) struct Pages {
    transport: Arc<Transport>,
    path: &'static [&'static str],
    parameters: Vec<(&'static str, String)>,
}

impl Pages {
    pub(crate) fn new(transport: &Arc<Transport>, path: &'static [&'static str]) -> Self {
        Self { transport: Arc::clone(transport), path, parameters: Vec::new() }
    }

    /// Sets a parameter, in place of what it was before.
    pub(crate) fn set(&mut self, name: &'static str, value: String) {
        self.remove(name);
        self.parameters.push((name, value));
    }

    fn remove(&mut self, name: &str) {
        self.parameters.retain(|(other, _)| *other != name);
    }

    fn request(&self) -> Request {
        let mut request = self.transport.request(Method::GET, self.path);
        if !self.parameters.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(&self.parameters);
        }
        request
    }

    pub(crate) async fn page(&self) -> Result<Page, Error> {
        self.transport.send(&self.request(), &self.transport.retry).await?.json()
    }

    /// Follows the cursor from the page asked for to the last one.
    pub(crate) fn stream(self) -> Users {
        stream::try_unfold(Some(self), |pages| async move {
            let Some(mut pages) = pages else { return Ok::<_, Error>(None) };
            let page = pages.page().await?;
            let next = page.next_cursor.map(|cursor| {
                pages.follow(cursor);
                pages
            });
            Ok(Some((stream::iter(page.users.into_iter().map(Ok)), next)))
        })
        .try_flatten()
        .boxed()
    }

    /// Turns to the page that begins at a cursor.
    fn follow(&mut self, cursor: String) {
        // The cursor stands for users left out already, and the total is counted once.
        self.remove("offset");
        self.remove("include_total");
        self.set("cursor", cursor);
    }
}
