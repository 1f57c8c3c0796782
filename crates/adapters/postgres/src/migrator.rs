use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Text};
use diesel_migrations::MigrationHarness;
use users_ports::{MigrateError, MigrationState, Migrator};

use crate::PostgresStore;
use crate::errors::{one_line, repository_error};
use crate::jobs::chore;
use crate::migrations::Migrations;

/// The advisory lock that keeps several copies of the service from migrating at once: "users" in ASCII.
const LOCK: i64 = 0x75_73_65_72_73;

#[async_trait]
impl Migrator for PostgresStore {
    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        let url = self.url.clone();
        // On a connection of its own: a migration may take longer than a statement of the service may.
        let applied = tokio::task::spawn_blocking(move || migrate(&url));
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

fn migrate(url: &str) -> Result<Vec<String>, MigrateError> {
    let mut connection = PgConnection::establish(url)
        .map_err(|error| MigrateError::Unavailable(one_line(&error.to_string())))?;
    let failed = |error: diesel::result::Error| MigrateError::Failed(error.to_string());
    // Held by the session, so that it is let go when the session ends in whatever way.
    connection.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})")).map_err(failed)?;
    let known = known().map_err(MigrateError::Failed)?;
    let applied = applied_versions(&mut connection)?;
    if let Some(unknown) = applied.iter().find(|version| known.iter().all(|(known, _)| known != *version)) {
        return Err(MigrateError::SchemaAhead { unknown: unknown.clone() });
    }
    connection.run_pending_migrations(Migrations).map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(known.into_iter().filter(|(version, _)| !applied.contains(version)).map(|(_, name)| name).collect())
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
pub(crate) fn applied_versions(connection: &mut PgConnection) -> Result<Vec<String>, MigrateError> {
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
fn recorded_versions(connection: &mut PgConnection) -> QueryResult<Vec<String>> {
    let is_there = "SELECT to_regclass('__diesel_schema_migrations') IS NOT NULL AS is_there";
    if !sql_query(is_there).get_result::<IsThere>(connection)?.is_there {
        return Ok(Vec::new());
    }
    let versions = "SELECT version::text AS version FROM __diesel_schema_migrations ORDER BY version";
    let versions: Vec<Version> = sql_query(versions).load(connection)?;
    Ok(versions.into_iter().map(|row| row.version).collect())
}
