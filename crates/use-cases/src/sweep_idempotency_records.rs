use std::sync::Arc;

use users_ports::{Clock, IdempotencyRecords, RepositoryError};

use crate::IdempotencyGuard;

/// Removes the idempotency records that have expired, and counts those that are left.
#[derive(Clone)]
pub struct SweepIdempotencyRecords {
    records: Arc<dyn IdempotencyRecords>,
    clock: Arc<dyn Clock>,
    idempotency: IdempotencyGuard,
}

impl SweepIdempotencyRecords {
    /// The most records that are removed in one go: few enough that no other write waits long.
    pub const PORTION: u32 = 500;

    /// The use case over these ports, for this guard.
    pub fn new(
        records: Arc<dyn IdempotencyRecords>,
        clock: Arc<dyn Clock>,
        idempotency: IdempotencyGuard,
    ) -> Self {
        Self { records, clock, idempotency }
    }

    /// Removes, portion by portion, all records that have expired by now, and returns how many there were.
    ///
    /// Between two portions other writes have their turn.
    pub async fn execute(&self) -> Result<u64, RepositoryError> {
        let now = self.clock.now();
        let mut removed = 0;
        loop {
            let portion = self.records.forget(Self::PORTION, now).await?;
            removed += portion;
            if portion == 0 {
                break;
            }
        }
        self.idempotency.refresh(self.records.usage().await?);
        Ok(removed)
    }
}
