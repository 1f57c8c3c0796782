use std::sync::Arc;

use users_gather::Gather;
use users_ports::TroubleCounts;

use crate::PostgresSettings;
use crate::jobs::{self, ReadJob, WriteJob};
use crate::list_jobs::{self, ListJob};
use crate::pool::{self, ConnectionPool, Lane};

/// The users and tokens on PostgreSQL.
///
/// A few threads, each with a connection of its own, do the work that gathers for them; nothing that is async
/// waits for the database. The threads end when the store is dropped.
pub struct PostgresStore {
    pub(crate) writers: Gather<WriteJob>,
    pub(crate) readers: Gather<ReadJob>,
    pub(crate) listers: Gather<ListJob>,
    /// For reads that visit very many users, so that no page waits for one.
    pub(crate) visitors: Gather<ListJob>,
    pub(crate) pool: ConnectionPool,
    pub(crate) troubles: Arc<TroubleCounts>,
    /// The full URI, for what needs a connection of its own.
    pub(crate) url: String,
    pub(crate) settings: PostgresSettings,
}

impl PostgresStore {
    /// Opens the store without connecting yet: a database that is away now is waited for.
    ///
    /// Fails with a sentence for the operator where the URI cannot be read or no thread can be had.
    pub fn open(settings: &PostgresSettings) -> Result<Self, String> {
        let url = settings.full_url()?;
        let pool = pool::build(settings, &url);
        let troubles = Arc::<TroubleCounts>::default();
        let no_thread = |error| format!("no thread for the database can be started: {error}");
        let writers = Gather::start("write", settings.write_connections, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), settings);
            move |batch: &mut Vec<WriteJob>| jobs::write(&mut lane, batch)
        });
        let readers = Gather::start("read", settings.read_connections, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), settings);
            move |batch: &mut Vec<ReadJob>| jobs::read(&mut lane, batch)
        });
        let listers = Gather::start("list", 1, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), settings);
            move |batch: &mut Vec<ListJob>| list_jobs::list(&mut lane, batch)
        });
        let visitors = Gather::start("visit", 1, settings.queue_capacity, |_| {
            let mut lane = Lane::new(pool.clone(), Arc::clone(&troubles), settings);
            move |batch: &mut Vec<ListJob>| list_jobs::list(&mut lane, batch)
        });
        Ok(Self {
            writers: writers.map_err(no_thread)?,
            readers: readers.map_err(no_thread)?,
            listers: listers.map_err(no_thread)?,
            visitors: visitors.map_err(no_thread)?,
            pool,
            troubles,
            url,
            settings: settings.clone(),
        })
    }
}
