//! Gathers concurrent requests so that one thread can serve many of them at once.
//!
//! A database serves thirty-two updates in one statement with little more work than one: the round trip, the
//! plan, the lock and above all the flush to disk are shared. [`Gather`] brings jobs together without making
//! any of them wait for that: each lane is a thread with a [bounded queue](Full); while the thread does
//! one batch, the next gathers by itself, and a thread that has nothing to do takes a single job at once. There
//! is no timer.
//!
//! Jobs with the same key go to the same lane and are taken in the order in which they were handed over.
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
//! let lengths = Gather::start("lengths", 2, 100, |_lane| {
//!     |batch: &mut Vec<Measure>| batch.drain(..).for_each(|Measure(text, answer)| answer.give(text.len()))
//! })
//! .unwrap();
//! assert_eq!(lengths.ask("key", |answer| Measure("four".to_owned(), answer)).await, Ok(4));
//! # }
//! ```

mod gather;
mod job;
mod queue;
mod usage;

pub use gather::{Gather, NotServed};
pub use job::{Answer, Job};
pub use queue::Full;
pub use usage::Usage;
