use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use users_ports::{IdempotentRequest, KEPT_FOR, RecordUsage};

/// The most idempotency records that may be stored, of all callers together.
///
/// A token has room for a quarter of it, and a self-service token for a four hundredth, so that no caller takes the room
/// of all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyLimits {
    /// How many records.
    pub records: u64,
    /// The size of their outcomes, in bytes.
    pub bytes: u64,
}

impl IdempotencyLimits {
    /// What one token may store, as one part of how many.
    const TOKEN: u64 = 4;
    /// The same for a self-service token.
    const SELF_SERVICE_TOKEN: u64 = 400;

    const fn share(self, parts: u64) -> Self {
        Self { records: self.records / parts, bytes: self.bytes / parts }
    }
}

impl Default for IdempotencyLimits {
    /// Four million records, of four gibibytes.
    fn default() -> Self {
        Self { records: 4_000_000, bytes: 4 << 30 }
    }
}

/// The records that are stored, as far as this process knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// How many there are.
    pub records: u64,
    /// The size of their outcomes, in bytes.
    pub bytes: u64,
    /// When the oldest was stored, if there is one.
    oldest: Option<DateTime<Utc>>,
}

impl Stored {
    fn add(&mut self, records: u64, bytes: u64, stored_at: DateTime<Utc>) {
        self.records += records;
        self.bytes += bytes;
        self.oldest = Some(self.oldest.map_or(stored_at, |oldest| oldest.min(stored_at)));
    }

    const fn is_within(&self, limits: IdempotencyLimits) -> bool {
        self.records < limits.records && self.bytes < limits.bytes
    }

    /// How long it takes until the oldest record expires: a minute at least, since nobody looks more often.
    fn wait(&self, now: DateTime<Utc>) -> TimeDelta {
        let end = self.oldest.map_or(now, |oldest| oldest + KEPT_FOR);
        (end - now).clamp(TimeDelta::minutes(1), KEPT_FOR)
    }
}

/// How much room is taken, by whom, and whether there is room for more.
///
/// What is stored is read from the store now and then, and what this process adds in between is counted. What other
/// processes add is known at the next reading.
#[derive(Debug, Default)]
pub struct Quota {
    limits: IdempotencyLimits,
    total: Stored,
    by_caller: HashMap<String, Stored>,
}

impl Quota {
    pub fn new(limits: IdempotencyLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// Whether there is room for a record of the request; otherwise, how long to wait.
    pub fn check(&self, request: &IdempotentRequest, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let parts = if request.is_self_service {
            IdempotencyLimits::SELF_SERVICE_TOKEN
        } else {
            IdempotencyLimits::TOKEN
        };
        let own = self.by_caller.get(&request.caller).copied().unwrap_or_default();
        for (stored, limits) in [(own, self.limits.share(parts)), (self.total, self.limits)] {
            if !stored.is_within(limits) {
                return Err(stored.wait(now));
            }
        }
        Ok(())
    }

    /// Counts a record that was stored just now.
    pub fn add(&mut self, caller: &str, bytes: u64, now: DateTime<Utc>) {
        self.total.add(1, bytes, now);
        self.by_caller.entry(caller.to_owned()).or_default().add(1, bytes, now);
    }

    /// Takes over what was read from the store.
    pub fn replace(&mut self, usages: Vec<RecordUsage>) {
        self.total = Stored::default();
        self.by_caller.clear();
        for RecordUsage { caller, records, bytes, oldest } in usages {
            self.total.add(records, bytes, oldest);
            self.by_caller.entry(caller).or_default().add(records, bytes, oldest);
        }
    }

    /// The records of all callers.
    pub const fn total(&self) -> Stored {
        self.total
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use users_ports::{IdempotentRequest, RecordUsage};

    use super::{IdempotencyLimits, Quota};

    const NOW: DateTime<Utc> = DateTime::from_timestamp_nanos(1_700_000_000_000_000_000);

    fn request(caller: &str, is_self_service: bool) -> IdempotentRequest {
        let (caller, key) = (caller.to_owned(), "k".to_owned());
        IdempotentRequest { caller, is_self_service, key, fingerprint: [0; 32] }
    }

    fn usage(caller: &str, records: u64, bytes: u64, age: TimeDelta) -> RecordUsage {
        RecordUsage { caller: caller.to_owned(), records, bytes, oldest: NOW - age }
    }

    #[test]
    fn a_token_has_a_quarter_and_a_person_a_hundredth_of_that() {
        for (is_self_service, share) in [(false, 1_000), (true, 10)] {
            let mut quota = Quota::new(IdempotencyLimits { records: 4_000, bytes: 1 << 40 });
            let caller = request("a", is_self_service);
            for _ in 0..share {
                assert_eq!(quota.check(&caller, NOW), Ok(()));
                quota.add("a", 1, NOW);
            }
            assert_eq!(quota.check(&caller, NOW), Err(TimeDelta::hours(24)));
            assert_eq!(quota.check(&request("b", is_self_service), NOW), Ok(()));
        }
    }

    #[test]
    fn bytes_count_as_well_as_records() {
        let mut quota = Quota::new(IdempotencyLimits { records: 4_000, bytes: 400 });
        quota.add("a", 99, NOW);
        assert_eq!(quota.check(&request("a", false), NOW), Ok(()));
        quota.add("a", 1, NOW);
        assert!(quota.check(&request("a", false), NOW).is_err());
    }

    #[test]
    fn all_together_have_a_limit_and_the_oldest_tells_the_wait() {
        let mut quota = Quota::new(IdempotencyLimits { records: 12, bytes: 1 << 20 });
        let hours = TimeDelta::hours;
        quota.replace(vec![
            usage("a", 3, 9, hours(1)),
            usage("b", 8, 9, hours(20)),
            usage("c", 1, 9, hours(2)),
        ]);
        // `a` waits for its own oldest, `d` for that of all, and no one is told to come back at once.
        assert_eq!(quota.check(&request("a", false), NOW), Err(hours(23)));
        assert_eq!(quota.check(&request("d", false), NOW), Err(hours(4)));
        assert_eq!(quota.check(&request("d", false), NOW + hours(9)), Err(TimeDelta::minutes(1)));
        quota.replace(vec![usage("c", 1, 9, hours(2))]);
        assert_eq!(quota.check(&request("d", false), NOW), Ok(()));
        assert_eq!((quota.total().records, quota.total().bytes), (1, 9));
    }
}
