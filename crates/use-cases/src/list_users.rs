use std::sync::Arc;

use users_domain::{UserPage, UserQuery};
use users_ports::{RepositoryError, UserRepository};

/// Lists users, page by page.
#[derive(Clone)]
pub struct ListUsers {
    users: Arc<dyn UserRepository>,
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
    /// The use case over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// Gives the page, with the total where it is wanted: the store counts user by user, so it is dear.
    pub async fn execute(&self, query: &UserQuery, with_total: bool) -> Result<Listing, RepositoryError> {
        let page = self.users.list(query).await?;
        let total = if with_total { Some(self.users.count(&query.filter).await?) } else { None };
        Ok(Listing { page, total })
    }
}
