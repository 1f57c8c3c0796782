use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::{io, thread};

use crate::queue::Queue;
use crate::{Full, Waiting};

/// Lanes of threads that serve gathered requests.
///
/// When it is dropped, each thread serves what still waits in its lane and ends.
pub struct Gather<Q, A> {
    lanes: Vec<Arc<Queue<Waiting<Q, A>>>>,
}

/// Why a request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotServed {
    /// Too much waits already; the request was not taken.
    #[error(transparent)]
    Full(#[from] Full),
    /// The request was taken, but the thread let it go without an answer: it panicked.
    #[error("the request was let go without an answer")]
    LetGo,
}

impl<Q: Send + 'static, A: Send + 'static> Gather<Q, A> {
    /// The most requests that are served at once.
    pub const MAX_BATCH: usize = 128;

    /// Starts `lanes` threads, each with a queue of `capacity` and the worker that `make_worker` makes for it.
    ///
    /// A worker is given each batch, from which nobody has gone yet, and answers what is in it. A worker that
    /// panics loses its batch, not its thread.
    pub fn start<W>(
        name: &str,
        lanes: usize,
        capacity: usize,
        mut make_worker: impl FnMut(usize) -> W,
    ) -> io::Result<Self>
    where
        W: FnMut(&mut Vec<Waiting<Q, A>>) + Send + 'static,
    {
        // Made first, so that the lanes that have come up end again when one cannot.
        let mut gather = Self {
            lanes: Vec::with_capacity(lanes.max(1)),
        };
        for lane in 0..lanes.max(1) {
            let queue = Arc::new(Queue::new(capacity));
            let worker = make_worker(lane);
            let taker = Arc::clone(&queue);
            thread::Builder::new()
                .name(format!("{name}-{lane}"))
                .spawn(move || run(&taker, worker))?;
            gather.lanes.push(queue);
        }
        Ok(gather)
    }

    /// Hands a request over and waits for its answer.
    ///
    /// The request stands in its lane from the first poll on. Once it is being served it is served to the end,
    /// also when the future is dropped.
    pub async fn ask(&self, key: impl Hash, request: Q) -> Result<A, NotServed> {
        let (waiting, answer) = Waiting::new(request);
        self.lane(key).ok_or(NotServed::LetGo)?.push(waiting)?;
        answer.await.map_err(|_| NotServed::LetGo)
    }

    /// How many requests wait to be served.
    pub fn depth(&self) -> usize {
        self.lanes.iter().map(|lane| lane.len()).sum()
    }

    fn lane(&self, key: impl Hash) -> Option<&Arc<Queue<Waiting<Q, A>>>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        let count = u64::try_from(self.lanes.len()).ok()?;
        let index = usize::try_from(hash.checked_rem(count)?).ok()?;
        self.lanes.get(index)
    }
}

impl<Q, A> Drop for Gather<Q, A> {
    fn drop(&mut self) {
        self.lanes.iter().for_each(|lane| lane.close());
    }
}

