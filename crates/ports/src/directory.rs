use async_trait::async_trait;
use users_domain::{SearchPage, SearchQuery, UserFilter, UserPage, UserQuery};

use crate::RepositoryError;

/// How many users are found: lists, searches and counts.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Directory: Send + Sync {
    /// Returns a page of the users that a search finds, as [`SearchQuery::place_of`] means it.
    ///
    /// - It MUST give them in the order of their places, each user once.
    /// - It MUST give as many as there are, up to the query's limit, and the place of the last if there are more.
    /// - It MUST see every write that was answered before the call, and one state of the store.
    /// - It MUST take as long at any depth, and however many users are found.
    async fn search(&self, query: &SearchQuery) -> Result<SearchPage, RepositoryError>;

    /// Returns a page of the users that the query's filter [fits](UserFilter::fits).
    ///
    /// - It MUST give them in the order of their ids, compared byte by byte, in the query's direction.
    /// - It MUST begin behind the query's id, whether there is a user with it or not, and leave out as many as the
    ///   query says.
    /// - It MUST give as many as there are, up to the query's limit, and tell whether there are more.
    /// - It MUST return every member exactly as it was stored, and see every write that was answered before the call.
    /// - It MUST see one state of the store: of what is written at the same time, it sees each write wholly or not at
    ///   all, and none without those that were answered before it.
    /// - Page after page, each begun behind the last user of the one before, MUST give every user that is there and
    ///   fits all the time, and none twice, whatever is written in the meantime.
    /// - Without an offset it MUST take as long at any depth.
    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError>;

    /// Counts the users that the filter [fits](UserFilter::fits).
    ///
    /// - It MUST see every write that was answered before the call, and one state of the store.
    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError>;
}
