use std::sync::Arc;

use reqwest::header::{HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, Request, StatusCode};
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::bulk::{Creations, Deletions, Updates};
use crate::transport::{JSON, Transport, with_header, with_json};
use crate::{
    BulkAnswer, ClientBuilder, ETag, Error, ExistingUser, Filter, List, NewOrMany, NewUser, PatchOperation,
    Search, UserUpdate, VersionedUser, Write, traceparent,
};

const MERGE_PATCH: HeaderValue = HeaderValue::from_static("application/merge-patch+json");
const JSON_PATCH: HeaderValue = HeaderValue::from_static("application/json-patch+json");

/// The path of all bulk writes.
const BULK: [&str; 3] = ["v1", "users", "bulk"];

/// Calls a users service.
///
/// A clone is cheap and shares its connections; make one client and clone it. It runs on tokio.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) transport: Arc<Transport>,
}

impl Client {
    /// Begins a client of the service at this URL, such as `https://users.example.org`, with this token.
    pub fn builder(base_url: impl Into<String>, token: impl Into<String>) -> ClientBuilder {
        ClientBuilder::new(base_url.into(), token.into())
    }

    /// A client whose requests are parts of a trace, at the place that `traceparent` names (W3C Trace Context, section 3.2):
    /// `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
    ///
    /// It shares the connections of this one, and costs little more than a clone: make one for each operation that is
    /// traced. The service tells its part of the trace to its own collector, where the last two digits say so.
    pub fn in_trace(&self, traceparent: &str) -> Result<Self, Error> {
        let traceparent = Some(traceparent::header(traceparent)?);
        Ok(Self { transport: Arc::new(Transport { traceparent, ..(*self.transport).clone() }) })
    }

    /// Reads a user; an unknown id is an [error](Error::is_not_found).
    pub async fn get(&self, id: &str) -> Result<VersionedUser, Error> {
        let request = self.transport.user_request(Method::GET, id)?;
        self.send(&request).await?.user()
    }

    /// Reads a user if it is in another version than this one; `None` if it is not.
    pub async fn get_if_changed(&self, id: &str, known: &ETag) -> Result<Option<VersionedUser>, Error> {
        let request = self.transport.user_request(Method::GET, id)?;
        let request = with_header(request, IF_NONE_MATCH, known.to_header());
        let answer = self.send(&request).await?;
        if answer.status == StatusCode::NOT_MODIFIED { Ok(None) } else { answer.user().map(Some) }
    }

    /// Creates a user. A taken id or username is an error
    /// [`ResourceAlreadyExists`](crate::ErrorCode::ResourceAlreadyExists) that points to it.
    pub fn create(&self, user: &NewUser) -> Write<VersionedUser, NewOrMany> {
        let request = self.transport.request(Method::POST, &["v1", "users"]);
        self.write(with_json(request, JSON, user), Answer::user)
    }

    /// Updates a user (`PUT`): sets and clears what the update says, and leaves the rest as it is.
    pub fn update(&self, id: &str, update: &UserUpdate) -> Write<VersionedUser, ExistingUser> {
        self.write_user(Method::PUT, id, JSON, update)
    }

    /// Updates a user by a merge patch (`PATCH`, RFC 7396), which means the same as [`update`](Self::update).
    pub fn patch(&self, id: &str, update: &UserUpdate) -> Write<VersionedUser, ExistingUser> {
        self.write_user(Method::PATCH, id, MERGE_PATCH, update)
    }

    /// Updates a user by a JSON patch (RFC 6902): all operations in order, or none.
    pub fn json_patch(&self, id: &str, patch: &[PatchOperation]) -> Write<VersionedUser, ExistingUser> {
        self.write_user(Method::PATCH, id, JSON_PATCH, &patch)
    }

    /// Deletes a user, and gives it back as it was.
    pub fn delete(&self, id: &str) -> Write<VersionedUser, ExistingUser> {
        self.write(self.transport.user_request(Method::DELETE, id), Answer::user)
    }

    /// Lists users, by id.
    pub fn list(&self) -> List {
        List::new(&self.transport)
    }

    /// Finds users whose username, name, email address or organization begins like this, in any case.
    pub fn search(&self, query: impl Into<String>) -> Search {
        Search::new(&self.transport, query.into())
    }

    /// Counts the users that are as the filter says.
    pub async fn count(&self, filter: &Filter) -> Result<u64, Error> {
        #[derive(Deserialize)]
        struct Body {
            count: u64,
        }
        let mut request = self.transport.request(Method::GET, &["v1", "users", "count"]);
        let parameters = filter.parameters();
        if !parameters.is_empty() {
            request.url_mut().query_pairs_mut().extend_pairs(&parameters);
        }
        self.send(&request).await?.json().map(|Body { count }| count)
    }

    /// Creates many users, 1 to 1,000, each by itself: one that is refused harms no other.
    pub fn bulk_create(&self, users: &[NewUser]) -> Write<BulkAnswer, NewOrMany> {
        self.write_many(Method::POST, &Creations { items: users })
    }

    /// Updates many users, 1 to 1,000, each by itself and in order.
    pub fn bulk_update(&self, updates: &[(impl AsRef<str>, UserUpdate)]) -> Write<BulkAnswer, NewOrMany> {
        self.write_many(Method::PUT, &Updates::of(updates))
    }

    /// Deletes many users, 1 to 1,000, each by itself.
    pub fn bulk_delete(&self, ids: &[impl AsRef<str>]) -> Write<BulkAnswer, NewOrMany> {
        self.write_many(Method::DELETE, &Deletions::of(ids))
    }

    async fn send(&self, request: &Request) -> Result<Answer, Error> {
        self.transport.send(request, &self.transport.retry).await
    }

    fn write_user(
        &self,
        method: Method,
        id: &str,
        media_type: HeaderValue,
        body: &impl Serialize,
    ) -> Write<VersionedUser, ExistingUser> {
        let request = self.transport.user_request(method, id);
        self.write(request.and_then(|request| with_json(request, media_type, body)), Answer::user)
    }

    fn write_many(&self, method: Method, body: &impl Serialize) -> Write<BulkAnswer, NewOrMany> {
        let request = self.transport.request(method, &BULK);
        self.write(with_json(request, JSON, body), BulkAnswer::read)
    }

    fn write<T, Target>(
        &self,
        request: Result<Request, Error>,
        read: fn(&Answer) -> Result<T, Error>,
    ) -> Write<T, Target> {
        Write::new(&self.transport, request, read)
    }
}
