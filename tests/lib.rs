//! Drives the real service from outside: the binary `users`, over HTTP, on SQLite and on PostgreSQL.
//!
//! - [`Service`] is a process of the binary with a database of its own; [`TestDatabase`] is that database.
//! - [`Client`] sends requests byte for byte as a test wants them, and gives back each [`Answer`] as it was.
//! - [`users`] runs one command of the binary to its end.
//! - [`Proxy`] is an nginx or an `HAProxy` in front of it.
//! - [`Collector`] takes the traces of a service.
//! - [`on_both_databases!`] makes two tests of one function.
//!
//! What is for tests fails as tests do: it panics.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support fails as tests do, by a panic"
)]

mod support;

pub use support::{
    Answer, Client, Collector, Database, Export, Lines, Outcome, Proxy, Service, TestDatabase, attribute,
    binary, until, users, users_reading, users_writing,
};
