use std::fs::OpenOptions;

use users_gather::Gather;

use crate::SqliteSettings;
use crate::jobs::{self, ReadJob, WriteJob};
use crate::list_jobs::{self, LIST_CONNECTIONS, ListJob};
use crate::pool::{self, ConnectionPool, Lane};

/// The users and tokens on embedded SQLite.
///
/// One thread writes and a few read, each with a connection of its own; nothing that is async waits for the disk.
/// The threads end when the store is dropped.
pub struct SqliteStore {
    pub(crate) writer: Gather<WriteJob>,
    pub(crate) readers: Gather<ReadJob>,
    pub(crate) listers: Gather<ListJob>,
    pub(crate) pool: ConnectionPool,
    pub(crate) settings: SqliteSettings,
}

impl SqliteStore {
    /// Opens the store, and makes the database file where there is none.
    ///
    /// Fails with a sentence for the operator where the file cannot be made or written, or no thread can be had.
    pub fn open(settings: &SqliteSettings) -> Result<Self, String> {
        // SQLite would only say "unable to open database file", and that later.
        let file = OpenOptions::new().create(true).append(true).open(&settings.path);
        file.map_err(|error| format!("{} cannot be opened for writing: {error}", settings.path.display()))?;
        let pool = pool::build(settings);
        let no_thread = |error| format!("no thread for the database can be started: {error}");
        let writer = Gather::start("write", 1, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone());
            move |batch: &mut Vec<WriteJob>| jobs::write(&mut lane, batch)
        });
        let readers = Gather::start("read", settings.read_connections, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone());
            move |batch: &mut Vec<ReadJob>| jobs::read(&mut lane, batch)
        });
        let listers = Gather::start("list", LIST_CONNECTIONS, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone());
            move |batch: &mut Vec<ListJob>| list_jobs::list(&mut lane, batch)
        });
        Ok(Self {
            writer: writer.map_err(no_thread)?,
            readers: readers.map_err(no_thread)?,
            listers: listers.map_err(no_thread)?,
            pool,
            settings: settings.clone(),
        })
    }
}
