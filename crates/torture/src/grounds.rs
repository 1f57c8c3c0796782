//! Where the trials take place: the databases, and a folder that goes with the value.

use std::cell::{Cell, OnceCell};
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use tempfile::TempDir;
use users_testkit::PrivatePostgres;

use crate::service::Installation;

/// The kinds of databases that the service runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file of SQLite.
    Sqlite,
    /// A PostgreSQL server of the trials' own.
    Postgres,
}

impl Kind {
    /// Both of them.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

impl Display for Kind {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// What all trials share.
#[derive(Debug)]
pub struct Grounds {
    /// What every random choice follows from.
    pub seed: u64,
    /// Whether the trials are the short ones.
    pub quick: bool,
    binary: PathBuf,
    folder: TempDir,
    databases: Cell<u32>,
    postgres: OnceCell<PrivatePostgres>,
}

impl Grounds {
    /// Grounds for trials of this binary.
    pub fn new(binary: &Path, seed: u64, quick: bool) -> Result<Self> {
        ensure!(binary.is_file(), "there is no {}: build it with `cargo build --release`", binary.display());
        Ok(Self {
            seed,
            quick,
            binary: binary.canonicalize()?,
            folder: tempfile::Builder::new().prefix("users-torture-").tempdir()?,
            databases: Cell::new(0),
            postgres: OnceCell::new(),
        })
    }

    /// The binary of the service.
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The number for the long form of a trial, or that for the short one.
    pub const fn either<T: Copy>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// The PostgreSQL server; what is committed is flushed to the disk. It starts when it is first asked for.
    pub fn postgres(&self) -> &PrivatePostgres {
        self.postgres.get_or_init(|| PrivatePostgres::builder().durable(true).start())
    }

    /// A new folder.
    pub fn new_folder(&self) -> Result<PathBuf> {
        self.databases.set(self.databases.get() + 1);
        let folder = self.folder.path().join(self.databases.get().to_string());
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// The service with these flags on a new database, which has its tables.
    pub fn install(&self, kind: Kind, flags: &[&str]) -> Result<Installation> {
        let folder = self.new_folder()?;
        let url = match kind {
            Kind::Sqlite => format!("sqlite:{}", folder.join("users.db").display()),
            Kind::Postgres => self.postgres().create_database(),
        };
        Installation::new(&self.binary, &url, &folder).with_flags(flags).prepare()
    }
}
