use std::collections::HashMap;
use std::time::Instant;

use super::{Record, Tag};

/// What may be found of each user after a crash.
///
/// The rule, for one user: what is found was written, and was not superseded. A write is superseded where it had ended
/// (with 200, or with 503, after which it may be there or not) before an acknowledged one began. A write that was never
/// answered may be there or not, so it supersedes nothing, and nothing supersedes it.
#[derive(Debug, Default)]
pub struct Ledger {
    users: HashMap<u32, History>,
}

#[derive(Debug, Default)]
struct History {
    /// What was found the last time that somebody looked.
    before: Option<Tag>,
    /// When each write ended; `None` where it was never answered.
    ended: HashMap<Tag, Option<Instant>>,
    /// When the latest acknowledged write began.
    last_begun: Option<Instant>,
    acknowledged: u64,
}

impl Ledger {
    /// Enters what became of several writes.
    pub fn enter_all(&mut self, records: &[Record]) {
        for record in records {
            self.enter(record);
        }
    }

    /// Enters what became of a write.
    pub fn enter(&mut self, record: &Record) {
        let history = self.users.entry(record.user).or_default();
        let answered = record.status != 0;
        history.ended.insert(record.tag, answered.then_some(record.ended));
        if record.status == 200 {
            history.acknowledged += 1;
            history.last_begun = history.last_begun.max(Some(record.begun));
        }
    }

    /// Holds what a user is now against what was written; the next crash starts from there.
    ///
    /// `found` is what [`Tag::of_user`] says.
    pub fn check(&mut self, user: u32, found: Result<Option<Tag>, String>) -> Result<(), String> {
        let history = self.users.entry(user).or_default();
        let now = found.map_err(|problem| format!("user {user} is {problem}"))?;
        let verdict = history.judge(now);
        *history = History { before: now, ..History::default() };
        verdict.map_err(|problem| format!("user {user}: {problem}"))
    }
}

impl History {
    fn judge(&self, now: Option<Tag>) -> Result<(), String> {
        let shown = now.map_or_else(|| "nothing".to_owned(), |tag| tag.to_string());
        if let Some(ended) = now.and_then(|tag| self.ended.get(&tag)) {
            let superseded = ended.zip(self.last_begun).is_some_and(|(ended, begun)| ended < begun);
            return if superseded {
                Err(format!("{shown} is there, and a later write was acknowledged: it is lost"))
            } else {
                Ok(())
            };
        }
        if now != self.before {
            return Err(format!("{shown} is there, which nobody wrote since the last look"));
        }
        if self.acknowledged > 0 {
            return Err(format!(
                "{shown} is there as before: {} acknowledged writes are lost",
                self.acknowledged
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Ledger, Record, Tag};

    const fn tag(sequence: u32) -> Tag {
        Tag { writer: 1, sequence }
    }

    /// Writes of one user: number, begin and end in milliseconds, and status.
    fn ledger(writes: &[(u32, u64, u64, u16)]) -> Ledger {
        let start = Instant::now();
        let mut ledger = Ledger::default();
        for (number, begun, ended, status) in writes {
            ledger.enter(&Record {
                user: 7,
                tag: tag(*number),
                begun: start + Duration::from_millis(*begun),
                sent: None,
                ended: start + Duration::from_millis(*ended),
                status: *status,
                retry_after: false,
                whole: true,
            });
        }
        ledger
    }

    fn found(writes: &[(u32, u64, u64, u16)], number: Option<u32>) -> Result<(), String> {
        ledger(writes).check(7, Ok(number.map(tag)))
    }

    #[test]
    fn the_last_acknowledged_write_or_a_later_one_may_be_found() {
        let writes = [(1, 0, 1, 200), (2, 2, 3, 200), (3, 4, 5, 0)];
        assert_eq!(found(&writes, Some(2)), Ok(()));
        assert_eq!(found(&writes, Some(3)), Ok(()));
        assert!(found(&writes, Some(1)).unwrap_err().contains("it is lost"));
        assert!(found(&writes, None).unwrap_err().contains("2 acknowledged writes are lost"));
        assert!(found(&writes, Some(9)).unwrap_err().contains("nobody wrote"));
    }

    #[test]
    fn of_two_at_the_same_time_either_may_be_the_last() {
        let writes = [(1, 0, 10, 200), (2, 5, 15, 200)];
        assert_eq!(found(&writes, Some(1)), Ok(()));
        assert_eq!(found(&writes, Some(2)), Ok(()));
    }

    #[test]
    fn a_refused_write_may_be_found_until_a_later_one_is_acknowledged() {
        assert_eq!(found(&[(1, 0, 1, 200), (2, 2, 3, 503)], Some(2)), Ok(()));
        assert!(found(&[(1, 0, 1, 503), (2, 2, 3, 200)], Some(1)).is_err());
        assert_eq!(found(&[(1, 0, 1, 503)], None), Ok(()));
    }

    #[test]
    fn a_mixture_is_never_right() {
        assert!(ledger(&[(1, 0, 1, 200)]).check(7, Err("a mixture".to_owned())).is_err());
    }

    #[test]
    fn the_next_look_starts_from_what_was_found() {
        let mut ledger = ledger(&[(1, 0, 1, 200)]);
        assert_eq!(ledger.check(7, Ok(Some(tag(1)))), Ok(()));
        assert_eq!(ledger.check(7, Ok(Some(tag(1)))), Ok(()));
        assert!(ledger.check(7, Ok(None)).is_err());
    }
}
