//! Latencies, counted in buckets.

/// Bits of a latency that are kept: a bucket is at most 1/64 as wide as what it holds.
const KEPT_BITS: u32 = 6;
/// Latencies that have a bucket of their own.
const EXACT: u64 = 1 << (KEPT_BITS + 1);
/// Longer latencies, from 71 minutes on, are counted in the last bucket.
const LONGEST: u64 = u32::MAX as u64;

/// How often each latency was seen, to within 1.6 %.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    longest: u64,
}

impl Histogram {
    /// An empty histogram.
    pub fn new() -> Self {
        Self { counts: vec![0; bucket(LONGEST) + 1], total: 0, longest: 0 }
    }

    /// Counts one latency, in microseconds.
    pub fn record(&mut self, micros: u64) {
        if let Some(count) = self.counts.get_mut(bucket(micros.min(LONGEST))) {
            *count += 1;
            self.total += 1;
            self.longest = self.longest.max(micros);
        }
    }

    /// How many latencies were counted.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The longest latency, in microseconds; exact.
    pub const fn longest(&self) -> u64 {
        self.longest
    }

    /// The latency in microseconds that `per_mille` of a thousand do not exceed; 0 where nothing was counted.
    pub fn percentile(&self, per_mille: u64) -> u64 {
        let wanted = (self.total * per_mille).div_ceil(1_000).max(1);
        let mut seen = 0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper_end(place).min(self.longest);
            }
        }
        self.longest
    }
}

/// Which bucket counts a latency.
fn bucket(micros: u64) -> usize {
    let shift = shift_of(micros);
    usize::try_from((u64::from(shift) << KEPT_BITS) + (micros >> shift)).unwrap_or(usize::MAX)
}

/// How many low bits of a latency are let go.
const fn shift_of(micros: u64) -> u32 {
    if micros < EXACT { 0 } else { micros.ilog2() - KEPT_BITS }
}

/// The longest latency that a bucket counts.
const fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    if bucket < EXACT {
        return bucket;
    }
    let shift = (bucket >> KEPT_BITS) - 1;
    let kept = bucket - (shift << KEPT_BITS);
    ((kept + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::{Histogram, LONGEST, bucket, upper_end};

    #[test]
    fn buckets_follow_each_other_without_a_gap() {
        let mut last = 0;
        for micros in 0..100_000 {
            let place = bucket(micros);
            assert!(place == last || place == last + 1, "{micros}");
            assert!(upper_end(place) >= micros, "{micros}");
            assert!(upper_end(place) <= micros + micros / 64, "{micros}");
            last = place;
        }
    }

    #[test]
    fn percentiles_are_right_to_within_a_bucket() {
        let mut histogram = Histogram::new();
        (1..=10_000).for_each(|micros| histogram.record(micros));
        assert_eq!(histogram.total(), 10_000);
        for (per_mille, exact) in [(500, 5_000), (990, 9_900), (999, 9_990)] {
            let found = histogram.percentile(per_mille);
            assert!((exact..=exact + exact / 60).contains(&found), "{per_mille}: {found}");
        }
        assert_eq!(histogram.percentile(1_000), 10_000);
        assert_eq!(histogram.longest(), 10_000);
    }

    #[test]
    fn one_slow_answer_in_a_hundred_shows_in_the_maximum_and_not_in_the_median() {
        let mut histogram = Histogram::new();
        (0..99).for_each(|_| histogram.record(100));
        histogram.record(50_000);
        assert_eq!(histogram.percentile(500), 100);
        assert_eq!(histogram.percentile(990), 100);
        assert_eq!(histogram.percentile(991), 50_000);
    }

    #[test]
    fn nothing_counted_is_zero_and_the_longest_fits() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.percentile(990), 0);
        histogram.record(LONGEST * 10);
        assert_eq!((histogram.total(), histogram.longest()), (1, LONGEST * 10));
    }
}
