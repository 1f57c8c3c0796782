//! What many clients did to one user at the same time, and whether that can be told as a story of one thing after the other.
//!
//! That is linearizability, after Herlihy and Wing, "Linearizability: A Correctness Condition for Concurrent Objects"
//! (1990): each operation takes effect at one moment between its call and its answer.

mod checker;
mod fault;
mod model;
mod operation;

pub use checker::{Verdict, check};
pub use fault::{FIRST_UNIQUE_VALUE, Fault, plant};
pub use model::State;
pub use operation::{Call, Operation, Reply, Seen};

#[cfg(test)]
mod checker_tests;
