//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Measures the users service against the databases that it runs on, all on this machine.
#[derive(Debug, Parser)]
#[command(name = "users-bench", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Action,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Measure everything; takes about twenty minutes.
    Full(Options),
    /// Measure updates and reads with 100,000 users; takes less than two minutes.
    Quick(Options),
    /// Serve updates from a file of SQLite, one transaction each: a subject to compare with.
    #[command(hide = true)]
    BareSqlite {
        /// The file.
        #[arg(long)]
        db: PathBuf,
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
    },
    /// Serve updates from PostgreSQL by an async client, one statement each: a subject to compare with.
    #[command(hide = true)]
    BarePostgres {
        /// The URL of the database.
        #[arg(long)]
        url: String,
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
    },
    /// Serve updates from PostgreSQL by diesel, one statement each: a subject to compare with.
    #[command(hide = true)]
    BareDiesel {
        /// The URL of the database.
        #[arg(long)]
        url: String,
        /// Where to listen.
        #[arg(long)]
        listen: SocketAddr,
    },
}

/// How to measure.
#[derive(Clone, Debug, Args)]
pub struct Options {
    /// The binary of the service, of a release build.
    #[arg(long, default_value = "target/release/users")]
    pub server: PathBuf,
    /// How often each subject runs; the medians are reported.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=99))]
    pub rounds: u8,
    /// Seconds of each run; 10 for `full` and 3 for `quick` where nothing is said.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub seconds: Option<u64>,
    /// Measure only these.
    #[arg(long, value_delimiter = ',', value_name = "SUBJECT")]
    pub only: Vec<Part>,
    /// Report even if other processes use the machine, with a warning.
    #[arg(long)]
    pub force: bool,
}

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Updates on PostgreSQL, against pgbench.
    Put,
    /// Reads on PostgreSQL, against pgbench.
    Get,
    /// Updates on PostgreSQL on a slow disk, against pgbench.
    SlowDisk,
    /// Updates by one connection, against a bare handler.
    OneConnection,
    /// Updates of one user by all connections, against updates of random users.
    OneUser,
    /// Updates of `last_seen` alone, against updates of three members.
    Presence,
    /// The share of updates on PostgreSQL that touch no index.
    Hot,
    /// Memory, idle and under load.
    Memory,
    /// Updates on SQLite, against a bare handler.
    Sqlite,
    /// Updates and reads on PostgreSQL with 1,000,000 users, against pgbench.
    Million,
    /// Updates and reads on PostgreSQL with 10,000 users and ten times as many, up to 10,000,000; takes long and
    /// 20 GB of disk or more, and is measured only where it is named.
    Growth,
    /// From the start of the process to the first 200, on SQLite.
    Start,
    /// The list, deep inside and at its beginning.
    List,
}

impl Part {
    /// What `quick` measures.
    pub const QUICK: [Self; 3] = [Self::Put, Self::Get, Self::Sqlite];

    /// What `full` measures.
    pub fn full() -> Vec<Self> {
        Self::value_variants().iter().copied().filter(|part| *part != Self::Growth).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Action, Cli, Part};

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn several_parts_can_be_chosen() {
        let cli =
            Cli::try_parse_from(["users-bench", "full", "--only", "put,slow-disk", "--rounds", "5"]).unwrap();
        let Action::Full(options) = cli.command else { panic!("not full") };
        assert_eq!((options.only, options.rounds), (vec![Part::Put, Part::SlowDisk], 5));
        assert!(Cli::try_parse_from(["users-bench", "full", "--only", "nonsense"]).is_err());
        assert!(Cli::try_parse_from(["users-bench", "full", "--rounds", "0"]).is_err());
    }
}