fn run<Q: Send + 'static, A: Send + 'static>(
    queue: &Queue<Waiting<Q, A>>,
    mut worker: impl FnMut(&mut Vec<Waiting<Q, A>>),
) {
    let mut batch = Vec::new();
    while queue.take(Gather::<Q, A>::MAX_BATCH, &mut batch) {
        batch.retain(|waiting| !waiting.is_abandoned());
        if batch.is_empty() {
            continue;
        }
        if catch_unwind(AssertUnwindSafe(|| worker(&mut batch))).is_err() {
            tracing::error!("a worker panicked; its batch is let go without an answer");
        }
        batch.clear();
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use super::{Gather, NotServed};
    use crate::{Full, Waiting};

    type Batch = Vec<Waiting<u32, u32>>;

    type Notes = Arc<Mutex<Vec<Vec<u32>>>>;

    /// One lane that notes its batches, and holds each until the gate lets it through.
    fn gated(capacity: usize) -> (Gather<u32, u32>, mpsc::Sender<()>, Notes) {
        let (gate, opened) = mpsc::channel();
        let seen = Notes::default();
        let notes = Arc::clone(&seen);
        let mut opened = Some(opened);
        let gather = Gather::start("test", 1, capacity, move |_| {
            let (opened, notes) = (opened.take().unwrap(), Arc::clone(&notes));
            move |batch: &mut Batch| {
                notes
                    .lock()
                    .unwrap()
                    .push(batch.iter().map(|waiting| *waiting.request()).collect());
                opened.recv().unwrap();
                for waiting in batch.drain(..) {
                    let (request, answer) = waiting.into_parts();
                    answer.give(request * 10);
                }
            }
        });
        (gather.unwrap(), gate, seen)
    }

    async fn until(condition: impl Fn() -> bool) {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_single_request_goes_out_alone_and_the_next_gather_meanwhile() {
        let (gather, gate, seen) = gated(10);
        let gather = Arc::new(gather);
        let ask = |request| {
            let gather = Arc::clone(&gather);
            tokio::spawn(async move { gather.ask(0, request).await })
        };
        let first = ask(1);
        until(|| seen.lock().unwrap().len() == 1).await;
        let others = [ask(2), ask(3)];
        until(|| gather.depth() == 2).await;
        gate.send(()).unwrap();
        gate.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Ok(10));
        for (other, answer) in others.into_iter().zip([20, 30]) {
            assert_eq!(other.await.unwrap(), Ok(answer));
        }
        assert_eq!(*seen.lock().unwrap(), [vec![1], vec![2, 3]]);
    }

    #[tokio::test]
    async fn a_full_lane_refuses_at_once() {
        let (gather, gate, seen) = gated(1);
        let gather = Arc::new(gather);
        let mut asked = vec![];
        for request in [1, 2] {
            let handle = Arc::clone(&gather);
            asked.push(tokio::spawn(async move { handle.ask(0, request).await }));
            until(|| seen.lock().unwrap().len() == 1 && gather.depth() == asked.len() - 1).await;
        }
        assert_eq!(gather.ask(0, 3).await, Err(NotServed::Full(Full)));
        gate.send(()).unwrap();
        gate.send(()).unwrap();
        for (asked, answer) in asked.into_iter().zip([10, 20]) {
            assert_eq!(asked.await.unwrap(), Ok(answer));
        }
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_served() {
        let (gather, gate, seen) = gated(10);
        let gather = Arc::new(gather);
        let ask = |request| {
            let gather = Arc::clone(&gather);
            tokio::spawn(async move { gather.ask(0, request).await })
        };
        let first = ask(1);
        until(|| seen.lock().unwrap().len() == 1).await;
        let gone = ask(2);
        until(|| gather.depth() == 1).await;
        gone.abort();
        assert!(gone.await.unwrap_err().is_cancelled());
        let last = ask(3);
        until(|| gather.depth() == 2).await;
        gate.send(()).unwrap();
        gate.send(()).unwrap();
        assert_eq!((first.await.unwrap(), last.await.unwrap()), (Ok(10), Ok(30)));
        assert_eq!(*seen.lock().unwrap(), [vec![1], vec![3]]);
    }

    #[tokio::test]
    async fn a_panic_loses_its_batch_and_no_more() {
        let gather = Gather::start("test", 1, 10, |_| {
            |batch: &mut Batch| {
                for waiting in batch.drain(..) {
                    let (request, answer) = waiting.into_parts();
                    assert_ne!(request, 13, "planted");
                    answer.give(request);
                }
            }
        })
        .unwrap();
        assert_eq!(gather.ask(0, 13).await, Err(NotServed::LetGo));
        assert_eq!(gather.ask(0, 14).await, Ok(14));
    }

    #[tokio::test]
    async fn one_key_has_one_lane() {
        let gather = Gather::start("test", 8, 10, |lane| {
            move |batch: &mut Vec<Waiting<(), usize>>| {
                batch
                    .drain(..)
                    .for_each(|waiting| waiting.into_parts().1.give(lane));
            }
        })
        .unwrap();
        let mut lanes = std::collections::HashSet::new();
        for key in 0..100 {
            let lane = gather.ask(key, ()).await.unwrap();
            assert_eq!(gather.ask(key, ()).await, Ok(lane));
            lanes.insert(lane);
        }
        assert_eq!(lanes.len(), 8);
    }
}
