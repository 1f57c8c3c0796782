//! The service on the wire: a real server on a socket over a store in memory, with literal answers.
//!
//! Modules mirror the paths.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by a panic")]

mod any_path;
mod authorization;
mod authorization_matrix;
mod connections;
mod cors;
mod docs;
mod documents;
mod dry_run;
mod health;
mod hostile_input;
mod idempotency;
mod metrics;
mod public_url;
mod rate_limits;
mod refusals_below_requests;
mod robustness;
mod self_service;
mod shutdown;
mod stamps;
mod support;
mod tls;
mod user_ids;
mod users_bulk;
mod users_count_get;
mod users_get;
mod users_id_delete;
mod users_id_get;
mod users_id_patch;
mod users_id_put;
mod users_post;
mod users_search_get;
