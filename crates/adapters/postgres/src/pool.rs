use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::{AnsiTransactionManager, Connection, SimpleConnection, TransactionManager};
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Error, Pool, PooledConnection, R2D2Connection};
use users_ports::{RepositoryError, TroubleCounts};

use crate::PostgresSettings;
use crate::errors::one_line;
use crate::list_jobs::LIST_CONNECTIONS;
use crate::trouble::trouble_in;
use crate::update_shape::UpdateTexts;
use crate::watch::Watch;

pub(crate) type ConnectionPool = Pool<ConnectionManager<PgConnection>>;
pub(crate) type PoolConnection = PooledConnection<ConnectionManager<PgConnection>>;

/// A pool with a connection for every thread; none is made before it is needed.
///
/// There is no test when a connection is checked out: each stays with its thread, which tests it itself where it has
/// [rested](REST).
pub(crate) fn build(settings: &PostgresSettings, url: &str) -> ConnectionPool {
    let connections = settings.write_connections.max(1) + settings.read_connections.max(1) + LIST_CONNECTIONS;
    Pool::builder()
        .max_size(u32::try_from(connections).unwrap_or(u32::MAX))
        .min_idle(Some(0))
        .test_on_check_out(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connection_timeout(settings.connect_timeout)
        .connection_customizer(Box::new(OnConnect::new(settings)))
        .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
        .build_unchecked(ConnectionManager::new(url))
}

/// How long a connection may rest before it is tested by a round trip and, where it broke meanwhile, replaced. One that breaks
/// while it is in use is noticed by the statement that meets it.
const REST: Duration = Duration::from_millis(500);

/// The connection of one thread. It is kept from batch to batch, and with it what is prepared on it.
pub(crate) struct Lane {
    pool: ConnectionPool,
    troubles: Arc<TroubleCounts>,
    session: Option<Session>,
}

/// A connection, and the updates that are kept prepared on it.
pub(crate) struct Session {
    pub(crate) connection: PoolConnection,
    pub(crate) texts: UpdateTexts,
    /// Whether it is of no more use, as a statement has shown that failed.
    lost: Arc<AtomicBool>,
    /// When it was taken to be used last.
    used: Instant,
}

impl Lane {
    /// A lane that takes its connections from `pool`, and counts in `troubles` what is wrong with them.
    pub(crate) const fn new(pool: ConnectionPool, troubles: Arc<TroubleCounts>) -> Self {
        Self { pool, troubles, session: None }
    }

    /// The session, or a new one where there is none or the last one broke.
    pub(crate) fn session(&mut self) -> Result<&mut Session, RepositoryError> {
        // What broke goes back to the pool, which throws it away and makes another.
        let session = match self.session.take().and_then(Session::if_whole) {
            Some(session) => session,
            None => Session::on(self.connect()?, Arc::clone(&self.troubles)),
        };
        Ok(self.session.insert(session))
    }

    fn connect(&self) -> Result<PoolConnection, RepositoryError> {
        self.pool.get().map_err(|error| {
            let message = one_line(&error.to_string());
            // The pool says so of whatever kept it from making a connection until its time was over.
            let message = match message.strip_prefix("timed out waiting for connection: ") {
                Some(reason) => reason.to_owned(),
                None => message,
            };
            self.troubles.count(trouble_in(&message));
            RepositoryError::Unavailable(message)
        })
    }
}

impl Session {
    fn on(mut connection: PoolConnection, troubles: Arc<TroubleCounts>) -> Self {
        let lost = Arc::<AtomicBool>::default();
        connection.set_instrumentation(Watch::new(troubles, Arc::clone(&lost)));
        Self { connection, texts: UpdateTexts::default(), lost, used: Instant::now() }
    }

    fn if_whole(mut self) -> Option<Self> {
        let rested = self.used.elapsed() > REST;
        self.used = Instant::now();
        if self.lost.load(Ordering::Relaxed) || (rested && self.connection.ping().is_err()) {
            // Diesel does not notice by itself where it was preparing a statement, and the pool, which asks it, would
            // hand the dead connection out again.
            AnsiTransactionManager::transaction_manager_status_mut(&mut *self.connection).set_in_error();
        }
        (!self.connection.is_broken()).then_some(self)
    }
}

/// What every session is told before it is used.
#[derive(Debug)]
struct OnConnect(String);

impl OnConnect {
    fn new(settings: &PostgresSettings) -> Self {
        // - What is answered is on disk, whatever the server's default is.
        // - The statements are few and always find their rows by a key: one plan for all values, and none that reads
        //   the whole table, visits rows in another order than that of the ids it was given, or collects and sorts what
        //   an index has in order.
        Self(format!(
            "SET synchronous_commit = on; SET statement_timeout = {}; SET plan_cache_mode = force_generic_plan; \
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
             SET enable_bitmapscan = off; SET enable_sort = off",
            settings.statement_timeout.as_millis()
        ))
    }
}

impl CustomizeConnection<PgConnection, Error> for OnConnect {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), Error> {
        connection.batch_execute(&self.0).map_err(Error::QueryError)
    }
}
