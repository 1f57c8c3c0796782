//! The little of HTTP/1.1 that it takes to ask the service, and to notice when it does not answer.

mod answer;
mod client;

pub use answer::Answer;
#[cfg(test)]
pub use client::Outcome;
pub use client::{Client, Request, Timed};
