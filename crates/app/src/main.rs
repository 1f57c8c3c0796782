//! The `users` binary: reads the settings, wires the adapters to the use cases, and runs one command.

mod cli;
mod commands;
mod config;
#[cfg(test)]
mod configuration_page;
mod database_url;
mod dev;
mod failure;
mod listener;
mod log_writer;
mod output;
mod period;
mod process;
mod schema;
mod system;
mod telemetry;
mod wiring;

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match commands::run(cli::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Where standard error is closed there is nobody left to tell.
            let _ = writeln!(std::io::stderr(), "users: {failure}");
            ExitCode::FAILURE
        }
    }
}
