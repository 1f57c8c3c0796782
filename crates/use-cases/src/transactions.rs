use std::sync::Arc;

use chrono::{DateTime, Utc};
use users_ports::{Ending, Transacted, UserCommand, UserRepository};

use crate::IdempotencyGuard;
use crate::write_mode::{WriteUserError, Written, written_in};

/// Hands commands to the repository that need a transaction of their own: those that happen once, and those that do not.
#[derive(Clone)]
pub struct Transactions {
    users: Arc<dyn UserRepository>,
    idempotency: IdempotencyGuard,
}

impl Transactions {
    /// Transactions of this repository.
    pub fn new(users: Arc<dyn UserRepository>, idempotency: IdempotencyGuard) -> Self {
        Self { users, idempotency }
    }

    /// Carries out one command.
    pub async fn one(
        &self,
        command: UserCommand,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Written, WriteUserError> {
        written_in(self.all(vec![command], ending, now).await?)
    }

    /// Carries out the commands, unless a request with the same key is in flight.
    ///
    /// If there is no room for another record, a request that was carried out before is still answered.
    pub async fn all(
        &self,
        commands: Vec<UserCommand>,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Transacted, WriteUserError> {
        let Ending::Once(request) = &ending else {
            return Ok(self.users.transact(commands, ending, now).await?);
        };
        let request = request.clone();
        let _in_flight = self.idempotency.enter(&request)?;
        if let Err(no_room) = self.idempotency.check_room(&request, now) {
            let Some(outcomes) = self.users.recall(&request, now).await? else {
                self.idempotency.count_rejection();
                return Err(no_room);
            };
            return Ok(Transacted { outcomes, replayed: true });
        }
        let transacted = self.users.transact(commands, ending, now).await?;
        if !transacted.replayed {
            self.idempotency.count_record(&request, &transacted.outcomes, now);
        }
        Ok(transacted)
    }
}
