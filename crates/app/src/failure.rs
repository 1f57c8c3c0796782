use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use users_ports::{MigrateError, RepositoryError};
use users_use_cases::WriteUserError;

/// Why a command failed: one sentence for whoever typed it, with no secret in it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Settings that cannot be used, each with what is accepted.
    #[error("{0}")]
    Settings(String),
    /// The database cannot be opened.
    #[error("cannot open the database of DATABASE_URL (--database-url): {0}")]
    Open(String),
    /// An address to serve on cannot be had.
    #[error("cannot listen on {address}: {source}; another address is set by {setting}")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// The setting that it came from.
        setting: &'static str,
        /// Why it cannot be had.
        source: io::Error,
    },
    /// The schema cannot be brought to the one that this version needs.
    #[error(transparent)]
    Migrate(#[from] MigrateError),
    /// The database's schema is older than what the command works on.
    #[error("the database's schema is behind this version of the service: run `users migrate` first")]
    SchemaBehind,
    /// The database did not do what it was asked.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// The sample user of the development mode was not made.
    #[error("cannot make the sample user: {0}")]
    SampleUser(#[from] WriteUserError),
    /// There is no token with the id that was given.
    #[error("there is no token with the id \"{0}\"; `users token list` shows all")]
    UnknownToken(String),
    /// A file of the development mode cannot be used.
    #[error("cannot use the file {path} of the development token: {reason}")]
    DevTokenFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused something that every command needs.
    #[error("{doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What the operating system answered.
        source: io::Error,
    },
}
