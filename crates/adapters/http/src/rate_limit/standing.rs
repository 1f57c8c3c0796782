use std::time::Duration;

use actix_web::http::header::HeaderName;

/// The headers that tell of a limit, in the order in which [`super::RateLimits`] documents them.
pub const RATE_LIMIT_HEADERS: [HeaderName; 5] = [
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
];

/// What is left of an allowance. Times are whole seconds, rounded up, and at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How many requests may be made at once.
    pub remaining: u32,
    /// The time until there is one more.
    pub next: u64,
    /// The time until the whole allowance is back.
    pub full: u64,
}

impl Standing {
    /// So many requests, one more after `next`, and all after `full`.
    pub fn new(remaining: u32, next: Duration, full: Duration) -> Self {
        Self { remaining, next: whole_seconds(next), full: whole_seconds(full) }
    }
}

/// The time in whole seconds, rounded up: whoever waits for so long has waited long enough. At least 1.
pub fn whole_seconds(time: Duration) -> u64 {
    (time.as_secs() + u64::from(time.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::whole_seconds;

    #[test]
    fn seconds_are_rounded_up_to_one_at_least() {
        let seconds = [0, 1, 999, 1000, 1001, 59_999].map(|ms| whole_seconds(Duration::from_millis(ms)));
        assert_eq!(seconds, [1, 1, 1, 1, 2, 60]);
    }
}
