use std::collections::HashSet;
use std::sync::Arc;

use diesel::connection::{Connection as _, SimpleConnection};
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PooledConnection, R2D2Connection};
use diesel::sqlite::SqliteConnection;
use users_ports::{RepositoryError, Trouble, TroubleCounts};

use crate::SqliteSettings;
use crate::file_identity::{FileIdentity, PeriodicCheck};
use crate::list_jobs::LIST_CONNECTIONS;
use crate::trouble::trouble_in;
use crate::watch::Watch;

pub(crate) type ConnectionPool = Pool<ConnectionManager<SqliteConnection>>;
pub(crate) type PoolConnection = PooledConnection<ConnectionManager<SqliteConnection>>;

/// A pool with a connection for every thread; none is made before it is needed.
pub(crate) fn build(settings: &SqliteSettings) -> ConnectionPool {
    let connections = 1 + settings.read_connections.max(1) + LIST_CONNECTIONS;
    Pool::builder()
        .max_size(u32::try_from(connections).unwrap_or(u32::MAX))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(settings.busy_timeout)
        .connection_customizer(Box::new(OnConnect::new(settings)))
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(ConnectionManager::new(settings.path.to_string_lossy()))
}

/// The connection of one thread. It is kept from batch to batch, and with it what is prepared on it.
pub(crate) struct Lane {
    pool: ConnectionPool,
    troubles: Arc<TroubleCounts>,
    file: FileIdentity,
    checked: PeriodicCheck,
    session: Option<Session>,
}

/// A connection, and which statements are kept prepared on it.
pub(crate) struct Session {
    pub(crate) connection: PoolConnection,
    pub(crate) texts: PreparedTexts,
}

/// The texts of updates that are kept prepared.
#[derive(Default)]
pub(crate) struct PreparedTexts(HashSet<String>);

impl Lane {
    /// A lane that takes its connections from `pool`, and counts in `troubles` what is wrong with them.
    pub(crate) const fn new(pool: ConnectionPool, troubles: Arc<TroubleCounts>, file: FileIdentity) -> Self {
        Self { pool, troubles, file, checked: PeriodicCheck::new(), session: None }
    }

    /// The same as [`session`](Self::session) for one that writes: the file is certainly the one that was opened.
    pub(crate) fn writing_session(&mut self) -> Result<&mut Session, RepositoryError> {
        self.checked = PeriodicCheck::new();
        self.session()
    }

    /// The session, or a new one if there is none or the last one broke.
    pub(crate) fn session(&mut self) -> Result<&mut Session, RepositoryError> {
        self.checked.run(&self.file).inspect_err(|_| self.troubles.count(Trouble::Replaced))?;
        // What broke goes back to the pool, which throws it away and makes another.
        let session = match self.session.take().and_then(Session::if_whole) {
            Some(session) => session,
            None => Session::on(self.connect()?, Arc::clone(&self.troubles)),
        };
        Ok(self.session.insert(session))
    }

    fn connect(&self) -> Result<PoolConnection, RepositoryError> {
        self.pool.get().map_err(|error| {
            let message = error.to_string();
            self.troubles.count(trouble_in(&message));
            RepositoryError::Unavailable(message)
        })
    }
}

impl Session {
    fn on(mut connection: PoolConnection, troubles: Arc<TroubleCounts>) -> Self {
        connection.set_instrumentation(Watch::new(troubles));
        Self { connection, texts: PreparedTexts::default() }
    }

    fn if_whole(mut self) -> Option<Self> {
        (!self.connection.is_broken()).then_some(self)
    }
}

impl PreparedTexts {
    /// The most texts that are kept on a connection. There is one for each set of members that updates touch; a usual
    /// workload has a few, but a client could go through 131,072.
    const MAX: usize = 64;

    /// Whether the statement with this text is to be prepared once and kept.
    pub(crate) fn keep(&mut self, text: &str) -> bool {
        self.0.contains(text) || (self.0.len() < Self::MAX && self.0.insert(text.to_owned()))
    }
}

/// What every connection is told before it is used.
#[derive(Debug)]
struct OnConnect(String);

impl OnConnect {
    fn new(settings: &SqliteSettings) -> Self {
        // - A write-ahead log, so that nobody who reads waits for the one who writes.
        // - Every commit is flushed: what is answered survives a loss of power.
        // - The log is copied back by a thread of its own (`checkpoint.rs`), not by the connection that fills it.
        // - Each connection keeps 16 MiB of the file in memory.
        Self(format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY",
            settings.busy_timeout.as_millis()
        ))
    }
}

impl CustomizeConnection<SqliteConnection, Error> for OnConnect {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        connection.batch_execute(&self.0).map_err(Error::QueryError)
    }
}

#[cfg(test)]
mod tests {
    use super::PreparedTexts;

    #[test]
    fn no_more_than_some_texts_are_kept() {
        let mut texts = PreparedTexts::default();
        let kept = (0..2 * PreparedTexts::MAX).filter(|i| texts.keep(&i.to_string())).count();
        assert_eq!(kept, PreparedTexts::MAX);
        assert!(texts.keep("0"));
    }
}
