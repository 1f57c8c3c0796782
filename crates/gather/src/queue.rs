use std::collections::VecDeque;

#[cfg(loom)]
use loom::sync::{Condvar, Mutex, MutexGuard};
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Condvar, Mutex, MutexGuard};

/// More is waiting already than the queue may hold; nothing was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more is waiting than the queue may hold")]
pub struct Full;

/// A bounded queue from many threads to one, which takes out all that has gathered at once.
///
/// A lock and a condition variable are enough: the lock is held for a few instructions, and taking a whole batch
/// costs the taker one lock, not one an item. Whoever adds wakes the taker only when it sleeps.
pub(crate) struct Queue<T> {
    capacity: usize,
    state: Mutex<State<T>>,
    filled: Condvar,
}

struct State<T> {
    items: VecDeque<T>,
    taker_sleeps: bool,
    closed: bool,
}

impl<T> Queue<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { items: VecDeque::new(), taker_sleeps: false, closed: false };
        Self { capacity, state: Mutex::new(state), filled: Condvar::new() }
    }

    /// Adds an item at the end.
    pub(crate) fn push(&self, item: T) -> Result<(), Full> {
        let mut state = self.lock();
        if state.items.len() >= self.capacity {
            return Err(Full);
        }
        state.items.push_back(item);
        let wake = std::mem::take(&mut state.taker_sleeps);
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Waits until there is something, then moves up to `most` items to the end of `batch`, in their order.
    ///
    /// Gives `false`, and moves nothing, once the queue is closed and empty.
    pub(crate) fn take(&self, most: usize, batch: &mut Vec<T>) -> bool {
        let mut state = self.lock();
        while state.items.is_empty() {
            if state.closed {
                return false;
            }
            state.taker_sleeps = true;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.taker_sleeps = false;
        let count = state.items.len().min(most);
        batch.extend(state.items.drain(..count));
        true
    }

    /// Lets the taker come to an end when it has taken what is there.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }

    /// How many items wait.
    pub(crate) fn len(&self) -> usize {
        self.lock().items.len()
    }

    /// No code that can panic runs under the lock, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::{Full, Queue};

    #[test]
    fn a_batch_is_what_has_gathered_in_its_order() {
        let queue = Queue::new(10);
        (0..5).for_each(|item| queue.push(item).unwrap());
        let mut batch = vec![];
        assert!(queue.take(3, &mut batch));
        assert_eq!(batch, [0, 1, 2]);
        assert!(queue.take(3, &mut batch));
        assert_eq!(batch, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_full_queue_refuses_at_once_and_takes_again_when_there_is_room() {
        let queue = Queue::new(1);
        assert_eq!(queue.push('a'), Ok(()));
        assert_eq!(queue.push('b'), Err(Full));
        assert!(queue.take(1, &mut vec![]));
        assert_eq!(queue.push('c'), Ok(()));
    }

    #[test]
    fn a_closed_queue_gives_what_it_has_and_then_ends() {
        let queue = Queue::new(2);
        queue.push('a').unwrap();
        queue.close();
        let mut batch = vec![];
        assert!(queue.take(5, &mut batch));
        assert_eq!(batch, ['a']);
        assert!(!queue.take(5, &mut batch));
    }
}

/// Every interleaving of a few threads, tried by a model checker: `make loom`.
#[cfg(loom)]
#[cfg(test)]
mod model {
    use super::Queue;
    use loom::sync::Arc;
    use loom::thread;

    #[test]
    fn nothing_is_lost_doubled_or_left_behind() {
        loom::model(|| {
            let queue = Arc::new(Queue::new(4));
            let adders: Vec<_> = [1, 2]
                .map(|item| {
                    let queue = Arc::clone(&queue);
                    thread::spawn(move || queue.push(item).unwrap())
                })
                .into();
            let mut taken = vec![];
            while taken.len() < 2 {
                assert!(queue.take(4, &mut taken));
            }
            taken.sort_unstable();
            assert_eq!(taken, [1, 2]);
            adders.into_iter().for_each(|adder| adder.join().unwrap());
        });
    }

    #[test]
    fn a_sleeping_taker_is_woken_by_the_end() {
        loom::model(|| {
            let queue = Arc::new(Queue::<u8>::new(1));
            let closer = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || queue.close())
            };
            assert!(!queue.take(1, &mut vec![]));
            closer.join().unwrap();
        });
    }

    #[test]
    fn one_adders_items_come_in_their_order() {
        loom::model(|| {
            let queue = Arc::new(Queue::new(2));
            let adder = {
                let queue = Arc::clone(&queue);
                thread::spawn(move || {
                    queue.push(1).unwrap();
                    queue.push(2).unwrap();
                    queue.close();
                })
            };
            let mut taken = vec![];
            while queue.take(1, &mut taken) {}
            assert_eq!(taken, [1, 2]);
            adder.join().unwrap();
        });
    }
}
