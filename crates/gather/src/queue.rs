use std::collections::{HashSet, VecDeque};

#[cfg(loom)]
use loom::sync::{Condvar, Mutex, MutexGuard};
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Condvar, Mutex, MutexGuard};

/// More is waiting already than the queue may hold; nothing was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more is waiting than the queue may hold")]
pub struct Full;

/// A bounded queue from many threads to a few, each of which takes out all that has gathered at once.
///
/// - Items with the same key are in the hands of one taker at a time, and are taken in the order in which they came.
/// - An item that comes when no taker is busy calls one at once. The more are busy, the more must be waiting before
///   another is called, and the sooner one rests: see [`enough`]. So batches are large where takers are slowed down by
///   each other, and many are under way where each has to wait for a disk.
/// - The taker that came to rest last is called first: what it works with is still in the processor's caches, on this side
///   and on the database's.
///
/// A lock, and a condition variable for each taker, are all there is to it. The lock is held for a few instructions an item.
pub(crate) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    /// Where each taker rests.
    beds: Box<[Condvar]>,
}

/// How much a queue has to do, and who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    /// Items that wait.
    pub(crate) waiting: usize,
    /// Takers that work, or were called to.
    pub(crate) busy: usize,
    /// All takers.
    pub(crate) takers: usize,
}

struct State<T> {
    growth: usize,
    waiting: VecDeque<(Option<u64>, T)>,
    /// The keys of what the takers have in their hands.
    in_hand: HashSet<u64>,
    /// Takers that work, or were called to.
    busy: usize,
    /// The numbers of the others, the one that came last at the end.
    resting: Vec<usize>,
    closed: bool,
}

/// How many items must be waiting for another taker to work beside `busy` others: with a growth of 8 1, 1, 8, 64, ...
fn enough(busy: usize, growth: usize) -> usize {
    let others_but_one = u32::try_from(busy.saturating_sub(1)).unwrap_or(u32::MAX);
    growth.saturating_pow(others_but_one)
}

impl<T> Queue<T> {
    /// An empty queue for this many takers, each of which counts as busy until it comes to take. Each one beyond the second
    /// needs `growth` times as many items waiting as the one before it.
    pub(crate) fn new(capacity: usize, takers: usize, growth: usize) -> Self {
        let state = State {
            growth,
            waiting: VecDeque::new(),
            in_hand: HashSet::new(),
            busy: takers,
            resting: Vec::with_capacity(takers),
            closed: false,
        };
        let beds = std::iter::repeat_with(Condvar::new).take(takers).collect();
        Self { capacity, state: Mutex::new(state), beds }
    }

    /// Adds an item at the end. Items with a key keep their order among those with the same key.
    pub(crate) fn push(&self, key: Option<u64>, item: T) -> Result<(), Full> {
        let mut state = self.lock();
        if state.waiting.len() >= self.capacity {
            return Err(Full);
        }
        state.waiting.push_back((key, item));
        let called = state.call(key);
        drop(state);
        if let Some(bed) = called.and_then(|taker| self.beds.get(taker)) {
            bed.notify_one();
        }
        Ok(())
    }

    /// Lays down what this taker took last, waits until there is work, and then moves up to `most` items to the end of
    /// `batch`, in their order. `keys` is the taker's own; it holds what it has in its hands.
    ///
    /// Gives `false`, and moves nothing, once the queue is closed and nothing is left for this taker.
    pub(crate) fn take(&self, taker: usize, most: usize, batch: &mut Vec<T>, keys: &mut Vec<u64>) -> bool {
        let mut state = self.lock();
        for key in keys.drain(..) {
            state.in_hand.remove(&key);
        }
        loop {
            if state.worthwhile() && state.move_to(most, batch, keys) {
                return true;
            }
            if state.closed {
                return false;
            }
            state.busy -= 1;
            state.resting.push(taker);
            while state.resting.contains(&taker) {
                state = self.rest(taker, state);
            }
        }
    }

