//! Test support for every crate of the workspace; never part of the service.
//!
//! - Builders: [`minimal_user`], [`full_user`], [`full_profile`], [`update_to`], [`update_member`] and friends.
//! - Stand-ins for what comes from outside: [`FixedClock`], [`SequentialIds`], [`MemoryStore`],
//!   [`StuckStore`].
//! - With the feature `postgres`, `PrivatePostgres`: a PostgreSQL server of the test's own. With `tls`, `TestAuthority`, whose
//!   certificates servers show.
//! - The [`contract`] suite, which holds any store against the sentences of `users-ports` that say MUST.
//!
//! What is for tests fails as tests do: it panics.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "test support fails as tests do, by a panic"
)]

#[cfg(feature = "tls")]
mod authority;
mod builders;
pub mod contract;
mod fixed_clock;
mod memory_store;
#[cfg(feature = "postgres")]
mod pgbouncer;
#[cfg(feature = "postgres")]
mod postgres;
mod sequential_ids;
mod stuck_store;
mod update_builders;
mod user_store;

#[cfg(feature = "tls")]
pub use authority::{ServerIdentity, TestAuthority};
pub use builders::{
    full_profile, full_user, minimal_user, named_user, noon, odd_profile, other_profile, token_record,
    user_id, username,
};
pub use fixed_clock::FixedClock;
pub use memory_store::MemoryStore;
#[cfg(feature = "postgres")]
pub use pgbouncer::PrivatePgBouncer;
#[cfg(feature = "postgres")]
pub use postgres::{PrivatePostgres, PrivatePostgresBuilder};
pub use sequential_ids::SequentialIds;
pub use stuck_store::StuckStore;
pub use update_builders::{MEMBERS, bio_update, update_member, update_to, username_update};
pub use user_store::{UserStore, stamp};
