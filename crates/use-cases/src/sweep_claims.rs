use std::sync::Arc;

use users_ports::{Clock, RepositoryError, UserRepository};

/// Forgets the claims whose time is over.
#[derive(Clone)]
pub struct SweepClaims {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
}

impl SweepClaims {
    /// The most claims that are forgotten in one go: few enough that no other write waits long.
    pub const PORTION: u32 = 500;

    /// The use case over these ports.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { users, clock }
    }

    /// Forgets, portion by portion, all claims whose time is over by now, and tells how many there were.
    ///
    /// Between two portions other writes have their turn.
    pub async fn execute(&self) -> Result<u64, RepositoryError> {
        let now = self.clock.now();
        let mut forgotten = 0;
        loop {
            let portion = self.users.forget_claims(Self::PORTION, now).await?;
            forgotten += portion;
            if portion < u64::from(Self::PORTION) {
                return Ok(forgotten);
            }
        }
    }
}
