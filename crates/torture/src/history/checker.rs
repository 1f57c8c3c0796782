use std::collections::{HashMap, HashSet};

use super::{Call, Operation, Reply, Seen, State};

/// What the checker found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is an order that explains every reply.
    Legal,
    /// There is none.
    Illegal(String),
    /// There are too many ways to go on to try them all.
    Undecided,
}

/// The most calls whose answer is outstanding at one moment; those whose answer never comes count for ever.
const SLOTS: usize = 128;
/// The most ways to explain what has happened so far that are followed.
const MAX_WAYS: usize = 200_000;

/// One way to explain what has happened so far: what the user is, and which of the calls under way have taken effect.
type Way = (State, u128);

/// Looks for an order of the operations on one user that explains every reply.
///
/// The search is that of Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), in the form of Lowe, "Testing
/// for linearizability" (2017): it follows the calls and replies in the order of time and keeps every way to
/// explain them, each once. A call takes effect only when a reply forces it to: its own, or one that needs it before.
pub fn check(start: State, operations: &[Operation]) -> Verdict {
    if let Some(problem) = tag_of_two_contents(operations) {
        return Verdict::Illegal(problem);
    }
    let mut search = Search { ways: HashSet::from([(start, 0)]), pending: vec![None; SLOTS] };
    let mut slots = HashMap::new();
    for (place, is_reply) in events(operations) {
        let Some(operation) = operations.get(place) else { continue };
        if !is_reply {
            let Some(slot) = search.enter(*operation) else { return Verdict::Undecided };
            slots.insert(place, slot);
        } else if let Some(slot) = slots.remove(&place) {
            let before = search.ways.clone();
            search.take_reply(slot);
            if search.ways.len() > MAX_WAYS {
                return Verdict::Undecided;
            }
            if search.ways.is_empty() {
                let examples: Vec<_> = before.iter().map(|(state, _)| state).take(3).collect();
                return Verdict::Illegal(format!("{operation:?} does not follow from {examples:?}"));
            }
        }
    }
    Verdict::Legal
}

/// A tag stands for one content of a user, for ever: one that two answers show with different contents.
fn tag_of_two_contents(operations: &[Operation]) -> Option<String> {
    let mut contents: HashMap<u64, Seen> = HashMap::new();
    operations.iter().find_map(|operation| {
        let Reply::User(seen) = operation.reply else { return None };
        let first = contents.entry(seen.tag).or_insert(seen);
        (*first != seen).then(|| format!("one tag for two contents: {first:?} and {operation:?}"))
    })
}

/// The calls and replies in the order of time, each as the operation's place and whether it is the reply.
///
/// Calls come before replies of the same moment, so that they count as at the same time. What is unknown has no reply.
fn events(operations: &[Operation]) -> Vec<(usize, bool)> {
    let mut events: Vec<(u64, bool, usize)> = Vec::with_capacity(operations.len() * 2);
    for (place, operation) in operations.iter().enumerate() {
        match (operation.call, operation.reply) {
            // It has no effect, and nobody was told anything.
            (Call::Read { .. }, Reply::Unknown) => {}
            (_, Reply::Unknown) => events.push((operation.begun, false, place)),
            _ => events.extend([(operation.begun, false, place), (operation.ended, true, place)]),
        }
    }
    events.sort_unstable();
    events.into_iter().map(|(_, is_reply, place)| (place, is_reply)).collect()
}

struct Search {
    ways: HashSet<Way>,
    pending: Vec<Option<Operation>>,
}

impl Search {
    /// Notes that a call is under way; `None` where too many are.
    fn enter(&mut self, operation: Operation) -> Option<usize> {
        let slot = self.pending.iter().position(Option::is_none)?;
        *self.pending.get_mut(slot)? = Some(operation);
        Some(slot)
    }

    /// Leaves only the ways in which the call in this slot has taken effect, and frees the slot.
    fn take_reply(&mut self, slot: usize) {
        let mut seen: HashSet<Way> = HashSet::new();
        let mut open: Vec<Way> = self.ways.drain().collect();
        let mut done = HashSet::new();
        while let Some(way) = open.pop() {
            let way = self.with_idle_calls(way);
            if !seen.insert(way) {
                continue;
            }
            let (state, taken) = way;
            if taken & bit(slot) != 0 {
                done.insert((state, taken & !bit(slot)));
                continue;
            }
            open.extend(self.waiting(taken).filter_map(|(place, operation)| {
                let next = state.after(&operation.call, &operation.reply)?;
                Some((next, taken | bit(place)))
            }));
            if seen.len() > MAX_WAYS {
                break;
            }
        }
        if let Some(pending) = self.pending.get_mut(slot) {
            *pending = None;
        }
        // Too many are as good as undecided: the caller sees it by their number.
        self.ways = if seen.len() > MAX_WAYS { seen } else { done };
    }

    /// Lets every call take effect whose reply fits and that changes nothing: to wait with it can explain nothing more.
    fn with_idle_calls(&self, (state, taken): Way) -> Way {
        let idle = |operation: &Operation| {
            operation.reply != Reply::Unknown && state.after(&operation.call, &operation.reply) == Some(state)
        };
        let all = self.waiting(taken).filter(|(_, operation)| idle(operation));
        (state, all.fold(taken, |taken, (place, _)| taken | bit(place)))
    }

    /// The calls under way that have not taken effect.
    fn waiting(&self, taken: u128) -> impl Iterator<Item = (usize, &Operation)> {
        let all = self.pending.iter().enumerate();
        all.filter_map(move |(place, pending)| {
            Some((place, pending.as_ref()?)).filter(|_| taken & bit(place) == 0)
        })
    }
}

const fn bit(slot: usize) -> u128 {
    1 << slot
}
