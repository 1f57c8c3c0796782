use std::convert::Infallible;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use std::{io, iter};

use crate::queue::{Hands, Load, Queue};
use crate::trace::{self, Wait};
use crate::usage::Counts;
use crate::{Answer, Full, Job, Usage};

/// A few threads that do gathered jobs.
///
/// When it is dropped, they do what still waits and end. The drop waits for that, though no longer than a quarter of a second,
/// so that what they work with, a connection to a database say, is let go before the process ends. Threads that others have
/// started for it, as a pool of connections does, are not waited for.
pub struct Gather<J> {
    shared: Arc<Shared<J>>,
    threads: Vec<JoinHandle<()>>,
    /// Nothing comes this way. It breaks off when the last thread has ended.
    ended: Mutex<mpsc::Receiver<Infallible>>,
}

/// What the threads share with those who ask.
struct Shared<J> {
    name: &'static str,
    queue: Queue<Handed<J>>,
    counts: Counts,
}

/// A job that was handed over.
struct Handed<J> {
    job: J,
    /// Its wait, where it is one of a request that is traced.
    wait: Option<Box<Wait>>,
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

/// The longest that a drop waits for the threads to end.
const FAREWELL: Duration = Duration::from_millis(250);

impl<J: Job> Gather<J> {
    /// The most jobs that are done at once.
    pub const MAX_BATCH: usize = 128;

    /// Starts threads with a queue of `capacity`, each with the worker that `make_worker` makes for it.
    ///
    /// How many of them are at work depends on how much waits, and on what was found to get the most done.
    ///
    /// A worker is given each batch, in the order in which it came, and answers what is in it. A worker that
    /// panics loses its batch, not its thread.
    pub fn start<W>(
        name: &'static str,
        threads: usize,
        capacity: usize,
        mut make_worker: impl FnMut(usize) -> W,
    ) -> io::Result<Self>
    where
        W: FnMut(&mut Vec<J>) + Send + 'static,
    {
        let threads = threads.max(1);
        let (alive, ended) = mpsc::channel();
        let shared = Arc::new(Shared {
            name,
            queue: Queue::new(capacity, threads, Self::MAX_BATCH),
            counts: Counts::default(),
        });
        // Made first, so that the threads that have come up end again when one cannot.
        let mut gather = Self { shared, threads: Vec::with_capacity(threads), ended: Mutex::new(ended) };
        for (number, alive) in iter::repeat_n(alive, threads).enumerate() {
            let (shared, worker) = (Arc::clone(&gather.shared), make_worker(number));
            let thread = thread::Builder::new().name(format!("{name}-{number}"));
            gather.threads.push(thread.spawn(move || {
                run(&shared, number, worker);
                drop(alive);
            })?);
        }
        Ok(gather)
    }

    /// Hands over the job that `make_job` makes around the way back, and waits for the answer.
    ///
    /// The job stands in the queue from the first poll on. Once begun it is done to its end, also when the
    /// future is dropped.
    pub async fn ask<A>(&self, make_job: impl FnOnce(Answer<A>) -> J) -> Result<A, NotServed> {
        self.hand_over(None, make_job).await
    }

    /// The same for a job that must not be done before, or at the same time as, one with the same key that was handed
    /// over earlier.
    pub async fn ask_in_order<A>(
        &self,
        key: impl Hash,
        make_job: impl FnOnce(Answer<A>) -> J,
    ) -> Result<A, NotServed> {
        let key = BuildHasherDefault::<DefaultHasher>::default().hash_one(key);
        self.hand_over(Some(key), make_job).await
    }

    async fn hand_over<A>(
        &self,
        key: Option<u64>,
        make_job: impl FnOnce(Answer<A>) -> J,
    ) -> Result<A, NotServed> {
        let (answer, answered) = Answer::channel();
        let handed = Handed { job: make_job(answer), wait: Wait::begin(self.shared.name) };
        let pushed = self.shared.queue.push(key, handed);
        pushed.inspect_err(|Full| self.shared.counts.refused())?;
        answered.await.map_err(|_| NotServed::LetGo)
    }

    /// How many jobs wait to be begun.
    pub fn depth(&self) -> usize {
        self.shared.queue.load().waiting
    }

