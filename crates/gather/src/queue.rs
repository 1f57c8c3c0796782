use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

#[cfg(loom)]
use loom::sync::{Condvar, Mutex, MutexGuard};
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Condvar, Mutex, MutexGuard};

use crate::tuner::Tuner;

/// More is waiting already than the queue may hold; nothing was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more is waiting than the queue may hold")]
pub struct Full;

/// A bounded queue from many threads to a few, each of which takes out all that has gathered at once.
///
/// - Items with the same key are in the hands of one taker at a time, and are taken in the order in which they came.
/// - An item that comes when no taker is busy calls one at once. The more are busy, the more must be waiting before
///   another is called, and the sooner one rests; how much more, a [`Tuner`] finds out. So batches are large where takers
///   are slowed down by each other, and many are under way where each has to wait for a disk.
/// - An item that comes when no batch has been taken for longer than [`PATIENCE`] calls one at once as well, however few are
///   waiting: the takers may hang.
/// - The taker that came to rest last is called first: what it works with is still in the processor's caches, on this side
///   and on the database's.
///
/// A lock, and a condition variable for each taker, are all there is to it. The lock is held for a few instructions an item.
pub(crate) struct Queue<T> {
    capacity: usize,
    /// The most that is taken at once.
    max_batch: usize,
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

/// The hands of a taker, and what it has in them.
pub(crate) struct Hands<T> {
    taker: usize,
    /// What it took last, for it to take out.
    pub(crate) batch: Vec<T>,
    /// How much that was.
    taken: usize,
    keys: Vec<u64>,
}

struct State<T> {
    tuner: Tuner,
    /// When a batch was taken last.
    taken: Instant,
    waiting: VecDeque<(Option<u64>, T)>,
    /// The keys of what the takers have in their hands.
    in_hand: HashSet<u64>,
    /// Takers that work, or were called to.
    busy: usize,
    /// The numbers of the others, the one that came last at the end.
    resting: Vec<usize>,
    closed: bool,
}

/// The time. For the model checker it stands still: it tries everything that may come to pass at any time.
fn now() -> Instant {
    #[cfg(not(loom))]
    return Instant::now();
    #[cfg(loom)]
    {
        static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
        *START
    }
}

/// How long no batch may have been taken before the next item calls a taker, however little waits.
const PATIENCE: Duration = Duration::from_millis(10);

impl<T> Queue<T> {
    /// An empty queue for this many takers, each of which counts as busy until it comes to take.
    pub(crate) fn new(capacity: usize, takers: usize, max_batch: usize) -> Self {
        let state = State {
            tuner: Tuner::new(now()),
            taken: now(),
            waiting: VecDeque::new(),
            in_hand: HashSet::new(),
            busy: takers,
            resting: Vec::with_capacity(takers),
            closed: false,
        };
        let beds = std::iter::repeat_with(Condvar::new).take(takers).collect();
        Self { capacity, max_batch, state: Mutex::new(state), beds }
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

    /// Releases the worker's previous batch, waits for work, and takes the next batch in order.
    ///
    /// Gives `false`, with empty hands, once the queue is closed and nothing is left for this taker.
    pub(crate) fn take(&self, hands: &mut Hands<T>) -> bool {
        let mut state = self.lock();
        state.lay_down(hands);
        loop {
            if state.worthwhile() && state.take(self.max_batch, hands) {
                return true;
            }
            if state.closed {
                return false;
            }
            state.busy -= 1;
            state.resting.push(hands.taker);
            while state.resting.contains(&hands.taker) {
                state = self.rest(hands.taker, state);
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

impl<T> Hands<T> {
    /// The empty hands of this taker.
    pub(crate) fn of(taker: usize) -> Self {
        Self { taker, batch: vec![], taken: 0, keys: vec![] }
    }
}

impl<T> State<T> {
    /// The taker to be called, if any, now that an item with `key` has come; it counts as busy from now on.
    fn call(&mut self, key: Option<u64>) -> Option<usize> {
        let taken_care_of = key.is_some_and(|key| self.in_hand.contains(&key));
        if self.busy > 0 && (taken_care_of || !self.enough_beside(self.busy)) {
            return None;
        }
        let taker = self.resting.pop()?;
        self.busy += 1;
        Some(taker)
    }

    /// Whether enough is waiting for the taker that asks, which counts as busy, to work beside the others. The last
    /// one to be busy always works, so nothing is left behind.
    fn worthwhile(&self) -> bool {
        self.closed || self.enough_beside(self.busy.saturating_sub(1))
    }

    /// Whether what waits is enough for another taker to work beside these, or has been left to itself for too long.
    fn enough_beside(&self, busy: usize) -> bool {
        self.waiting.len() >= busy.saturating_mul(self.tuner.enough())
            || now().duration_since(self.taken) > PATIENCE
    }

    /// Takes what nobody else has the key of in hand, and tells whether that was anything.
    fn take(&mut self, most: usize, hands: &mut Hands<T>) -> bool {
        let mut left = VecDeque::new();
        while hands.batch.len() < most {
            let Some((key, item)) = self.waiting.pop_front() else { break };
            match key {
                Some(held) if self.in_hand.contains(&held) => left.push_back((key, item)),
                _ => {
                    hands.keys.extend(key);
                    hands.batch.push(item);
                }
            }
        }
        while let Some(item) = left.pop_back() {
            self.waiting.push_front(item);
        }
        self.in_hand.extend(hands.keys.iter().copied());
        hands.taken = hands.batch.len();
        if hands.taken > 0 {
            self.taken = now();
        }
        hands.taken > 0
    }

    /// Lays down what the hands took.
    fn lay_down(&mut self, hands: &mut Hands<T>) {
        for key in hands.keys.drain(..) {
            self.in_hand.remove(&key);
        }
        hands.batch.clear();
        if hands.taken > 0 {
            let crowded = self.busy > 1 || !self.waiting.is_empty();
            self.tuner.done(std::mem::take(&mut hands.taken), crowded, now());
        }
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Full, Hands, PATIENCE, Queue, now};

    fn take<T: Clone>(queue: &Queue<T>, hands: &mut Hands<T>) -> Vec<T> {
        assert!(queue.take(hands));
        hands.batch.clone()
    }

    #[test]
    fn a_batch_is_what_has_gathered_in_its_order() {
        let queue = Queue::new(10, 1, 3);
        (0..5).for_each(|item| queue.push(None, item).unwrap());
        let mut hands = Hands::of(0);
        assert_eq!(take(&queue, &mut hands), [0, 1, 2]);
        assert_eq!(take(&queue, &mut hands), [3, 4]);
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_again_when_there_is_room() {
        let queue = Queue::new(1, 1, 8);
        assert_eq!(queue.push(None, 'a'), Ok(()));
        assert_eq!(queue.push(None, 'b'), Err(Full));
        assert_eq!(take(&queue, &mut Hands::of(0)), ['a']);
        assert_eq!(queue.push(None, 'c'), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_then_ends() {
        let queue = Queue::new(2, 1, 8);
        queue.push(None, 'a').unwrap();
        queue.close();
        let mut hands = Hands::of(0);
        assert_eq!(take(&queue, &mut hands), ['a']);
        assert!(!queue.take(&mut hands));
        assert_eq!(hands.batch, []);
    }

    #[test]
    fn what_another_has_the_key_of_waits_and_keeps_its_order() {
        let queue = Queue::new(10, 2, 8);
        let (mut first, mut second) = (Hands::of(0), Hands::of(1));
        queue.push(Some(1), "a1").unwrap();
        assert_eq!(take(&queue, &mut first), ["a1"]);
        for (key, item) in [(1, "b1"), (2, "a2"), (1, "c1"), (2, "b2")] {
            queue.push(Some(key), item).unwrap();
        }
        assert_eq!(take(&queue, &mut second), ["a2", "b2"]);
        queue.push(Some(2), "c2").unwrap();
        assert_eq!(take(&queue, &mut first), ["b1", "c1"]);
    }

    #[test]
    fn the_more_are_busy_the_more_must_wait() {
        let queue = Queue::<u8>::new(100, 4, 8);
        let mut state = queue.lock();
        (state.busy, state.resting, state.taken) = (0, vec![0, 3, 1, 2], now() + Duration::from_mins(1));
        let mut calls = vec![];
        for item in 1..=4 {
            state.waiting.push_back((None, 0));
            calls.extend(state.call(None).map(|taker| (item, taker)));
        }
        // The one that came to rest last is called first.
        assert_eq!(calls, [(1, 2), (2, 1), (3, 3), (4, 0)]);
        // The first who comes back when little is left rests, and the last one does not.
        state.waiting.truncate(2);
        assert!(!state.worthwhile());
        state.busy = 1;
        assert!(state.worthwhile());
    }

    #[test]
    fn an_item_does_not_wait_for_a_taker_that_hangs() {
        let queue = Queue::<u8>::new(100, 3, 8);
        let mut state = queue.lock();
        (state.busy, state.resting, state.taken) = (2, vec![0], now() + Duration::from_mins(1));
        state.waiting.push_back((None, 0));
        assert_eq!(state.call(None), None);
        state.taken = now().checked_sub(PATIENCE * 2).unwrap();
        assert_eq!(state.call(None), Some(0));
        // The one that was called finds it worthwhile as well.
        assert!(state.worthwhile());
    }

    /// Otherwise those that find nothing would keep others from being called.
    #[test]
    fn to_take_nothing_is_not_to_begin_a_batch() {
        let queue = Queue::new(100, 2, 8);
        queue.push(Some(1), 'a').unwrap();
        queue.push(Some(1), 'b').unwrap();
        let (mut first, mut second) = (Hands::of(0), Hands::of(1));
        let mut state = queue.lock();
        assert!(state.take(1, &mut first));
        let taken = now().checked_sub(PATIENCE * 2).unwrap();
        state.taken = taken;
        assert!(!state.take(8, &mut second));
        assert_eq!(state.taken, taken);
    }
}

/// Every interleaving of a few threads, tried by a model checker: `make loom`.
#[cfg(loom)]
#[cfg(test)]
mod model {
    use super::{Hands, Queue};
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
                    let mut hands = Hands::of(taker);
                    while queue.take(&mut hands) {
                        done.lock().unwrap().append(&mut hands.batch);
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
            let mut hands = Hands::of(0);
            assert!(queue.take(&mut hands));
            assert_eq!(hands.batch, [1]);
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
            assert!(!queue.take(&mut Hands::of(0)));
            closer.join().unwrap();
        });
    }
}
