use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;

use diesel::Connection as _;
use diesel::sqlite::SqliteConnection;
use users_gather::Gather;
use users_ports::TroubleCounts;

use crate::SqliteSettings;
use crate::checkpoint::{Checkpointer, Checkpoints};
use crate::file_identity::FileIdentity;
use crate::jobs::{self, ReadJob, WriteJob};
use crate::list_jobs::{self, ListJob};
use crate::pool::{self, ConnectionPool, Lane};

/// The users and tokens on embedded SQLite.
///
/// One thread writes and a few read, each with a connection of its own; nothing that is async waits for the disk.
/// The threads end when the store is dropped.
pub struct SqliteStore {
    // Dropped, and so ended, before the writer.
    _checkpointer: Checkpointer,
    pub(crate) writer: Gather<WriteJob>,
    pub(crate) readers: Gather<ReadJob>,
    pub(crate) listers: Gather<ListJob>,
    /// For reads that visit very many users, so that no page waits for one.
    pub(crate) visitors: Gather<ListJob>,
    pub(crate) pool: ConnectionPool,
    pub(crate) troubles: Arc<TroubleCounts>,
    pub(crate) settings: SqliteSettings,
}

impl SqliteStore {
    /// Opens the store, and makes the database file where there is none.
    ///
    /// Fails with a sentence for the operator where the file cannot be made or written or is something else than a
    /// database, or no thread can be had.
    pub fn open(settings: &SqliteSettings) -> Result<Self, String> {
        prepare_file(&settings.path)?;
        let pool = pool::build(settings);
        let troubles = Arc::<TroubleCounts>::default();
        let file = FileIdentity::of(&settings.path)
            .map_err(|error| format!("{} cannot be opened: {error}", settings.path.display()))?;
        let checkpoints = Checkpoints::default();
        let no_thread = |error| format!("no thread for the database can be started: {error}");
        let writer = Gather::start("write", 1, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), file.clone());
            let checkpoints = checkpoints.clone();
            move |batch: &mut Vec<WriteJob>| jobs::write(&mut lane, &checkpoints, batch)
        });
        let readers = Gather::start("read", settings.read_connections, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), file.clone());
            move |batch: &mut Vec<ReadJob>| jobs::read(&mut lane, batch)
        });
        let listers = Gather::start("list", 1, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), file.clone());
            move |batch: &mut Vec<ListJob>| list_jobs::list(&mut lane, batch)
        });
        let visitors = Gather::start("visit", 1, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), file.clone());
            move |batch: &mut Vec<ListJob>| list_jobs::list(&mut lane, batch)
        });
        let path = settings.path.to_string_lossy().into_owned();
        // A connection to a file that is not there would make one.
        let connect = move || file.check().is_ok().then(|| SqliteConnection::establish(&path).ok()).flatten();
        let checkpointer = Checkpointer::start(checkpoints.clone(), connect);
        Ok(Self {
            _checkpointer: checkpointer.map_err(no_thread)?,
            writer: writer.map_err(no_thread)?,
            readers: readers.map_err(no_thread)?,
            listers: listers.map_err(no_thread)?,
            visitors: visitors.map_err(no_thread)?,
            pool,
            troubles,
            settings: settings.clone(),
        })
    }
}

/// What every database of SQLite begins with, but for one that is still empty (the SQLite database file format,
/// section 1.3.1).
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Makes the file where there is none, for its owner alone, and refuses one that will never do.
///
/// SQLite would say it later, and in words that could as well stand for trouble that passes.
fn prepare_file(path: &Path) -> Result<(), String> {
    let mut start = Vec::new();
    // It holds personal data. SQLite gives the files beside it the same mode.
    let file = OpenOptions::new().create(true).mode(0o600).read(true).append(true).open(path);
    let read = file.and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    read.map_err(|error| format!("{} cannot be opened for writing: {error}", path.display()))?;
    if start.is_empty() || start == MAGIC {
        Ok(())
    } else {
        Err(format!("{} is a file of another kind, not a database of SQLite", path.display()))
    }
}
