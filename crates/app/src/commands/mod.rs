//! One command a file.

mod migrate;
mod openapi;
mod serve;
mod token;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::telemetry;

/// Runs the command that was asked for.
pub fn run(cli: Cli) -> Result<(), Failure> {
    // Held until the command is over: the last lines of the log are written when it is dropped.
    let _log = telemetry::start(&cli.log)?;
    match cli.command {
        Command::Serve(args) => serve::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Token(args) => token::run(&args.command),
        Command::Openapi => openapi::run(),
    }
}
