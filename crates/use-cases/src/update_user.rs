use std::sync::Arc;

use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::{Clock, UpdateUserError, UserRepository};

/// Updates an existing user: the service's main job.
#[derive(Clone)]
pub struct UpdateUser {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl UpdateUser {
    /// The use case over these ports.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// Carries out the update and gives back the user after it.
    pub async fn execute(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
    ) -> Result<User, UpdateUserError> {
        self.users.update(id, update, precondition, self.clock.now()).await
    }
}
