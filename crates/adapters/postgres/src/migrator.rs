use std::thread::sleep;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::MigrationHarness;
use users_ports::{MigrateError, MigrationState, Migrator};

use crate::connect::{verify_encoding, verify_sessions};
use crate::errors::{one_line, repository_error};
use crate::jobs::chore;
use crate::migrations::Migrations;
use crate::{Pooling, PostgresStore};

/// The advisory lock that keeps several copies of the service from migrating at once: "users" in ASCII.
const LOCK: i64 = 0x75_73_65_72_73;

#[async_trait]
impl Migrator for PostgresStore {
    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        let (url, pooling) = (self.url.clone(), self.settings.pooling);
        // On a connection of its own: a migration may take longer than a statement of the service may.
        let applied = tokio::task::spawn_blocking(move || migrate(&url, pooling));
        applied.await.map_err(|error| MigrateError::Failed(error.to_string()))?
    }

    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        let applied = chore(&self.writers, |connection| {
            recorded_versions(connection).map_err(|error| repository_error(&error))
        });
        let applied = applied.await.map_err(|error| MigrateError::Unavailable(error.to_string()))?;
        Ok(MigrationState::of_all(known().map_err(MigrateError::Failed)?, &applied))
    }
}

fn migrate(url: &str, pooling: Pooling) -> Result<Vec<String>, MigrateError> {
    let mut connection = PgConnection::establish(url)
        .map_err(|error| MigrateError::Unavailable(one_line(&error.to_string())))?;
    let away = |error: diesel::result::Error| MigrateError::Unavailable(error.to_string());
    if pooling == Pooling::Session {
        // The lock below is held by the session, so it must not be shared.
        verify_sessions(&mut connection, url).map_err(away)?;
    }
    verify_encoding(&mut connection).map_err(|error| MigrateError::Unsuitable(error.to_string()))?;
    let known = known().map_err(MigrateError::Failed)?;
    // Without DDL, which the role may not be allowed: most often there is nothing to do.
    let recorded = recorded_versions(&mut connection).map_err(away)?;
    if is_done(&known, &recorded)? {
        return Ok(Vec::new());
    }
    if pooling == Pooling::Transaction {
        return Err(MigrateError::Unsuitable(POOLED.to_owned()));
    }
    // A migration may take longer than the role lets statements take.
    connection.batch_execute(UNLIMITED).map_err(away)?;
    wait_for_lock(&mut connection)?;
    let applied = applied_versions(&mut connection)?;
    if is_done(&known, &applied)? {
        return Ok(Vec::new());
    }
    connection.run_pending_migrations(Migrations).map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(known.into_iter().filter(|(version, _)| !applied.contains(version)).map(|(_, name)| name).collect())
}

/// Why nothing is migrated through a pooler of transactions.
const POOLED: &str = "the schema is behind, and a migration needs a session of its own: run `users migrate` with a DATABASE_URL that \
                      leads to PostgreSQL itself";

/// What the session of a migration is told.
const UNLIMITED: &str =
    "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

/// How long a copy waits for another one that migrates, before it says so and begins to wait anew.
const PATIENCE: Duration = Duration::from_secs(5);

/// Whether no migration is missing; an error if there is one that this program does not know.
fn is_done(known: &[(String, String)], applied: &[String]) -> Result<bool, MigrateError> {
    match applied.iter().find(|version| known.iter().all(|(known, _)| known != *version)) {
        Some(unknown) => Err(MigrateError::SchemaAhead { unknown: unknown.clone() }),
        None => Ok(applied.len() == known.len()),
    }
}

/// Takes the lock, which the session lets go when it ends in whatever way.
fn wait_for_lock(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let start = Instant::now();
    let query = format!("SELECT pg_try_advisory_lock({LOCK}) AS is_there");
    loop {
        let locked = sql_query(query.as_str()).get_result::<IsThere>(connection);
        if locked.map_err(|error| MigrateError::Unavailable(error.to_string()))?.is_there {
            return Ok(());
        }
        if start.elapsed() > PATIENCE {
            return Err(MigrateError::InProgress);
        }
        sleep(Duration::from_millis(50));
    }
}

/// The versions and names of the migrations that this program knows, in order.
fn known() -> Result<Vec<(String, String)>, String> {
    let migrations = MigrationSource::<Pg>::migrations(&Migrations).map_err(|error| error.to_string())?;
    let mut known: Vec<_> = migrations
        .iter()
        .map(|migration| (migration.name().version().to_string(), migration.name().to_string()))
        .collect();
    known.sort();
    Ok(known)
}

/// The versions of the migrations that this program knows.
pub(crate) fn known_versions() -> Result<Vec<String>, String> {
    Ok(known()?.into_iter().map(|(version, _)| version).collect())
}

/// The versions of the migrations that the database has; makes diesel's table of them where there is none.
fn applied_versions(connection: &mut PgConnection) -> Result<Vec<String>, MigrateError> {
    let mut applied: Vec<_> = connection
        .applied_migrations()
        .map_err(|error| MigrateError::Unavailable(error.to_string()))?
        .iter()
        .map(ToString::to_string)
        .collect();
    applied.sort();
    Ok(applied)
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct IsThere {
    #[diesel(sql_type = Bool)]
    is_there: bool,
}

/// The same, read without making diesel's table of migrations where there is none, so also on a standby.
pub(crate) fn recorded_versions(connection: &mut PgConnection) -> QueryResult<Vec<String>> {
    let is_there = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS is_there";
    if !sql_query(is_there).get_result::<IsThere>(connection)?.is_there {
        return Ok(Vec::new());
    }
    let versions = "SELECT version::text AS version FROM __diesel_schema_migrations ORDER BY version";
    let versions: Vec<Version> = sql_query(versions).load(connection)?;
    Ok(versions.into_iter().map(|row| row.version).collect())
}
