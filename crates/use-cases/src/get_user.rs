use std::sync::Arc;

use users_domain::{User, UserId};
use users_ports::{RepositoryError, Users};

/// Reads one user.
#[derive(Clone)]
pub struct GetUser {
    users: Arc<dyn Users>,
}

impl GetUser {
    /// The use case over this port.
    pub fn new(users: Arc<dyn Users>) -> Self {
        Self { users }
    }

    /// Finds the user; `None` if there is no such user.
    pub async fn execute(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.users.find(id).await
    }
}
