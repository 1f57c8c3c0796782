use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PooledConnection};
use users_ports::RepositoryError;

use crate::PostgresSettings;

pub(crate) type ConnectionPool = Pool<ConnectionManager<PgConnection>>;
pub(crate) type PoolConnection = PooledConnection<ConnectionManager<PgConnection>>;

/// A pool with a connection for every thread; none is made before it is needed.
///
/// There is no test when a connection is checked out: it would cost a round trip for each statement. A connection
/// that breaks is noticed by the statement that meets it, and replaced.
pub(crate) fn build(settings: &PostgresSettings, url: &str) -> ConnectionPool {
    let connections = settings.write_connections.max(1) + settings.read_connections.max(1);
    Pool::builder()
        .max_size(u32::try_from(connections).unwrap_or(u32::MAX))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(settings.connect_timeout)
        .connection_customizer(Box::new(Session::new(settings)))
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(ConnectionManager::new(url))
}

pub(crate) fn connect(pool: &ConnectionPool) -> Result<PoolConnection, RepositoryError> {
    pool.get().map_err(|error| RepositoryError::Unavailable(error.to_string()))
}

/// What every session is told before it is used.
#[derive(Debug)]
struct Session(String);

impl Session {
    fn new(settings: &PostgresSettings) -> Self {
        // - What is answered is on disk, whatever the server's default is.
        // - The statements are few and always find their rows by a key: one plan for all values, and none that reads
        //   the whole table or visits rows in another order than that of the ids it was given.
        Self(format!(
            "SET synchronous_commit = on; SET statement_timeout = {}; SET plan_cache_mode = force_generic_plan; \
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off",
            settings.statement_timeout.as_millis()
        ))
    }
}

impl CustomizeConnection<PgConnection, Error> for Session {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), Error> {
        connection.batch_execute(&self.0).map_err(Error::QueryError)
    }
}
