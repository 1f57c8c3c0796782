use std::sync::Arc;

use chrono::{DateTime, Utc};
use users_ports::{Ending, TransactError, Transacted, UserCommand, UserRepository};

use crate::InFlight;
use crate::write_mode::{WriteUserError, Written, written_in};

/// Hands commands to the repository that need a transaction of their own: those that happen once, and those that do not.
#[derive(Clone)]
pub struct Transactions {
    users: Arc<dyn UserRepository>,
    in_flight: InFlight,
}

impl Transactions {
    /// Transactions of this repository.
    pub fn new(users: Arc<dyn UserRepository>, in_flight: InFlight) -> Self {
        Self { users, in_flight }
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

    /// Carries out the commands, unless a request with the same claim is under way.
    pub async fn all(
        &self,
        commands: Vec<UserCommand>,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Transacted, TransactError> {
        let _under_way = match &ending {
            Ending::RollBack => None,
            Ending::Once(claim) => Some(self.in_flight.enter(claim)?),
        };
        self.users.transact(commands, ending, now).await
    }
}
