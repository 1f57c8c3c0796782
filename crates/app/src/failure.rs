use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use users_ports::{MigrateError, RepositoryError};
use users_use_cases::WriteError;

use crate::transfer::HeaderError;

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
    SampleUser(#[from] WriteError),
    /// There is no database of SQLite where a command looks for one.
    #[error(
        "there is no SQLite database {}: DATABASE_URL (--database-url) names another, `users migrate` makes this one",
        .0.display()
    )]
    NoDatabase(PathBuf),
    /// A token was made, and nobody has seen it.
    #[error("cannot write the token to standard output: {source}; revoke it with `users token revoke {id}`")]
    TokenNotShown {
        /// The token's id.
        id: String,
        /// What the operating system answered.
        source: io::Error,
    },
    /// Where a token's id belongs there is something that begins as a whole token does; it is not repeated.
    #[error("give the id of the token alone: the part between usr_ and the next _")]
    TokenForId,
    /// There is no token with the id or the name that was given.
    #[error("there is no token with the id or the name \"{0}\"; `users token list` shows all")]
    UnknownToken(String),
    /// More than one token has the name that was given.
    #[error("more than one valid token has the name \"{name}\", such as {} and {}: give the id of one", ids[0], ids[1])]
    AmbiguousToken {
        /// The name.
        name: String,
        /// The ids of two of them.
        ids: [String; 2],
    },
    /// The token with the id that was given is not one to be rotated.
    #[error("the token \"{0}\" was revoked or has expired; `users token create` makes another")]
    TokenIsOver(String),
    /// A file of users, or of errors, cannot be used.
    #[error("cannot {doing} {path}: {source}")]
    File {
        /// What was to be done with it.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// What the operating system answered.
        source: io::Error,
    },
    /// A file does not have what it must begin with.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// An import could not go on.
    #[error(
        "stopped at line {line}: {reason}; the lines before it are done, and of those behind it some may be. \
         With --upsert the import can be run again"
    )]
    ImportStopped {
        /// The first line that is not known to be loaded.
        line: u64,
        /// Why.
        reason: String,
    },
    /// The database did not write what it was to.
    #[error(transparent)]
    Write(WriteError),
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

impl Failure {
    /// What a command exits with that fails before or while it works on users; 1 then tells of refused data.
    pub const DATA_COMMAND: u8 = 2;

    /// The file at this path cannot be used.
    pub fn file(doing: &'static str, path: &Path, source: io::Error) -> Self {
        Self::File { doing, path: path.to_owned(), source }
    }
}
