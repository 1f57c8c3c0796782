use std::time::Duration;

use tracing::{debug, warn};
use users_use_cases::SweepClaims;

/// How long it is between two looks for claims whose time is over.
///
/// They take room and no more: a claim that is over is taken for nothing also while it is still there.
pub const SWEEP_PAUSE: Duration = Duration::from_mins(10);

/// Forgets claims whose time is over, again and again, for as long as the future is polled.
///
/// Where the store cannot do it, the next time will do: it is said once in the log, and again only after it has worked.
pub async fn keep_sweeping(sweep: SweepClaims, pause: Duration) {
    let mut failing = false;
    loop {
        tokio::time::sleep(pause).await;
        match sweep.execute().await {
            Ok(forgotten) => {
                failing = false;
                debug!(forgotten, "forgot claims of idempotency keys");
            }
            Err(error) if !failing => {
                failing = true;
                warn!(%error, "claims of idempotency keys cannot be forgotten; trying again later");
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
    use users_ports::{MockClock, MockUserRepository, RepositoryError};
    use users_use_cases::SweepClaims;

    use super::keep_sweeping;

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_not_the_last_sweep() {
        let sweeps = Arc::new(AtomicUsize::new(0));
        let (mut users, mut clock) = (MockUserRepository::new(), MockClock::new());
        let counted = Arc::clone(&sweeps);
        users.expect_forget_claims().returning(move |_, _| match counted.fetch_add(1, Ordering::Relaxed) {
            0 => Err(RepositoryError::Overloaded),
            _ => Ok(0),
        });
        clock.expect_now().return_const(DateTime::UNIX_EPOCH);
        let sweep = SweepClaims::new(Arc::new(users), Arc::new(clock));
        let sweeping = keep_sweeping(sweep, Duration::from_millis(1));
        // It never ends by itself; the paused clock makes the limit of ten seconds a matter of no time.
        assert!(tokio::time::timeout(Duration::from_secs(10), sweeping).await.is_err());
        assert!(sweeps.load(Ordering::Relaxed) > 2);
    }
}
