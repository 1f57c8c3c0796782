//! The benchmark of the users service: `users-bench full` and `users-bench quick`.
//!
//! It starts what it measures by itself: a private PostgreSQL that flushes every commit, the released binary of the
//! service with its defaults, and bare servers to compare with. Subjects run in alternation, so that a drift of the
//! machine hits all of them; what counts are the ratios within a round. `docs/performance.md` holds the last results.

mod bare;
mod cli;
mod load;
mod machine;
mod measure;
mod numbers;
mod people;
mod pgbench;
mod plan;
mod postgres;
mod progress;
mod random;
mod report;
mod server_process;
mod service;
mod sqlite;
mod subject;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use clap::Parser;

use crate::cli::{Action, Cli};
use crate::plan::Plan;

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            progress::say(format!("users-bench: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(action: Action) -> Result<()> {
    let plan = match action {
        Action::BareSqlite { db, listen } => return bare::serve_sqlite(&db, listen),
        Action::BarePostgres { url, listen } => return bare::serve_postgres(&url, listen),
        Action::BareDiesel { url, listen } => return bare::serve_diesel(&url, listen),
        Action::Full(options) => Plan::full(options)?,
        Action::Quick(options) => Plan::quick(options)?,
    };
    // An interrupt ends the servers and tools, which are in the same process group. What waits for them then fails,
    // and temporary files are removed on the way out, which would not happen if the interrupt ended this process.
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))?;
    let report = plan.carry_out()?;
    write!(std::io::stdout().lock(), "{report}")?;
    Ok(())
}
