//! What the targets in `targets/` share: a service to send requests to, and the parsers that no crate shows.

pub mod settings;
pub mod transfer;

mod service;
#[path = "../../crates/adapters/http/tests/wire/support.rs"]
#[expect(dead_code, reason = "shared with the tests of the wire, which use all of it")]
mod support;

pub use service::{Service, token};

/// The present instant, of every run the same.
pub fn now() -> chrono::DateTime<chrono::Utc> {
    "2026-11-01T12:00:00Z".parse().expect("an instant")
}
