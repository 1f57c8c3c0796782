use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::{NotUntil, Quota, RateLimiter};

use super::elapsed::Elapsed;
use super::store::Store;
use super::{Rate, Standing};

/// What the algorithm says about a request.
type Checked = Result<StateSnapshot, NotUntil<Duration>>;

/// One limit: the same allowance for each key, counted for each apart.
///
/// To count takes a look into a map by shards and one exchange of an atomic integer: nobody waits for anybody, except
/// where a key is new. The algorithm is GCRA, a bucket that is filled up again drop by drop.
#[derive(Debug)]
pub struct Limiter {
    governor: RateLimiter<u64, Store, Elapsed, StateInformationMiddleware>,
    store: Store,
    quota: Quota,
    refused: AtomicU64,
}

impl Limiter {
    /// A limit of which nothing is used yet.
    pub fn new(rate: Rate, clock: Elapsed) -> Self {
        let (store, quota) = (Store::default(), rate.quota());
        let governor = RateLimiter::new(quota, store.clone(), clock);
        Self { governor, store, quota, refused: AtomicU64::default() }
    }

    /// Counts a request of `key`, and gives back what is left; or tells that there is nothing left.
    ///
    /// What is refused is not counted: whoever keeps trying is let in as soon as anybody else.
    pub fn count(&self, key: u64) -> Result<Standing, Standing> {
        self.standing(self.governor.check_key(&key), 1, Duration::ZERO)
    }

    /// Counts a request that was counted once as so many more. A request that was let in may take all that may come at
    /// once, and no more: a limit that is less than such a request does not shut it out.
    pub fn count_more(&self, key: u64, requests: u32) -> Option<Result<Standing, Standing>> {
        let most = self.quota.burst_size().get() - 1;
        let requests = NonZeroU32::new(requests.min(most))?;
        let checked = self.governor.check_key_n(&key, requests).ok()?;
        // A client that tries again is first counted once.
        Some(self.standing(checked, requests.get(), self.quota.replenish_interval()))
    }

    fn standing(&self, checked: Checked, requests: u32, lead: Duration) -> Result<Standing, Standing> {
        let interval = self.quota.replenish_interval();
        let standing = match checked {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let used = self.quota.burst_size().get().saturating_sub(remaining);
                Ok(Standing::new(remaining, interval, interval.saturating_mul(used)))
            }
            Err(until) => {
                self.refused.fetch_add(1, Relaxed);
                let wait = until.wait_time_from(self.governor.clock().now());
                let others = self.quota.burst_size().get().saturating_sub(requests);
                Err(Standing::new(
                    0,
                    wait.saturating_add(lead),
                    wait.saturating_add(interval.saturating_mul(others)),
                ))
            }
        };
        if self.store.is_to_be_swept() {
            self.governor.retain_recent();
            self.store.bound();
        }
        standing
    }

    /// The most requests that may come at once.
    pub const fn burst(&self) -> NonZeroU32 {
        self.quota.burst_size()
    }

    /// The time in which the whole allowance comes back.
    pub const fn window(&self) -> Duration {
        self.quota.burst_size_replenished_in()
    }

    /// How many requests were refused.
    pub fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// How many keys are told apart at present.
    pub fn keys(&self) -> usize {
        self.store.len()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
    use std::time::Duration;

    use super::{Elapsed, Limiter};

    /// A clock that a test moves, in milliseconds.
    fn clock() -> (Arc<AtomicU64>, Elapsed) {
        let millis = Arc::new(AtomicU64::default());
        let read = Arc::clone(&millis);
        (millis, Elapsed::new(move || Duration::from_millis(read.load(Relaxed))))
    }

    fn limiter(rate: &str) -> (Arc<AtomicU64>, Limiter) {
        let (millis, clock) = clock();
        (millis, Limiter::new(rate.parse().unwrap(), clock))
    }

    #[test]
    fn an_allowance_is_used_up_and_comes_back_little_by_little() {
        let (millis, limiter) = limiter("2/m:3");
        let remaining = |at: u64| {
            millis.store(at, Relaxed);
            limiter.count(7).map(|standing| standing.remaining).map_err(|standing| standing.next)
        };
        assert_eq!([remaining(0), remaining(0), remaining(0)], [Ok(2), Ok(1), Ok(0)]);
        assert_eq!(remaining(0), Err(30));
        assert_eq!(remaining(28_500), Err(2));
        assert_eq!(remaining(30_000), Ok(0));
        assert_eq!(remaining(30_001), Err(30));
        // After a long time there is the whole allowance again, and no more.
        assert_eq!(remaining(600_000), Ok(2));
        assert_eq!(limiter.refused(), 3);
    }

    #[test]
    fn a_request_may_count_as_several() {
        let (millis, limiter) = limiter("2/m:3");
        let count_more = |requests: u32| {
            limiter.count_more(7, requests).map(|counted| counted.map(|standing| standing.remaining).ok())
        };
        assert_eq!(count_more(2), Some(Some(1)));
        assert_eq!(count_more(2), Some(None));
        assert_eq!(count_more(1), Some(Some(0)));
        millis.store(600_000, Relaxed);
        // All that may come at once, but for the one as which the request was counted.
        assert_eq!(count_more(20), Some(Some(1)));
    }

    #[test]
    fn if_one_may_come_at_once_no_request_counts_as_more() {
        let (_, limiter) = limiter("2/m:1");
        assert!(limiter.count_more(7, 20).is_none());
    }

    #[test]
    fn it_is_told_when_the_whole_allowance_is_back() {
        let (_, limiter) = limiter("2/m:3");
        let full = || limiter.count(7).map_or_else(|standing| standing.full, |standing| standing.full);
        assert_eq!([full(), full(), full(), full()], [30, 60, 90, 90]);
    }

    #[test]
    fn keys_do_not_share_an_allowance() {
        let (_, limiter) = limiter("1/h");
        assert!(limiter.count(1).is_ok() && limiter.count(1).is_err());
        assert!(limiter.count(2).is_ok());
    }

    #[test]
    fn keys_that_are_idle_are_dropped() {
        let (millis, limiter) = limiter("1/s");
        for key in 0..9_999 {
            let _ = limiter.count(key);
        }
        assert_eq!(limiter.keys(), 9_999);
        millis.store(5_000, Relaxed);
        let _ = limiter.count(9_999);
        assert_eq!(limiter.keys(), 1);
    }

    #[test]
    fn there_are_never_more_keys_than_can_be_afforded() {
        let (_, limiter) = limiter("1/h");
        let mut most = 0;
        for key in 0..250_000 {
            let _ = limiter.count(key);
            if key % 1000 == 0 {
                most = most.max(limiter.keys());
            }
        }
        assert!((100_000..=110_000).contains(&most), "{most}");
    }
}
