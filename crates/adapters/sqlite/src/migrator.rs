use async_trait::async_trait;
use diesel::migration::{Migration, MigrationSource};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel_migrations::MigrationHarness;
use users_ports::{MigrateError, MigrationState, Migrator};

use crate::SqliteStore;
use crate::errors::repository_error;
use crate::jobs::chore;
use crate::migrations::Migrations;

#[async_trait]
impl Migrator for SqliteStore {
    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        let applied = chore(&self.writer, |connection| Ok(migrate(connection))).await;
        applied.map_err(|error| MigrateError::Unavailable(error.to_string()))?
    }

    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        let applied = chore(&self.writer, |connection| {
            recorded_versions(connection).map_err(|error| repository_error(&error))
        });
        let applied = applied.await.map_err(|error| MigrateError::Unavailable(error.to_string()))?;
        Ok(MigrationState::of_all(known().map_err(MigrateError::Failed)?, &applied))
    }
}

/// Migrates in one transaction that holds the file's write lock, so that several processes cannot do so at once.
fn migrate(connection: &mut SqliteConnection) -> Result<Vec<String>, MigrateError> {
    connection
        .immediate_transaction(|connection| Ok(migrate_locked(connection)))
        .map_err(|error: diesel::result::Error| MigrateError::Unavailable(error.to_string()))?
}

fn migrate_locked(connection: &mut SqliteConnection) -> Result<Vec<String>, MigrateError> {
    let known = known().map_err(MigrateError::Failed)?;
    let applied = applied_versions(connection)?;
    if let Some(unknown) = applied.iter().find(|version| known.iter().all(|(known, _)| known != *version)) {
        return Err(MigrateError::SchemaAhead { unknown: unknown.clone() });
    }
    connection.run_pending_migrations(Migrations).map_err(|error| MigrateError::Failed(error.to_string()))?;
    Ok(known.into_iter().filter(|(version, _)| !applied.contains(version)).map(|(_, name)| name).collect())
}

/// The versions and names of the migrations that this program knows, in order.
fn known() -> Result<Vec<(String, String)>, String> {
    let migrations = MigrationSource::<Sqlite>::migrations(&Migrations).map_err(|error| error.to_string())?;
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
pub(crate) fn applied_versions(connection: &mut SqliteConnection) -> Result<Vec<String>, MigrateError> {
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

/// The same, read without making diesel's table of migrations where there is none.
fn recorded_versions(connection: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    let table = "SELECT name AS version FROM sqlite_master WHERE name = '__diesel_schema_migrations'";
    if sql_query(table).load::<Version>(connection)?.is_empty() {
        return Ok(Vec::new());
    }
    let versions = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let versions: Vec<Version> = sql_query(versions).load(connection)?;
    Ok(versions.into_iter().map(|row| row.version).collect())
}
