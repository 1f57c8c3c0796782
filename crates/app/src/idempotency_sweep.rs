use std::time::Duration;

use tracing::{debug, warn};
use users_use_cases::SweepIdempotencyRecords;

/// How long it is between two looks for idempotency records that have expired.
///
/// So old can the figures be by which requests are rejected since their records have no room.
pub const SWEEP_PAUSE: Duration = Duration::from_mins(1);

/// Removes expired idempotency records after each pause, for as long as the future is polled.
///
/// A failure is logged once, and again only after a success.
pub async fn keep_sweeping(sweep: SweepIdempotencyRecords, pause: Duration) {
    let mut failing = false;
    loop {
        tokio::time::sleep(pause).await;
        match sweep.execute().await {
            Ok(forgotten) => {
                failing = false;
                debug!(forgotten, "removed expired idempotency records");
            }
            Err(error) if !failing => {
                failing = true;
                warn!(%error, "expired idempotency records cannot be removed; trying again later");
            }
            Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use chrono::DateTime;
    use users_ports::{MockClock, MockIdempotencyRecords, RepositoryError};
    use users_use_cases::{IdempotencyGuard, SweepIdempotencyRecords};

    use super::keep_sweeping;

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_not_the_last_sweep() {
        let sweeps = Arc::new(AtomicUsize::new(0));
        let (mut records, mut clock) = (MockIdempotencyRecords::new(), MockClock::new());
        let counted = Arc::clone(&sweeps);
        records.expect_forget().returning(move |_, _| match counted.fetch_add(1, Ordering::Relaxed) {
            0 => Err(RepositoryError::Overloaded),
            _ => Ok(0),
        });
        records.expect_usage().returning(|| Ok(Vec::new()));
        clock.expect_now().return_const(DateTime::UNIX_EPOCH);
        let sweep =
            SweepIdempotencyRecords::new(Arc::new(records), Arc::new(clock), IdempotencyGuard::default());
        let sweeping = keep_sweeping(sweep, Duration::from_millis(1));
        // It never ends by itself; the paused clock makes the limit of ten seconds a matter of no time.
        assert!(tokio::time::timeout(Duration::from_secs(10), sweeping).await.is_err());
        assert!(sweeps.load(Ordering::Relaxed) > 2);
    }
}
