use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PooledConnection};
use diesel::sqlite::SqliteConnection;
use users_ports::RepositoryError;

use crate::SqliteSettings;

pub(crate) type ConnectionPool = Pool<ConnectionManager<SqliteConnection>>;
pub(crate) type PoolConnection = PooledConnection<ConnectionManager<SqliteConnection>>;

/// A pool with a connection for every thread; none is made before it is needed.
pub(crate) fn build(settings: &SqliteSettings) -> ConnectionPool {
    let connections = 1 + settings.read_connections.max(1);
    Pool::builder()
        .max_size(u32::try_from(connections).unwrap_or(u32::MAX))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(settings.busy_timeout)
        .connection_customizer(Box::new(Session::new(settings)))
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(ConnectionManager::new(settings.path.to_string_lossy()))
}

pub(crate) fn connect(pool: &ConnectionPool) -> Result<PoolConnection, RepositoryError> {
    pool.get().map_err(|error| RepositoryError::Unavailable(error.to_string()))
}

/// What every connection is told before it is used.
#[derive(Debug)]
struct Session(String);

impl Session {
    fn new(settings: &SqliteSettings) -> Self {
        // - A write-ahead log, so that nobody who reads waits for the one who writes.
        // - Every commit is flushed: what is answered survives a loss of power.
        // - The log is copied back every 4,000 pages (16 MiB); each connection keeps 16 MiB of the file in memory.
        Self(format!(
            "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
             PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY",
            settings.busy_timeout.as_millis()
        ))
    }
}

impl CustomizeConnection<SqliteConnection, Error> for Session {
    fn on_acquire(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        connection.batch_execute(&self.0).map_err(Error::QueryError)
    }
}
