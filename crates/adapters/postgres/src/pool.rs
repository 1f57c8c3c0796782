use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use diesel::QueryResult;
use diesel::connection::{
    AnsiTransactionManager, CacheSize, Connection, SimpleConnection, TransactionManager,
};
use diesel::pg::PgConnection;
use diesel::r2d2::{ConnectionManager, Pool, PooledConnection, R2D2Connection};
use users_ports::{RepositoryError, TroubleCounts};

use crate::connect::OnConnect;
use crate::errors::one_line;
use crate::list_jobs::LIST_CONNECTIONS;
use crate::trouble::trouble_in;
use crate::update_shape::UpdateTexts;
use crate::watch::{SessionFlags, Watch};
use crate::{Pooling, PostgresSettings};

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
        // Longer than libpq may take for one attempt, so that it is libpq's own reason that is told.
        .connection_timeout(settings.connect_timeout + Duration::from_millis(500))
        .connection_customizer(Box::new(OnConnect::new(settings, url)))
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
    statement_timeout: Duration,
    pooling: Pooling,
    session: Option<Session>,
}

/// A connection, and the updates that are kept prepared on it.
pub(crate) struct Session {
    pub(crate) connection: PoolConnection,
    pub(crate) texts: UpdateTexts,
    /// Which statements diesel keeps prepared on it: all that are worth it, or none behind a pooler of transactions.
    cache_size: CacheSize,
    /// What failed statements have shown of it.
    flags: Arc<SessionFlags>,
    /// When it was taken to be used last.
    used: Instant,
}

impl Lane {
    /// A lane that takes its connections from `pool`, and counts in `troubles` what is wrong with them.
    pub(crate) const fn new(
        pool: ConnectionPool,
        troubles: Arc<TroubleCounts>,
        settings: &PostgresSettings,
    ) -> Self {
        let PostgresSettings { statement_timeout, pooling, .. } = *settings;
        Self { pool, troubles, statement_timeout, pooling, session: None }
    }

    /// The session, or a new one if there is none or the last one broke.
    pub(crate) fn session(&mut self) -> Result<&mut Session, RepositoryError> {
        // What broke goes back to the pool, which throws it away and makes another.
        let session = match self.session.take().and_then(Session::if_whole) {
            Some(session) => session,
            None => self.new_session()?,
        };
        Ok(self.session.insert(session))
    }

    fn new_session(&self) -> Result<Session, RepositoryError> {
        let mut connection = self.connect()?;
        let flags = Arc::<SessionFlags>::default();
        let watch = Watch::new(Arc::clone(&self.troubles), Arc::clone(&flags), self.statement_timeout);
        connection.set_instrumentation(watch);
        let cache_size = match self.pooling {
            Pooling::Session => CacheSize::Unbounded,
            // Without a name a statement is parsed and executed in one message, and so in one transaction.
            Pooling::Transaction => CacheSize::Disabled,
        };
        connection.set_prepared_statement_cache_size(cache_size);
        Ok(Session { connection, texts: UpdateTexts::default(), cache_size, flags, used: Instant::now() })
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
    /// Marks the session as of no more use: the next batch gets another one.
    pub(crate) fn give_up(&self) {
        self.flags.lost.store(true, Ordering::Relaxed);
    }

    /// Forgets every prepared statement if a failed one has shown that they may no longer fit the tables, and says whether
    /// it did: what failed is then worth another try.
    ///
    /// PostgreSQL refuses to execute what it prepared before a column got another type, for as long as the session lives.
    pub(crate) fn forget_stale_statements(&mut self) -> bool {
        if !self.flags.stale.load(Ordering::Relaxed) || self.connection.is_broken() {
            return false;
        }
        // Not possible within a transaction that has failed; then it is done before the next batch.
        if self.connection.batch_execute("DEALLOCATE ALL").is_err() {
            return false;
        }
        // Diesel begins with an empty cache each time that it is switched on.
        self.connection.set_prepared_statement_cache_size(CacheSize::Disabled);
        self.connection.set_prepared_statement_cache_size(self.cache_size);
        self.texts = UpdateTexts::default();
        self.flags.stale.store(false, Ordering::Relaxed);
        true
    }

    /// Reads something, and once more if what was prepared for it no longer fits the tables.
    pub(crate) fn read<T>(&mut self, query: impl Fn(&mut PgConnection) -> QueryResult<T>) -> QueryResult<T> {
        match query(&mut self.connection) {
            Err(_) if self.forget_stale_statements() => query(&mut self.connection),
            done => done,
        }
    }

    fn if_whole(mut self) -> Option<Self> {
        let rested = self.used.elapsed() > REST;
        self.used = Instant::now();
        self.forget_stale_statements();
        if self.flags.lost.load(Ordering::Relaxed) || (rested && self.connection.ping().is_err()) {
            // Diesel does not notice by itself where it was preparing a statement, and the pool, which asks it, would
            // hand the dead connection out again.
            AnsiTransactionManager::transaction_manager_status_mut(&mut *self.connection).set_in_error();
        }
        (!self.connection.is_broken()).then_some(self)
    }
}
