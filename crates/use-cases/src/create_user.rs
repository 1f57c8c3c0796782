use std::sync::Arc;

use users_domain::{Profile, User, UserId};
use users_ports::{IdGenerator, UserCommand, WriteError};

use crate::{Caller, WriteMode, Writes, Written};

/// Creates a user.
#[derive(Clone)]
pub struct CreateUser {
    writes: Writes,
    ids: Arc<dyn IdGenerator>,
}

impl CreateUser {
    /// The use case over these ports.
    pub fn new(writes: Writes, ids: Arc<dyn IdGenerator>) -> Self {
        Self { writes, ids }
    }

    /// Creates a user with this id, or with a new one if the caller has not chosen any.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: Option<UserId>,
        profile: Profile,
        mode: WriteMode,
    ) -> Result<Written, WriteError> {
        let stamp = self.writes.stamp(caller);
        let user = User::create(id.unwrap_or_else(|| self.ids.user_id()), profile, stamp.at);
        self.writes.one(UserCommand::Create(user.into()), &stamp, mode).await
    }
}
