//! Trials of the users service: each tries to break a promise of `docs/reliability.md`, and counts how often it was kept.
//!
//! The trials start what they need by themselves, the binary of the service and a PostgreSQL server of their own,
//! and look at it as a client does, and as an operator.

mod cli;
mod grounds;
mod history;
mod http;
mod load;
mod random;
mod report;
mod service;
mod trial;

use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum};

use crate::cli::{Cli, Part};
use crate::grounds::Grounds;
use crate::report::Report;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(format!("users-torture: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Carries out the trials; `true` where every promise was kept.
fn run(cli: Cli) -> Result<bool> {
    let Cli { server, quick, seed, only } = cli;
    let seed = seed.unwrap_or_else(|| u64::from(rand::random::<u32>()));
    let grounds = Grounds::new(&server, seed, quick)?;
    let parts = if only.is_empty() { Part::value_variants() } else { &only };
    let begun = Instant::now();
    let mut report = Report::default();
    for part in parts {
        say(format!("{part:?}, seed {seed}"));
        for row in trial::carry_out(*part, &grounds)? {
            say(format!("  {row}"));
            report.rows.push(row);
        }
    }
    let form = if quick { "the quick form" } else { "the full form" };
    writeln!(
        std::io::stdout().lock(),
        "Seed {seed}, {form}, {} s. To repeat it: --seed {seed}\n\n{report}",
        begun.elapsed().as_secs()
    )?;
    Ok(report.is_good())
}

/// Tells the person at the terminal how far it is; a closed terminal is no reason to stop.
fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
}
