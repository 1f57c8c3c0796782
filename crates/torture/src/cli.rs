//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Tries to break what the users service promises, on SQLite and on PostgreSQL, all on this machine.
///
/// Ends with exit code 1 where a promise is broken, and with 2 where it could not be tried.
#[derive(Debug, Parser)]
#[command(name = "users-torture", version)]
pub struct Cli {
    /// The binary of the service, of a release build.
    #[arg(long, default_value = "target/release/users")]
    pub server: PathBuf,
    /// Fewer rounds: less than 90 seconds instead of less than 15 minutes.
    #[arg(long)]
    pub quick: bool,
    /// What every random choice follows from [default: another one each time].
    #[arg(long)]
    pub seed: Option<u64>,
    /// Only these trials.
    #[arg(long, value_delimiter = ',', value_name = "TRIAL")]
    pub only: Vec<Part>,
}

/// What can be tried by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The service is killed under load.
    Crash,
    /// PostgreSQL is killed, or ended at once, under load.
    DatabaseCrash,
    /// PostgreSQL is away at the start, stopped under load, and frozen.
    Outage,
    /// More requests than the store can serve.
    Saturation,
    /// Thousands of idle connections, and of slow ones.
    Crowd,
    /// No space is left for SQLite.
    FullDisk,
    /// The service is told to stop under load.
    Shutdown,
    /// Many clients at few users, and whether what they were told can be explained.
    Linearizable,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Part};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn trials_can_be_chosen() {
        let cli =
            Cli::try_parse_from(["users-torture", "--quick", "--seed", "7", "--only", "crash,linearizable"]);
        let cli = cli.unwrap();
        assert_eq!((cli.quick, cli.seed, cli.only), (true, Some(7), vec![Part::Crash, Part::Linearizable]));
        assert!(Cli::try_parse_from(["users-torture", "--only", "nonsense"]).is_err());
    }
}
