//! The service as a client and an operator see it: each test has a process of its own, on a database of its own.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do, by a panic"
)]

mod authorization;
mod bulk;
mod client_library;
mod commands;
mod concurrency;
mod data_commands;
mod development;
mod durability;
mod expected;
mod import_samples;
mod logs;
mod members;
mod metrics;
mod outage;
mod personal_data;
mod postgres_tls;
mod proxies;
mod refusals;
mod search;
mod self_service;
mod startup;
mod tls;
mod traces;
mod update;
mod writes;
