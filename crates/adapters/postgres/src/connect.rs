//! What is asked of a new connection, and what it is told, before anything else is sent on it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::{CustomizeConnection, Error};
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use users_ports::Trouble;

use crate::errors::one_line;
use crate::pooler;
use crate::{Pooling, PostgresSettings};

/// The encoding that a database must have: in any other there are texts that it cannot hold.
const ENCODING: &str = "UTF8";

/// Why a connection that came up is not used.
///
/// It passes through the pool as text, so each cause is one sentence, by which it is [told apart](trouble_of) again.
pub(crate) const POOLED: &str = "the connection goes through a pooler that gives each transaction another session (transaction mode): use the \
     pooler's session mode, connect to PostgreSQL itself, or set USERS_DB_POOLER=transaction";
const UNSET: &str = "behind a pooler in transaction mode the role must be set up: ALTER ROLE … SET synchronous_commit = on, and \
                     ALTER ROLE … SET default_transaction_isolation = 'read committed'";
const ENCODED: &str =
    "the database's encoding is not UTF8: create it with ENCODING 'UTF8' TEMPLATE template0";

/// The cause, if the sentence is one of those above.
pub(crate) fn trouble_of(message: &str) -> Option<Trouble> {
    [(POOLED, Trouble::Pooler), (UNSET, Trouble::Pooler), (ENCODED, Trouble::Encoding)]
        .into_iter()
        .find_map(|(sentence, trouble)| message.contains(sentence).then_some(trouble))
}

/// Checks every connection of a pool, and sets its session up.
#[derive(Clone, Debug)]
pub(crate) struct OnConnect {
    settings: String,
    pooling: Pooling,
    url: String,
    /// When the way to the database was last found to keep sessions apart. Connections that come up within
    /// [`FRESH`] of each other share one check; the others wait for it.
    verified: Arc<Mutex<Option<Instant>>>,
}

/// For how long a check of the way to the database counts.
const FRESH: Duration = Duration::from_secs(1);

impl OnConnect {
    pub(crate) fn new(settings: &PostgresSettings, url: &str) -> Self {
        // - What is answered is on disk, whatever the server's default is.
        // - Updates judge the row as the writer before has left it: at another isolation level they would fail.
        // - The statements are few and always find their rows by a key: one plan for all values, and none that reads
        //   the whole table, visits rows in another order than that of the ids it was given, or collects and sorts what
        //   an index has in order.
        let statements = format!(
            "SET synchronous_commit = on; SET default_transaction_isolation = 'read committed'; \
             SET statement_timeout = {}; SET plan_cache_mode = force_generic_plan; \
             SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; \
             SET enable_bitmapscan = off; SET enable_sort = off",
            settings.statement_timeout.as_millis()
        );
        Self {
            settings: statements,
            pooling: settings.pooling,
            url: url.to_owned(),
            verified: Arc::default(),
        }
    }

    /// Fails unless this and another connection have sessions of their own.
    fn verify(&self, connection: &mut PgConnection) -> Result<(), diesel::result::Error> {
        let mut verified = self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        if verified.is_some_and(|at| at.elapsed() < FRESH) {
            return Ok(());
        }
        *verified = None;
        verify_sessions(connection, &self.url)?;
        *verified = Some(Instant::now());
        Ok(())
    }
}

impl CustomizeConnection<PgConnection, Error> for OnConnect {
    fn on_acquire(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let ready = match self.pooling {
            Pooling::Session => self.verify(connection).and_then(|()| verify_encoding(connection)),
            Pooling::Transaction => verify_encoding(connection).and_then(|()| verify_role(connection)),
        };
        ready
            .and_then(|()| match self.pooling {
                Pooling::Session => connection.batch_execute(&self.settings),
                // They would be those of any session of the pool.
                Pooling::Transaction => Ok(()),
            })
            .map_err(Error::QueryError)
    }
}

/// Fails if a pooler shares sessions between this connection and another one to the same URL.
pub(crate) fn verify_sessions(connection: &mut PgConnection, url: &str) -> QueryResult<()> {
    let mut other = PgConnection::establish(url).map_err(|error| unusable(one_line(&error.to_string())))?;
    if pooler::shares_sessions(connection, &mut other)? { Err(unusable(POOLED.to_owned())) } else { Ok(()) }
}

/// Fails if the database's encoding is not UTF8.
pub(crate) fn verify_encoding(connection: &mut PgConnection) -> QueryResult<()> {
    let query = sql_query("SELECT current_setting('server_encoding') AS encoding");
    let Encoding { encoding } = query.get_result(connection)?;
    if encoding == ENCODING { Ok(()) } else { Err(unusable(ENCODED.to_owned())) }
}

/// Fails if the role's own settings let a session lose what was answered, or fail writes of the same row.
fn verify_role(connection: &mut PgConnection) -> QueryResult<()> {
    let query = "SELECT current_setting('synchronous_commit') IN ('on', 'remote_apply') \
                        AND current_setting('default_transaction_isolation') = 'read committed' AS is_set";
    let IsSet { is_set } = sql_query(query).get_result(connection)?;
    if is_set { Ok(()) } else { Err(unusable(UNSET.to_owned())) }
}

#[derive(QueryableByName)]
struct IsSet {
    #[diesel(sql_type = Bool)]
    is_set: bool,
}

#[derive(QueryableByName)]
struct Encoding {
    #[diesel(sql_type = Text)]
    encoding: String,
}

/// An error of this program in the only form that the pool hands on.
fn unusable(sentence: String) -> diesel::result::Error {
    diesel::result::Error::QueryBuilderError(sentence.into())
}
