use std::collections::HashMap;

use super::{Call, Operation, Reply, Seen};
use crate::random::Random;

/// A fault that can be planted in a legal history, so that the checker must find it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What others saw was never written: the record of the write is taken out.
    NeverWritten,
    /// A read shows what had been overwritten before it began.
    StaleRead,
    /// A write is acknowledged although its condition did not hold any more.
    StaleWrite,
    /// A read shows a value that nobody has written.
    InventedValue,
    /// A write of one member puts the other one back to what it was once: somebody's update is lost.
    LostUpdate,
}

/// Values from here on are written once only, so that what has been replaced never comes back.
pub const FIRST_UNIQUE_VALUE: u32 = 1_000;
/// How many operations are tried for a fault that not each of them can have.
const TRIES: usize = 1_000;

impl Fault {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::NeverWritten, Self::StaleRead, Self::StaleWrite, Self::InventedValue, Self::LostUpdate];
}

/// Plants a fault in a legal history, at a place that `random` chooses; `None` where it finds none for it.
pub fn plant(fault: Fault, history: &[Operation], random: &mut Random) -> Option<Vec<Operation>> {
    let past = Past::of(history);
    (0..TRIES).find_map(|_| {
        let place = usize::try_from(random.below(history.len() as u64)).ok()?;
        let operation = history.get(place)?;
        let changed = past.faulty(fault, operation, random)?;
        let mut planted = history.to_vec();
        if fault == Fault::NeverWritten {
            planted.remove(place);
        } else if let Some(slot) = planted.get_mut(place) {
            *slot = changed;
        }
        Some(planted)
    })
}

/// What was there once, and by when it had surely been replaced, the earliest first.
struct Past<'a> {
    history: &'a [Operation],
    contents: Vec<(u64, Seen)>,
    others: Vec<(u64, Seen)>,
}

impl<'a> Past<'a> {
    fn of(history: &'a [Operation]) -> Self {
        let contents = replaced(history, |seen| seen.tag);
        let mut others = replaced(history, |seen| u64::from(seen.other));
        others.retain(|(_, seen)| seen.other >= FIRST_UNIQUE_VALUE);
        Self { history, contents, others }
    }

    /// The operation with the fault, if it can have it.
    fn faulty(&self, fault: Fault, operation: &Operation, random: &mut Random) -> Option<Operation> {
        let before = operation.begun;
        let reply = match (fault, operation.call, operation.reply) {
            (Fault::NeverWritten, Call::Write { one, other, .. }, Reply::User(mine)) => {
                let unique = one.max(other).is_some_and(|value| value >= FIRST_UNIQUE_VALUE);
                (unique && self.only_read_by_others(operation, mine.tag)).then_some(operation.reply)?
            }
            (Fault::StaleRead, Call::Read { unless: None }, Reply::User(_)) => {
                Reply::User(earlier(&self.contents, before, random)?)
            }
            (Fault::StaleWrite, Call::Write { one, other, only_if: Some(tag) }, Reply::Stale(_)) => {
                let (_, old) = self.contents.iter().find(|(at, old)| *at < before && old.tag == tag)?;
                let (one, other) = (one.unwrap_or(old.one), other.unwrap_or(old.other));
                Reply::User(Seen { one, other, tag: u64::MAX })
            }
            (Fault::InventedValue, Call::Read { .. }, Reply::User(shown)) => {
                Reply::User(Seen { one: u32::MAX, tag: u64::MAX, ..shown })
            }
            (Fault::LostUpdate, Call::Write { one: Some(one), other: None, .. }, Reply::User(shown)) => {
                let other = earlier(&self.others, before, random)?.other;
                Reply::User(Seen { one, other, tag: shown.tag })
            }
            _ => return None,
        };
        Some(Operation { reply, ..*operation })
    }

    /// Whether the content that an operation made was shown to others, and by reads alone.
    fn only_read_by_others(&self, operation: &Operation, tag: u64) -> bool {
        let shown = |it: &&Operation| matches!(it.reply, Reply::User(seen) if seen.tag == tag);
        let mut others = self.history.iter().filter(|it| *it != operation).filter(shown).peekable();
        others.peek().is_some() && others.all(|it| matches!(it.call, Call::Read { .. }))
    }
}

/// What had been there, but surely was no longer at this moment.
fn earlier(gone: &[(u64, Seen)], before: u64, random: &mut Random) -> Option<Seen> {
    let past = gone.get(..gone.partition_point(|(at, _)| *at < before))?;
    random.choose(past).map(|(_, seen)| *seen)
}

/// Everything that was seen, told apart by `key`, with the time of the first reply that shows something else to a call
/// that was made after somebody had seen it.
fn replaced(history: &[Operation], key: impl Fn(&Seen) -> u64) -> Vec<(u64, Seen)> {
    let mut replies: Vec<(u64, u64, Seen)> = history
        .iter()
        .filter_map(|operation| match operation.reply {
            // A deletion shows the user as it was.
            Reply::User(seen) if operation.call != Call::Delete => {
                Some((operation.begun, operation.ended, seen))
            }
            _ => None,
        })
        .collect();
    replies.sort_unstable_by_key(|(begun, ..)| *begun);
    let mut first: HashMap<u64, (u64, Seen)> = HashMap::new();
    for (_, ended, seen) in &replies {
        let entry = first.entry(key(seen)).or_insert((*ended, *seen));
        entry.0 = entry.0.min(*ended);
    }
    let mut gone: Vec<_> = first
        .into_iter()
        .filter_map(|(old, (seen_at, seen))| {
            let later = replies.iter().skip(replies.partition_point(|(begun, ..)| *begun <= seen_at));
            let at = later.filter(|(.., seen)| key(seen) != old).map(|(_, ended, _)| *ended).next()?;
            Some((at, seen))
        })
        .collect();
    gone.sort_unstable_by_key(|(at, seen)| (*at, seen.tag));
    gone
}
