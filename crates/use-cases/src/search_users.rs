use std::sync::Arc;

use users_domain::{SearchPage, SearchQuery};
use users_ports::{RepositoryError, UserRepository};

use crate::ReadTurns;

/// Finds users by what their names, email addresses or organizations begin with, page by page.
#[derive(Clone)]
pub struct SearchUsers {
    users: Arc<dyn UserRepository>,
    turns: ReadTurns,
}

impl SearchUsers {
    /// The use case over this port; callers take these turns.
    pub fn new(users: Arc<dyn UserRepository>, turns: ReadTurns) -> Self {
        Self { users, turns }
    }

    /// Gives the page.
    pub async fn execute(&self, caller: &str, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        let _turn = self.turns.search(caller).await;
        self.users.search(query).await
    }
}
