use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use users_ports::RepositoryError;

/// Which file the store was opened on.
///
/// A file that is deleted or replaced stays open under its old name in SQLite: what is written then is in no file that
/// anybody can find.
#[derive(Clone, Debug)]
pub(crate) struct FileIdentity {
    path: PathBuf,
    device: u64,
    inode: u64,
}

/// What an operator is told, by which the cause is [told apart](crate::trouble) again.
pub(crate) const REPLACED: &str = "the database file was deleted or replaced while the service runs";

impl FileIdentity {
    /// The identity of the file that has this path now.
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self { path: path.to_owned(), device: metadata.dev(), inode: metadata.ino() })
    }

    /// Fails if another file has the path now, or none.
    pub(crate) fn check(&self) -> Result<(), RepositoryError> {
        match Self::of(&self.path) {
            Ok(Self { device, inode, .. }) if (device, inode) == (self.device, self.inode) => Ok(()),
            _ => Err(RepositoryError::Unavailable(REPLACED.to_owned())),
        }
    }
}

/// Checks the identity of a file now and then: for who only reads, since a look at the file costs a system call.
#[derive(Debug)]
pub(crate) struct PeriodicCheck(Option<Instant>);

impl PeriodicCheck {
    /// How old a check may be that still counts.
    const FRESH: Duration = Duration::from_millis(100);

    /// No check was made yet.
    pub(crate) const fn new() -> Self {
        Self(None)
    }

    /// Checks the file unless it was good a moment ago.
    pub(crate) fn run(&mut self, file: &FileIdentity) -> Result<(), RepositoryError> {
        if self.0.is_some_and(|at| at.elapsed() < Self::FRESH) {
            return Ok(());
        }
        self.0 = None;
        file.check()?;
        self.0 = Some(Instant::now());
        Ok(())
    }
}
