use std::sync::Arc;

use users_domain::{Precondition, UserId};
use users_ports::{Clock, UserCommand, UserRepository};

use crate::transactions::Transactions;
use crate::write_mode::written_now;
use crate::{IdempotencyGuard, WriteMode, WriteUserError, Written};

/// Deletes a user.
#[derive(Clone)]
pub struct DeleteUser {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    transactions: Transactions,
}

impl DeleteUser {
    /// The use case over these ports, and what is under way in this process.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>, idempotency: IdempotencyGuard) -> Self {
        let transactions = Transactions::new(users.clone(), idempotency);
        Self { users, clock, transactions }
    }

    /// Deletes the user and gives it back as it was.
    pub async fn execute(
        &self,
        id: &UserId,
        precondition: Precondition,
        mode: WriteMode,
    ) -> Result<Written, WriteUserError> {
        let Some(ending) = mode.ending() else {
            return written_now(self.users.delete(id, precondition, self.clock.now()).await);
        };
        let command = UserCommand::Delete { id: id.clone(), precondition };
        self.transactions.one(command, ending, self.clock.now()).await
    }
}
