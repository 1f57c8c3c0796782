use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::{io, thread};

use crate::queue::Queue;
use crate::usage::Counts;
use crate::{Answer, Full, Job, Usage};

/// Lanes of threads that do gathered jobs.
///
/// When it is dropped, each thread does what still waits in its lane and ends.
pub struct Gather<J> {
    lanes: Vec<Arc<Lane<J>>>,
}

/// What a lane's thread shares with those who ask.
struct Lane<J> {
    queue: Queue<J>,
    counts: Counts,
}

/// Why a job has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotServed {
    /// Too much waits already; the job was not taken.
    #[error(transparent)]
    Full(#[from] Full),
    /// The job was taken, but let go without an answer: its thread panicked over it.
    #[error("the job was let go without an answer")]
    LetGo,
}

impl<J: Job> Gather<J> {
    /// The most jobs that are done at once.
    pub const MAX_BATCH: usize = 128;

    /// Starts `lanes` threads, each with a queue of `capacity` and the worker that `make_worker` makes for it.
    ///
    /// A worker is given each batch, in the order in which it came, and answers what is in it. A worker that
    /// panics loses its batch, not its thread.
    pub fn start<W>(
        name: &str,
        lanes: usize,
        capacity: usize,
        mut make_worker: impl FnMut(usize) -> W,
    ) -> io::Result<Self>
    where
        W: FnMut(&mut Vec<J>) + Send + 'static,
    {
        // Made first, so that the lanes that have come up end again when one cannot.
        let mut gather = Self { lanes: Vec::with_capacity(lanes.max(1)) };
        for lane in 0..lanes.max(1) {
            let shared = Arc::new(Lane { queue: Queue::new(capacity), counts: Counts::default() });
            let worker = make_worker(lane);
            let taker = Arc::clone(&shared);
            thread::Builder::new().name(format!("{name}-{lane}")).spawn(move || run(&taker, worker))?;
            gather.lanes.push(shared);
        }
        Ok(gather)
    }

    /// Hands over the job that `make_job` makes around the way back, and waits for the answer.
    ///
    /// The job stands in its lane from the first poll on. Once begun it is done to its end, also when the
    /// future is dropped.
    pub async fn ask<A>(
        &self,
        key: impl Hash,
        make_job: impl FnOnce(Answer<A>) -> J,
    ) -> Result<A, NotServed> {
        let (answer, answered) = Answer::channel();
        let lane = self.lane(key).ok_or(NotServed::LetGo)?;
        lane.queue.push(make_job(answer)).inspect_err(|Full| lane.counts.refused())?;
        answered.await.map_err(|_| NotServed::LetGo)
    }

    /// How many jobs wait to be begun.
    pub fn depth(&self) -> usize {
        self.lanes.iter().map(|lane| lane.queue.len()).sum()
    }

    /// What has to be done now, and what was done since the start.
    pub fn usage(&self) -> Usage {
        let mut usage = Usage { waiting: self.depth(), ..Usage::default() };
        self.lanes.iter().for_each(|lane| lane.counts.add_to(&mut usage));
        usage
    }

    fn lane(&self, key: impl Hash) -> Option<&Arc<Lane<J>>> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        let count = u64::try_from(self.lanes.len()).ok()?;
        let index = usize::try_from(hash.checked_rem(count)?).ok()?;
        self.lanes.get(index)
    }
}

impl<J> Drop for Gather<J> {
    fn drop(&mut self) {
        self.lanes.iter().for_each(|lane| lane.queue.close());
    }
}

fn run<J: Job>(lane: &Lane<J>, mut worker: impl FnMut(&mut Vec<J>)) {
    let mut batch = Vec::new();
    while lane.queue.take(Gather::<J>::MAX_BATCH, &mut batch) {
        batch.retain(|job| !job.is_abandoned());
        if batch.is_empty() {
            continue;
        }
        lane.counts.begun(batch.len());
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
    use crate::{Answer, Full, Job, Usage};

    struct Question(u32, Answer<u32>);

    impl Job for Question {
        fn is_abandoned(&self) -> bool {
            self.1.is_abandoned()
        }
    }

    impl Gather<Question> {
        async fn question(&self, number: u32) -> Result<u32, NotServed> {
            self.ask(0, |answer| Question(number, answer)).await
        }
    }

    type Notes = Arc<Mutex<Vec<Vec<u32>>>>;

    /// One lane that notes its batches, and holds each until the gate lets it through.
    fn gated(capacity: usize) -> (Gather<Question>, mpsc::Sender<()>, Notes) {
        let (gate, opened) = mpsc::channel();
        let seen = Notes::default();
        let notes = Arc::clone(&seen);
        let mut opened = Some(opened);
        let gather = Gather::start("test", 1, capacity, move |_| {
            let (opened, notes) = (opened.take().unwrap(), Arc::clone(&notes));
            move |batch: &mut Vec<Question>| {
                notes.lock().unwrap().push(batch.iter().map(|Question(number, _)| *number).collect());
                opened.recv().unwrap();
                batch.drain(..).for_each(|Question(number, answer)| answer.give(number * 10));
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
        let ask = |number| {
            let gather = Arc::clone(&gather);
            tokio::spawn(async move { gather.question(number).await })
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
        let counted = Usage { jobs: 3, batches: [1, 1, 0, 0, 0, 0, 0, 0], ..Usage::default() };
        assert_eq!(gather.usage(), counted);
    }

    #[test]
    fn the_largest_batch_is_counted_by_its_size() {
        assert_eq!(Usage::BATCH_SIZES.last(), Some(&Gather::<Question>::MAX_BATCH));
    }

    #[tokio::test]
    async fn a_full_lane_refuses_at_once() {
        let (gather, gate, seen) = gated(1);
        let gather = Arc::new(gather);
        let mut asked = vec![];
        for number in [1, 2] {
            let handle = Arc::clone(&gather);
            asked.push(tokio::spawn(async move { handle.question(number).await }));
            until(|| seen.lock().unwrap().len() == 1 && gather.depth() == asked.len() - 1).await;
        }
        assert_eq!(gather.question(3).await, Err(NotServed::Full(Full)));
        assert_eq!((gather.usage().waiting, gather.usage().refused), (1, 1));
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
        let ask = |number| {
            let gather = Arc::clone(&gather);
            tokio::spawn(async move { gather.question(number).await })
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
            |batch: &mut Vec<Question>| {
                for Question(number, answer) in batch.drain(..) {
                    assert_ne!(number, 13, "planted");
                    answer.give(number);
                }
            }
        })
        .unwrap();
        assert_eq!(gather.question(13).await, Err(NotServed::LetGo));
        assert_eq!(gather.question(14).await, Ok(14));
    }

    #[tokio::test]
    async fn one_key_has_one_lane() {
        let gather = Gather::start("test", 8, 10, |lane| {
            move |batch: &mut Vec<Question>| {
                batch.drain(..).for_each(|Question(_, answer)| answer.give(u32::try_from(lane).unwrap()));
            }
        })
        .unwrap();
        let mut lanes = std::collections::HashSet::new();
        for key in 0..100 {
            let lane = gather.ask(key, |answer| Question(0, answer)).await.unwrap();
            assert_eq!(gather.ask(key, |answer| Question(0, answer)).await, Ok(lane));
            lanes.insert(lane);
        }
        assert_eq!(lanes.len(), 8);
    }
}