    /// Lets the takers come to an end when they have taken what is there.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.busy += state.resting.len();
        state.resting.clear();
        drop(state);
        self.beds.iter().for_each(Condvar::notify_one);
    }

    /// How much there is to do, and who does it.
    pub(crate) fn load(&self) -> Load {
        let state = self.lock();
        Load { waiting: state.waiting.len(), busy: state.busy, takers: self.beds.len() }
    }

    /// Waits until somebody may have called.
    fn rest<'a>(&'a self, taker: usize, state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        match self.beds.get(taker) {
            Some(bed) => bed.wait(state).unwrap_or_else(PoisonError::into_inner),
            None => state,
        }
    }

    /// No code that can panic runs under the lock, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> State<T> {
    /// The taker to be called, if any, now that an item with `key` has come; it counts as busy from now on.
    fn call(&mut self, key: Option<u64>) -> Option<usize> {
        let taken_care_of = key.is_some_and(|key| self.in_hand.contains(&key));
        if self.busy > 0 && (taken_care_of || self.waiting.len() < enough(self.busy, self.growth)) {
            return None;
        }
        let taker = self.resting.pop()?;
        self.busy += 1;
        Some(taker)
    }

    /// Whether enough is waiting for the taker that asks, which counts as busy, to work beside the others. The last
    /// one to be busy always works, so nothing is left behind.
    fn worthwhile(&self) -> bool {
        let others = self.busy.saturating_sub(1);
        self.closed || self.waiting.len() >= enough(others, self.growth)
    }

    /// Moves what nobody else has the key of in hand, and tells whether that was anything.
    fn move_to(&mut self, most: usize, batch: &mut Vec<T>, keys: &mut Vec<u64>) -> bool {
        let mut left = VecDeque::new();
        let before = batch.len();
        while batch.len() - before < most {
            let Some((key, item)) = self.waiting.pop_front() else { break };
            match key {
                Some(held) if self.in_hand.contains(&held) => left.push_back((key, item)),
                _ => {
                    keys.extend(key);
                    batch.push(item);
                }
            }
        }
        while let Some(item) = left.pop_back() {
            self.waiting.push_front(item);
        }
        self.in_hand.extend(keys.iter().copied());
        batch.len() > before
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::{Full, Queue};

    fn take<T>(queue: &Queue<T>, most: usize) -> Vec<T> {
        let mut batch = vec![];
        assert!(queue.take(0, most, &mut batch, &mut vec![]));
        batch
    }

    #[test]
    fn a_batch_is_what_has_gathered_in_its_order() {
        let queue = Queue::new(10, 1, 8);
        (0..5).for_each(|item| queue.push(None, item).unwrap());
        assert_eq!(take(&queue, 3), [0, 1, 2]);
        assert_eq!(take(&queue, 3), [3, 4]);
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_again_when_there_is_room() {
        let queue = Queue::new(1, 1, 8);
        assert_eq!(queue.push(None, 'a'), Ok(()));
        assert_eq!(queue.push(None, 'b'), Err(Full));
        assert_eq!(take(&queue, 1), ['a']);
        assert_eq!(queue.push(None, 'c'), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_then_ends() {
        let queue = Queue::new(2, 1, 8);
        queue.push(None, 'a').unwrap();
        queue.close();
        assert_eq!(take(&queue, 5), ['a']);
        assert!(!queue.take(0, 5, &mut vec![], &mut vec![]));
    }

    #[test]
    fn what_another_has_the_key_of_waits_and_keeps_its_order() {
        let queue = Queue::new(10, 2, 8);
        let (mut first, mut first_keys) = (vec![], vec![]);
        queue.push(Some(1), "a1").unwrap();
        assert!(queue.take(0, 10, &mut first, &mut first_keys));
        for (key, item) in [(1, "b1"), (2, "a2"), (1, "c1"), (2, "b2")] {
            queue.push(Some(key), item).unwrap();
        }
        let (mut second, mut second_keys) = (vec![], vec![]);
        assert!(queue.take(1, 10, &mut second, &mut second_keys));
        assert_eq!(second, ["a2", "b2"]);
        queue.push(Some(2), "c2").unwrap();
        first.clear();
        assert!(queue.take(0, 10, &mut first, &mut first_keys));
        assert_eq!(first, ["b1", "c1"]);
    }

    #[test]
    fn the_more_are_busy_the_more_must_wait() {
        let queue = Queue::<u8>::new(100, 4, 8);
        let mut state = queue.lock();
        (state.busy, state.resting) = (0, vec![0, 3, 1, 2]);
        let mut calls = vec![];
        for item in 1..=70 {
            state.waiting.push_back((None, 0));
            calls.extend(state.call(None).map(|taker| (item, taker)));
        }
        // The one that came to rest last is called first.
        assert_eq!(calls, [(1, 2), (2, 1), (8, 3), (64, 0)]);
        // The first who comes back when little is left rests, and the last one does not.
        state.waiting.truncate(2);
        assert!(!state.worthwhile());
        state.busy = 1;
        assert!(state.worthwhile());
    }
}

/// Every interleaving of a few threads, tried by a model checker: `make loom`.
#[cfg(loom)]
#[cfg(test)]
mod model {
    use super::Queue;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    /// Tries all ways that change threads at most three times where they would not have to, which finds what can be
    /// found in seconds instead of hours.
    fn check(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }

    /// Lets `takers` threads take what `add` puts into a queue, and gives what they took, in the order in which it was
    /// laid down.
    fn taken(takers: usize, add: impl FnOnce(&Queue<(u64, u8)>)) -> Vec<(u64, u8)> {
        let queue = Arc::new(Queue::new(8, takers, 8));
        let done = Arc::new(Mutex::new(vec![]));
        let threads: Vec<_> = (0..takers)
            .map(|taker| {
                let (queue, done) = (Arc::clone(&queue), Arc::clone(&done));
                thread::spawn(move || {
                    let (mut batch, mut keys) = (vec![], vec![]);
                    while queue.take(taker, 8, &mut batch, &mut keys) {
                        done.lock().unwrap().append(&mut batch);
                    }
                })
            })
            .collect();
        add(&queue);
        queue.close();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let done = done.lock().unwrap();
        done.clone()
    }

    #[test]
    fn nothing_is_lost_or_doubled() {
        check(|| {
            let mut all = taken(2, |queue| (1..=2).for_each(|item| queue.push(None, (0, item)).unwrap()));
            all.sort_unstable();
            assert_eq!(all, [(0, 1), (0, 2)]);
        });
    }

    #[test]
    fn items_of_one_key_are_done_in_their_order() {
        check(|| {
            let all = taken(2, |queue| {
                for item in [(7, 1), (7, 2)] {
                    queue.push(Some(item.0), item).unwrap();
                }
            });
            assert_eq!(all, [(7, 1), (7, 2)]);
        });
    }

    #[test]
    fn an_item_is_taken_without_another_coming_after_it() {
        check(|| {
            let queue = Arc::new(Queue::new(4, 1, 8));
            let adder = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.push(None, 1).unwrap())
            };
            let (mut batch, mut keys) = (vec![], vec![]);
            assert!(queue.take(0, 4, &mut batch, &mut keys));
            assert_eq!(batch, [1]);
            adder.join().unwrap();
        });
    }

    #[test]
    fn a_resting_taker_is_woken_by_the_end() {
        check(|| {
            let queue = Arc::new(Queue::<u8>::new(1, 1, 8));
            let closer = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.close())
            };
            assert!(!queue.take(0, 1, &mut vec![], &mut vec![]));
            closer.join().unwrap();
        });
    }
}
