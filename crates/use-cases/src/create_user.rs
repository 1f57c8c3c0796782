use std::sync::Arc;

use users_domain::{Profile, User, UserId};
use users_ports::{Clock, CreateUserError, IdGenerator, UserRepository};

/// Creates a user.
#[derive(Clone)]
pub struct CreateUser {
    users: Arc<dyn UserRepository>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
}

impl CreateUser {
    /// The use case over these ports.
    pub fn new(users: Arc<dyn UserRepository>, ids: Arc<dyn IdGenerator>, clock: Arc<dyn Clock>) -> Self {
        Self { users, ids, clock }
    }

    /// Creates a user with this id, or with a new one where the caller has not chosen any.
    pub async fn execute(&self, id: Option<UserId>, profile: Profile) -> Result<User, CreateUserError> {
        let id = id.unwrap_or_else(|| self.ids.user_id());
        self.users.create(User::create(id, profile, self.clock.now())).await
    }
}
