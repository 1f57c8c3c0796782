use std::sync::Arc;

use users_domain::{SearchPage, SearchQuery};
use users_ports::{Directory, RepositoryError};

use crate::{Caller, ReadTurns};

/// Finds users by what their names, email addresses or organizations begin with, page by page.
#[derive(Clone)]
pub struct SearchUsers {
    directory: Arc<dyn Directory>,
    turns: ReadTurns,
}

impl SearchUsers {
    /// The use case over this port; callers take these turns.
    pub fn new(directory: Arc<dyn Directory>, turns: ReadTurns) -> Self {
        Self { directory, turns }
    }

    /// Gives the page.
    pub async fn execute(&self, caller: &Caller, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        let _turn = self.turns.search(caller.id()).await;
        self.directory.search(query).await
    }
}