    /// What has to be done now, and what was done since the start.
    pub fn usage(&self) -> Usage {
        let Load { waiting, busy, takers } = self.shared.queue.load();
        let mut usage = Usage { waiting, busy, threads: takers, ..Usage::default() };
        self.shared.counts.add_to(&mut usage);
        usage
    }
}

impl<J> Drop for Gather<J> {
    fn drop(&mut self) {
        self.shared.queue.close();
        // An error is all that can come: that they have come to their end, or that the time is over.
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(FAREWELL) == Err(RecvTimeoutError::Disconnected) {
            for thread in self.threads.drain(..) {
                // A panic of a worker is caught, and told of, where it happens.
                let _ = thread.join();
            }
        }
    }
}

fn run<J: Job>(shared: &Shared<J>, taker: usize, mut worker: impl FnMut(&mut Vec<J>)) {
    let (mut hands, mut batch) = (Hands::of(taker), Vec::new());
    while shared.queue.take(&mut hands) {
        let handed_over = &mut hands.batch;
        handed_over.retain(|handed| !handed.job.is_abandoned());
        if handed_over.is_empty() {
            continue;
        }
        shared.counts.begun(handed_over.len());
        let (size, waits) =
            (handed_over.len(), handed_over.iter_mut().filter_map(|handed| handed.wait.take()));
        let span = trace::batch(shared.name, size, waits);
        batch.extend(handed_over.drain(..).map(|handed| handed.job));
        if span.in_scope(|| catch_unwind(AssertUnwindSafe(|| worker(&mut batch)))).is_err() {
            tracing::error!("a worker panicked; its batch is let go without an answer");
        }
        batch.clear();
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::{Arc, Mutex, mpsc};
    use std::time::{Duration, Instant};

    use futures_util::future::{join_all, select};

    use super::{Gather, NotServed};
    use crate::tuner::Tuner;
    use crate::{Answer, Full, Job, Usage};

    struct Question(u32, Answer<u32>);

    impl Job for Question {
        fn is_abandoned(&self) -> bool {
            self.1.is_abandoned()
        }
    }

    impl Gather<Question> {
        async fn question(&self, number: u32) -> Result<u32, NotServed> {
            self.ask(|answer| Question(number, answer)).await
        }
    }

    type Notes = Arc<Mutex<Vec<Vec<u32>>>>;

    /// One thread that notes its batches, and holds each until the gate lets it through.
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
        until(|| gather.usage().busy == 0).await;
        let counted = Usage { threads: 1, jobs: 3, batches: [1, 1, 0, 0, 0, 0, 0, 0], ..Usage::default() };
        assert_eq!(gather.usage(), counted);
    }

    #[test]
    fn the_largest_batch_is_counted_by_its_size() {
        assert_eq!(Usage::BATCH_SIZES.last(), Some(&Gather::<Question>::MAX_BATCH));
    }

    #[test]
    fn the_most_that_must_wait_for_another_thread_is_a_whole_batch() {
        assert_eq!(Tuner::LADDER.last(), Some(&Gather::<Question>::MAX_BATCH));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_at_once() {
        let (gather, gate, seen) = gated(1);
        let gather = Arc::new(gather);
        let mut asked = vec![];
        for number in [1, 2] {
            let handle = Arc::clone(&gather);
            asked.push(tokio::spawn(async move { handle.question(number).await }));
            until(|| seen.lock().unwrap().len() == 1 && gather.depth() == asked.len() - 1).await;
        }
        assert_eq!(gather.question(3).await, Err(NotServed::Full(Full)));
        let usage = gather.usage();
        assert_eq!((usage.waiting, usage.refused, usage.busy, usage.threads), (1, 1, 1, 1));
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

    /// Tells by the flag that it was let go, which takes it a while.
    struct LetGo(Arc<AtomicBool>);

    impl Drop for LetGo {
        fn drop(&mut self) {
            std::thread::sleep(Duration::from_millis(50));
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_drop_waits_until_the_threads_have_let_go_what_they_work_with() {
        let flags = [(); 3].map(|()| Arc::new(AtomicBool::new(false)));
        let gather = Gather::start("test", flags.len(), 10, |thread| {
            let held = LetGo(Arc::clone(&flags[thread]));
            move |batch: &mut Vec<Question>| {
                let _ = &held;
                batch.clear();
            }
        });
        drop(gather.unwrap());
        assert!(flags.iter().all(|flag| flag.load(Ordering::Relaxed)));
    }

    #[tokio::test]
    async fn a_drop_does_not_wait_for_a_thread_that_hangs() {
        let (gather, gate, seen) = gated(10);
        let begun = until(|| seen.lock().unwrap().len() == 1);
        select(Box::pin(gather.question(1)), Box::pin(begun)).await;
        // It hangs until the gate lets it through, which is after the drop.
        let dropped = Instant::now();
        drop(gather);
        assert!(dropped.elapsed() < Duration::from_secs(10));
        gate.send(()).unwrap();
    }

    #[tokio::test]
    async fn jobs_of_one_key_are_done_one_after_the_other_in_their_order() {
        let done = Arc::new(Mutex::new(vec![vec![]; 3]));
        let notes = Arc::clone(&done);
        let gather = Gather::start("test", 8, 1000, |_| {
            let notes = Arc::clone(&notes);
            move |batch: &mut Vec<Question>| {
                for Question(number, answer) in batch.drain(..) {
                    let (key, turn) = (number % 3, number / 3);
                    // Whoever overtook would come in here.
                    std::thread::sleep(Duration::from_micros(u64::from(100 - turn)));
                    notes.lock().unwrap()[key as usize].push(turn);
                    answer.give(number);
                }
            }
        });
        let gather = gather.unwrap();
        let all =
            (0..300).map(|number| gather.ask_in_order(number % 3, move |answer| Question(number, answer)));
        let all: Vec<_> = all.map(Box::pin).collect();
        for (number, answer) in (0..).zip(join_all(all).await) {
            assert_eq!(answer, Ok(number));
        }
        let in_order: Vec<_> = (0..100).collect();
        assert_eq!(*done.lock().unwrap(), [in_order.clone(), in_order.clone(), in_order]);
    }
}
