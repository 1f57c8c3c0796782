//! Gathers concurrent requests so that one thread can serve many of them at once.
//!
//! A database serves thirty-two updates in one statement with little more work than one: the round trip, the
//! plan, the lock and above all the flush to disk are shared. [`Gather`] brings jobs together without making
//! any of them wait for that: a few threads take from one [bounded queue](Full); while they are at work, the next jobs
//! gather by themselves, and where no thread is at work a single job is begun at once. There is no timer.
//!
//! The number of active workers is tuned at run time while there is a backlog. Where the processor is the limit, one
//! thread does all, in large batches; where each batch has to wait for a slow disk, many batches are under way. Jobs with the same key are never in the hands of two threads, and are done in the order in which they were
//! handed over.
//!
//! ```
//! use users_gather::{Answer, Gather, Job};
//!
//! struct Measure(String, Answer<usize>);
//!
//! impl Job for Measure {
//!     fn is_abandoned(&self) -> bool {
//!         self.1.is_abandoned()
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let lengths = Gather::start("lengths", 2, 100, |_thread| {
//!     |batch: &mut Vec<Measure>| batch.drain(..).for_each(|Measure(text, answer)| answer.give(text.len()))
//! })
//! .unwrap();
//! assert_eq!(lengths.ask(|answer| Measure("four".to_owned(), answer)).await, Ok(4));
//! # }
//! ```

mod gather;
mod job;
mod queue;
mod trace;
mod tuner;
mod usage;

pub use gather::{Gather, NotServed};
pub use job::{Answer, Job};
pub use queue::Full;
pub use trace::{TRACE_TARGET, statement_span};
pub use usage::Usage;
