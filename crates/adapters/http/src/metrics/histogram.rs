use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The upper bounds of the buckets: from half a millisecond, which is a quick request, to the ten seconds that the
/// slowest may take unless the time limit is raised.
pub const BOUNDS: [Duration; 14] = [
    Duration::from_micros(500),
    Duration::from_millis(1),
    Duration::from_micros(2500),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(25),
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_millis(2500),
    Duration::from_secs(5),
    Duration::from_secs(10),
];

/// A bucket for each of [`BOUNDS`], and one for what took longer.
const BUCKETS: usize = BOUNDS.len() + 1;

/// Counts durations in fixed buckets. To record one takes two additions.
#[derive(Debug, Default)]
pub struct Histogram {
    buckets: [AtomicU64; BUCKETS],
    nanoseconds: AtomicU64,
}

impl Histogram {
    /// Counts a duration.
    pub fn record(&self, duration: Duration) {
        let bucket = BOUNDS.partition_point(|bound| *bound < duration);
        if let Some(count) = self.buckets.get(bucket) {
            count.fetch_add(1, Relaxed);
        }
        self.nanoseconds.fetch_add(duration.as_nanos().try_into().unwrap_or(u64::MAX), Relaxed);
    }

    /// Adds what was counted to `durations`.
    pub fn add_to(&self, durations: &mut Durations) {
        for (sum, count) in durations.buckets.iter_mut().zip(&self.buckets) {
            *sum += count.load(Relaxed);
        }
        durations.sum += Duration::from_nanos(self.nanoseconds.load(Relaxed));
    }
}

/// What one or more [`Histogram`]s have counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many durations there were, for each of [`BOUNDS`] those up to it and beyond the bound before; the last are
    /// those beyond all bounds.
    pub buckets: [u64; BUCKETS],
    /// All durations added up.
    pub sum: Duration,
}

impl Durations {
    /// Whether nothing was counted.
    pub fn is_empty(&self) -> bool {
        self.buckets.iter().all(|count| *count == 0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BOUNDS, Durations, Histogram};

    #[test]
    fn a_duration_counts_in_the_first_bucket_that_holds_it() {
        let histogram = Histogram::default();
        for micros in [0, 500, 501, 10_000_000, 10_000_001, 60_000_000] {
            histogram.record(Duration::from_micros(micros));
        }
        let mut durations = Durations::default();
        histogram.add_to(&mut durations);
        assert_eq!(durations.buckets, [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(durations.sum, Duration::from_micros(80_001_002));
    }

    #[test]
    fn the_bounds_grow() {
        assert!(BOUNDS.is_sorted_by(|a, b| a < b));
    }
}
