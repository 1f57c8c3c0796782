//! The `users` binary: reads the settings, wires the adapters to the use cases, and runs one command.

mod browser_args;
mod cli;
mod commands;
mod config;
#[cfg(test)]
mod configuration_page;
mod data_args;
mod database_url;
mod dev;
mod failure;
mod finish;
mod idempotency_args;
mod idempotency_sweep;
mod interrupt;
mod listener;
mod log_writer;
mod open_files;
mod output;
mod period;
mod process;
mod rate_limit_args;
mod schema;
mod serve_args;
mod system;
mod telemetry;
mod tls_args;
mod traces;
mod transfer;
mod version;
mod wiring;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::run(cli::read())
}
