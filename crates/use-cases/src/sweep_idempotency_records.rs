use std::sync::Arc;

use users_ports::{Clock, RepositoryError, UserRepository};

use crate::IdempotencyGuard;

/// Removes the idempotency records that have expired, and counts those that are left.
#[derive(Clone)]
pub struct SweepIdempotencyRecords {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    idempotency: IdempotencyGuard,
}

impl SweepIdempotencyRecords {
    /// The most records that are removed in one go: few enough that no other write waits long.
    pub const PORTION: u32 = 500;

    /// The use case over these ports, for this guard.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>, idempotency: IdempotencyGuard) -> Self {
        Self { users, clock, idempotency }
    }

    /// Removes, portion by portion, all records that have expired by now, and returns how many there were.
    ///
    /// Between two portions other writes have their turn.
    pub async fn execute(&self) -> Result<u64, RepositoryError> {
        let now = self.clock.now();
        let mut removed = 0;
        loop {
            let portion = self.users.forget_records(Self::PORTION, now).await?;
            removed += portion;
            if portion == 0 {
                break;
            }
        }
        self.idempotency.refresh(self.users.record_usage().await?);
        Ok(removed)
    }
}
