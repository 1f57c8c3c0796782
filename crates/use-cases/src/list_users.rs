use std::sync::Arc;

use users_domain::{UserPage, UserQuery};
use users_ports::{Directory, RepositoryError};

use crate::{Caller, ReadTurns};

/// Lists users, page by page.
#[derive(Clone)]
pub struct ListUsers {
    directory: Arc<dyn Directory>,
    turns: ReadTurns,
}

/// A page of the list, and how long the whole list is where somebody asked for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The page.
    pub page: UserPage,
    /// How many users the filter fits, on this page and all others. It is counted after the page was read, and a
    /// user may have come or gone in between.
    pub total: Option<u64>,
}

impl ListUsers {
    /// The use case over this port; callers take these turns.
    pub fn new(directory: Arc<dyn Directory>, turns: ReadTurns) -> Self {
        Self { directory, turns }
    }

    /// Gives the page, with the total if it is wanted. Counting scans every match; ask for it only when needed.
    pub async fn execute(
        &self,
        caller: &Caller,
        query: &UserQuery,
        with_total: bool,
    ) -> Result<Listing, RepositoryError> {
        let page = {
            let _turn = self.turns.page(caller.id(), query).await;
            self.directory.list(query).await?
        };
        if !with_total {
            return Ok(Listing { page, total: None });
        }
        let _turn = self.turns.count(caller.id()).await;
        let total = self.directory.count(&query.filter).await?;
        Ok(Listing { page, total: Some(total) })
    }
}
