//! Gathers concurrent requests so that one thread can serve many of them at once.
//!
//! A database serves thirty-two updates in one statement with little more work than one: the round trip, the
//! plan, the lock and above all the flush to disk are shared. [`Gather`] brings requests together without
//! making any of them wait for that: each lane is a thread with a [bounded queue](Full); while the thread
//! serves one batch, the next gathers by itself, and a thread that has nothing to do takes a single request
//! at once. There is no timer.
//!
//! Requests with the same key go to the same lane and are taken in the order in which they were handed over.
//!
//! ```
//! use users_gather::{Gather, Waiting};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let lengths = Gather::start("lengths", 2, 100, |_lane| {
//!     |batch: &mut Vec<Waiting<String, usize>>| {
//!         for waiting in batch.drain(..) {
//!             let (text, answer) = waiting.into_parts();
//!             answer.give(text.len());
//!         }
//!     }
//! })
//! .unwrap();
//! assert_eq!(lengths.ask("key", "four".to_owned()).await, Ok(4));
//! # }
//! ```

mod gather;
mod queue;
mod waiting;

pub use gather::{Gather, NotServed};
pub use queue::Full;
pub use waiting::{Answer, Waiting};
