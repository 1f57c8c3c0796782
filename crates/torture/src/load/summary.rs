use std::collections::BTreeMap;
use std::time::Duration;

use super::Record;

/// What a service did with the writes of a load.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// How many answers there were of each status; 0 stands for none at all.
    pub statuses: BTreeMap<u16, u64>,
    /// How long each that was answered took, the shortest first.
    times: Vec<Duration>,
    /// What must not be.
    pub broken: Vec<String>,
}

impl Summary {
    /// Sums up writes to a service that stays there: each is answered 200 in full, or 503 with `Retry-After`, before
    /// `limit`.
    pub fn of_present_service(records: &[Record], limit: Duration) -> Self {
        let mut summary = Self::of(records);
        for record in records {
            let took = record.ended.duration_since(record.begun);
            if !matches!(record.status, 200 | 503) {
                summary.broken.push(format!("{} was answered with status {}", record.tag, record.status));
            }
            if record.status == 503 && !record.retry_after {
                summary.broken.push(format!("{}: 503 without Retry-After", record.tag));
            }
            if took > limit {
                summary.broken.push(format!("{} took {:.1} s", record.tag, took.as_secs_f64()));
            }
        }
        summary
    }

    /// Sums up writes to a service that may go away: only what is answered is judged.
    pub fn of(records: &[Record]) -> Self {
        let mut summary = Self::default();
        for record in records {
            *summary.statuses.entry(record.status).or_default() += 1;
            if record.status != 0 {
                summary.times.push(record.ended.duration_since(record.begun));
            }
            if record.status == 200 && !record.whole {
                summary.broken.push(format!("{}: the answer does not show what was written", record.tag));
            }
        }
        summary.times.sort_unstable();
        summary
    }

    /// Adds another one.
    pub fn add(&mut self, other: Self) {
        for (status, count) in other.statuses {
            *self.statuses.entry(status).or_default() += count;
        }
        self.times.extend(other.times);
        self.times.sort_unstable();
        self.broken.extend(other.broken);
    }

    /// How many answers had this status.
    pub fn count(&self, status: u16) -> u64 {
        self.statuses.get(&status).copied().unwrap_or(0)
    }

    /// How many had none of these statuses.
    pub fn others(&self, statuses: &[u16]) -> u64 {
        self.statuses.iter().filter(|(status, _)| !statuses.contains(status)).map(|(_, count)| count).sum()
    }

    /// The longest of all times.
    pub fn longest(&self) -> Duration {
        self.times.last().copied().unwrap_or_default()
    }

    /// The time that `per_mille` of 1,000 requests took at most.
    pub fn percentile(&self, per_mille: usize) -> Duration {
        let place = (self.times.len().saturating_sub(1) * per_mille) / 1_000;
        self.times.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Summary;
    use crate::load::{Record, Tag};

    fn record(milliseconds: u64, status: u16, retry_after: bool, whole: bool) -> Record {
        let begun = Instant::now();
        let (tag, sent) = (Tag { writer: 0, sequence: 0 }, Some(begun));
        let ended = begun + Duration::from_millis(milliseconds);
        Record { user: 0, tag, begun, sent, ended, status, retry_after, whole }
    }

    #[test]
    fn only_what_a_present_service_may_answer_passes() {
        let limit = Duration::from_secs(6);
        let good = [record(1, 200, false, true), record(5_000, 503, true, true)];
        let summary = Summary::of_present_service(&good, limit);
        assert_eq!((summary.broken.len(), summary.count(200), summary.count(503)), (0, 1, 1));
        assert_eq!(
            (summary.longest(), summary.percentile(0)),
            (Duration::from_secs(5), Duration::from_millis(1))
        );
        for bad in [
            record(1, 500, false, true),
            record(1, 0, false, true),
            record(1, 503, false, true),
            record(7_000, 200, false, true),
            record(1, 200, false, false),
        ] {
            assert_eq!(
                Summary::of_present_service(std::slice::from_ref(&bad), limit).broken.len(),
                1,
                "{bad:?}"
            );
        }
    }
}
