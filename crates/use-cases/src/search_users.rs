use std::sync::Arc;

use users_domain::{SearchPage, SearchQuery};
use users_ports::{RepositoryError, UserRepository};

/// Finds users by what their names, email addresses or organizations begin with, page by page.
#[derive(Clone)]
pub struct SearchUsers {
    users: Arc<dyn UserRepository>,
}

impl SearchUsers {
    /// The use case over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// Gives the page.
    pub async fn execute(&self, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        self.users.search(query).await
    }
}
