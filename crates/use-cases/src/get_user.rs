use std::sync::Arc;

use users_domain::{User, UserId};
use users_ports::{RepositoryError, UserRepository};

/// Reads one user.
#[derive(Clone)]
pub struct GetUser {
    users: Arc<dyn UserRepository>,
}

impl GetUser {
    /// The use case over this port.
    pub fn new(users: Arc<dyn UserRepository>) -> Self {
        Self { users }
    }

    /// Finds the user; `None` where there is no such user.
    pub async fn execute(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.users.find(id).await
    }
}
