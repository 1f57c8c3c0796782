//! The load generator: one thread, non-blocking sockets kept alive, requests that are filled in, not built.
//!
//! It shares two cores with what it measures, so it does as little as it can: one `write` and one `read` for
//! each request, and one `epoll_wait` for many.

mod answer;
mod connection;
mod generator;
mod histogram;
mod request;

pub use self::answer::{Head, parse_head};
pub use self::generator::{Load, Pace};
pub use self::histogram::Histogram;
pub use self::request::{Operation, Target, Work};
