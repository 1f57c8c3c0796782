use users_domain::{Precondition, UserId, UserUpdate};
use users_ports::{UserCommand, WriteError};

use crate::{Caller, WriteMode, Writes, Written};

/// Updates an existing user: the service's main job.
#[derive(Clone)]
pub struct UpdateUser {
    writes: Writes,
}

impl UpdateUser {
    /// The use case over these ports.
    pub const fn new(writes: Writes) -> Self {
        Self { writes }
    }

    /// Carries out the update and returns the user after it.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        mode: WriteMode,
    ) -> Result<Written, WriteError> {
        let command = UserCommand::Update { id: id.clone(), update: update.into(), precondition };
        self.writes.one(command, &self.writes.stamp(caller), mode).await
    }
}
