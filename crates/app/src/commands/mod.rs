//! One command a file.

mod data;
mod export;
mod import;
mod migrate;
mod openapi;
mod serve;
mod token;
mod user;

use std::process::ExitCode;

use tracing::warn;
use users_ports::Clock as _;

use crate::cli::{self, Cli, Command};
use crate::failure::Failure;
use crate::finish::Finish;
use crate::system::{SystemClock, check_clock};
use crate::{output, telemetry};

/// Runs the command that was asked for, and tells why where it fails.
pub fn run(cli: Cli) -> ExitCode {
    let failed = match cli.command {
        Command::Import(_) | Command::Export(_) | Command::User(_) => ExitCode::from(Failure::DATA_COMMAND),
        Command::Serve(_) | Command::Migrate(_) | Command::Token(_) | Command::Openapi => ExitCode::FAILURE,
    };
    match execute(cli) {
        Ok(finish) => finish.into(),
        Err(failure) => {
            output::note(&format!("users: {failure}"));
            failed
        }
    }
}

fn warn_of_misspelt() {
    let misspelt = cli::misspelt(std::env::vars_os().map(|(name, _)| name));
    if !misspelt.is_empty() {
        warn!(variables = misspelt.join(", "), "variables that are no settings: see `users help serve`");
    }
}

fn execute(cli: Cli) -> Result<Finish, Failure> {
    // Held until the command is over: the last lines of the log are written when it is dropped, and the last traces sent.
    let traces = match &cli.command {
        Command::Serve(args) => Some(&args.traces),
        _ => None,
    };
    let telemetry = telemetry::start(&cli.log, traces)?;
    warn_of_misspelt();
    check_clock(SystemClock.now())?;
    let done = match cli.command {
        Command::Import(args) => return import::run(&args),
        Command::Export(args) => return export::run(&args),
        Command::User(args) => return user::run(&args.command),
        Command::Migrate(args) => return migrate::run(&args),
        Command::Serve(args) => serve::run(&args, telemetry.traces.as_ref()),
        Command::Token(args) => token::run(&args.command),
        Command::Openapi => openapi::run(),
    };
    done.map(|()| Finish::Done)
}
