//! What the client sends, and what it makes of answers, good and bad.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]

mod answers;
mod calls;
mod pages;
mod retries;
mod support;
