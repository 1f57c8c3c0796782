use std::sync::Arc;

use users_domain::UserFilter;
use users_ports::{RepositoryError, UserRepository};

/// Counts users.
#[derive(Clone)]
pub struct CountUsers {
    users: Arc<dyn UserRepository>,
}

impl CountUsers {
    /// The use case over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// Counts the users that the filter fits. The store counts user by user, so it is dear.
    pub async fn execute(&self, filter: &UserFilter) -> Result<u64, RepositoryError> {
        self.users.count(filter).await
    }
}
