use std::ops::RangeInclusive;
use std::time::Duration;

/// How often a request is sent again that got no answer, or one that says "later", and how long to wait before.
///
/// The pause doubles with each attempt, half of it is left to chance, so that many clients do not return at the same
/// moment, and it is never shorter than the answer's `Retry-After`. Where that does not fit into
/// [`total`](Self::total), the call ends at once with the error that tells how long to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    first_pause: Duration,
    longest_pause: Duration,
    total: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts within 30 seconds; the first pause is about 100 ms, none is longer than 5 seconds unless the
    /// service asks for that.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_secs(5),
            total: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// One attempt: nothing is sent again.
    pub fn never() -> Self {
        Self::default().attempts(1)
    }

    /// How often a request is sent at the most, the first time included; 0 means 1.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// How long to wait after the first attempt, before chance halves that at the most.
    #[must_use]
    pub const fn first_pause(mut self, pause: Duration) -> Self {
        self.first_pause = pause;
        self
    }

    /// What the doubled pause is cut to.
    #[must_use]
    pub const fn longest_pause(mut self, pause: Duration) -> Self {
        self.longest_pause = pause;
        self
    }

    /// How long a call may take with all its attempts and pauses; the last attempt is given up then.
    #[must_use]
    pub const fn total(mut self, total: Duration) -> Self {
        self.total = total;
        self
    }

    /// Whether anything is sent again at all.
    pub(crate) const fn repeats(&self) -> bool {
        self.attempts > 1
    }

    /// What is left of the total time.
    pub(crate) const fn remaining(&self, elapsed: Duration) -> Duration {
        self.total.saturating_sub(elapsed)
    }

    /// Between which lengths the pause after so many failed attempts is to be; `None` where there is to be no other
    /// attempt.
    pub(crate) fn pause(
        &self,
        failures: u32,
        elapsed: Duration,
        retry_after: Option<Duration>,
    ) -> Option<RangeInclusive<Duration>> {
        if failures >= self.attempts {
            return None;
        }
        let doublings = failures.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        let full = self.first_pause.saturating_mul(factor).min(self.longest_pause);
        let half = full / 2;
        let shortest = half.max(retry_after.unwrap_or_default());
        let remaining = self.remaining(elapsed);
        (shortest < remaining).then(|| shortest..=shortest.saturating_add(half).min(remaining))
    }
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;
    use std::time::Duration;

    use rstest::rstest;

    use super::RetryPolicy;

    fn millis(range: RangeInclusive<u64>) -> RangeInclusive<Duration> {
        Duration::from_millis(*range.start())..=Duration::from_millis(*range.end())
    }

    #[rstest]
    #[case(1, 50..=100)]
    #[case(2, 100..=200)]
    #[case(3, 200..=400)]
    #[case(6, 1600..=3200)]
    #[case(7, 2500..=5000)]
    #[case(40, 2500..=5000)]
    #[case(u32::MAX - 1, 2500..=5000)]
    fn the_pause_doubles_up_to_the_longest(#[case] failures: u32, #[case] pause: RangeInclusive<u64>) {
        let policy = RetryPolicy::default().attempts(u32::MAX);
        assert_eq!(policy.pause(failures, Duration::ZERO, None), Some(millis(pause)));
    }

    #[test]
    fn the_pause_is_not_shorter_than_the_answer_asks_for() {
        let policy = RetryPolicy::default();
        let asked = Some(Duration::from_secs(2));
        assert_eq!(policy.pause(1, Duration::ZERO, asked), Some(millis(2000..=2050)));
        assert_eq!(policy.pause(1, Duration::ZERO, Some(Duration::ZERO)), Some(millis(50..=100)));
    }

    #[test]
    fn attempts_and_time_are_bounded() {
        let policy = RetryPolicy::default();
        assert!(policy.pause(3, Duration::ZERO, None).is_some());
        assert_eq!(policy.pause(4, Duration::ZERO, None), None);
        assert_eq!(policy.pause(1, Duration::from_secs(30), None), None);
        let late = Duration::from_millis(29_920);
        assert_eq!(policy.pause(1, late, None), Some(millis(50..=80)));
        assert_eq!(policy.pause(1, Duration::ZERO, Some(Duration::from_secs(30))), None);
        assert_eq!(policy.pause(1, Duration::ZERO, Some(Duration::MAX)), None);
        assert_eq!(RetryPolicy::never().pause(1, Duration::ZERO, None), None);
    }

    #[test]
    fn the_longest_times_there_are_do_no_harm() {
        let policy = RetryPolicy::default()
            .first_pause(Duration::MAX)
            .longest_pause(Duration::MAX)
            .total(Duration::MAX);
        assert!(policy.pause(2, Duration::ZERO, Some(Duration::MAX)).is_none());
        assert!(policy.pause(3, Duration::MAX, None).is_none());
        let (shortest, longest) = policy.pause(2, Duration::ZERO, None).unwrap().into_inner();
        assert!(shortest <= longest);
    }
}
