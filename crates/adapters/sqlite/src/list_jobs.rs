use users_domain::{SearchPage, SearchQuery, UserFilter, UserPage, UserQuery};
use users_gather::{Answer, Job};
use users_ports::RepositoryError;

use crate::errors::repository_error;
use crate::list_statement;
use crate::pool::Lane;
use crate::search_statement;

/// How many threads list, each with a connection of its own: one reads pages, the other what visits very many users.
pub(crate) const LIST_CONNECTIONS: usize = 2;

/// What the listing threads do.
pub(crate) enum ListJob {
    /// Read a page.
    Page(Box<UserQuery>, Answer<Result<UserPage, RepositoryError>>),
    /// Read a page of what a search finds.
    Search(Box<SearchQuery>, Answer<Result<SearchPage, RepositoryError>>),
    /// Count users.
    Count(Box<UserFilter>, Answer<Result<u64, RepositoryError>>),
}

impl Job for ListJob {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Page(_, answer) => answer.is_abandoned(),
            Self::Search(_, answer) => answer.is_abandoned(),
            Self::Count(_, answer) => answer.is_abandoned(),
        }
    }
}

/// Does the jobs of a batch one after the other.
pub(crate) fn list(lane: &mut Lane, batch: &mut Vec<ListJob>) {
    // The one who waited may have gone while the jobs before were done.
    for job in batch.drain(..).filter(|job| !job.is_abandoned()) {
        match job {
            ListJob::Page(query, answer) => answer.give(page(lane, &query)),
            ListJob::Search(query, answer) => answer.give(found(lane, &query)),
            ListJob::Count(filter, answer) => answer.give(count(lane, &filter)),
        }
    }
}

fn page(lane: &mut Lane, query: &UserQuery) -> Result<UserPage, RepositoryError> {
    let connection = &mut lane.session()?.connection;
    list_statement::page(connection, query).map_err(|error| repository_error(&error))
}

fn found(lane: &mut Lane, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
    let connection = &mut lane.session()?.connection;
    search_statement::page(connection, query).map_err(|error| repository_error(&error))
}

fn count(lane: &mut Lane, filter: &UserFilter) -> Result<u64, RepositoryError> {
    let connection = &mut lane.session()?.connection;
    list_statement::count(connection, filter).map_err(|error| repository_error(&error))
}
