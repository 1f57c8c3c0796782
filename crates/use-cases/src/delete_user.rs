use users_domain::{Precondition, UserId};
use users_ports::{UserCommand, WriteError};

use crate::{Caller, WriteMode, Writes, Written};

/// Deletes a user.
#[derive(Clone)]
pub struct DeleteUser {
    writes: Writes,
}

impl DeleteUser {
    /// The use case over these ports.
    pub const fn new(writes: Writes) -> Self {
        Self { writes }
    }

    /// Deletes the user and returns it as it was.
    pub async fn execute(
        &self,
        caller: &Caller,
        id: &UserId,
        precondition: Precondition,
        mode: WriteMode,
    ) -> Result<Written, WriteError> {
        let command = UserCommand::Delete { id: id.clone(), precondition };
        self.writes.one(command, &self.writes.stamp(caller), mode).await
    }
}
