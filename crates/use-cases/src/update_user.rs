use std::sync::Arc;

use users_domain::{Precondition, UserId, UserUpdate};
use users_ports::{Clock, UserCommand, UserRepository};

use crate::transactions::Transactions;
use crate::write_mode::written_now;
use crate::{IdempotencyGuard, WriteMode, WriteUserError, Written};

/// Updates an existing user: the service's main job.
#[derive(Clone)]
pub struct UpdateUser {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    transactions: Transactions,
}

impl UpdateUser {
    /// The use case over these ports, and what is under way in this process.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>, idempotency: IdempotencyGuard) -> Self {
        let transactions = Transactions::new(users.clone(), idempotency);
        Self { users, clock, transactions }
    }

    /// Carries out the update and gives back the user after it.
    pub async fn execute(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        mode: WriteMode,
    ) -> Result<Written, WriteUserError> {
        let now = self.clock.now();
        let Some(ending) = mode.ending() else {
            return written_now(self.users.update(id, update, precondition, now).await);
        };
        let command = UserCommand::Update { id: id.clone(), update: update.into(), precondition };
        self.transactions.one(command, ending, now).await
    }
}
