use std::time::Duration;

use async_trait::async_trait;
use diesel::connection::SimpleConnection;
use diesel::sqlite::SqliteConnection;
use users_ports::{HealthCheck, RepositoryError, SchemaState, Trouble, Unhealthy, schema_state};

use crate::SqliteStore;
use crate::errors::repository_error;
use crate::jobs::chore;
use crate::migrator::{applied_versions, known_versions};
use crate::trouble::trouble_in;

/// What a limit of the database itself gets to show first, with its own words.
const MARGIN: Duration = Duration::from_millis(500);

#[async_trait]
impl HealthCheck for SqliteStore {
    async fn check(&self) -> Result<SchemaState, Unhealthy> {
        let limit = self.settings.busy_timeout + MARGIN;
        let applied = tokio::time::timeout(limit, chore(&self.writer, look)).await;
        let applied = applied
            .map_err(|_| Unhealthy::silent_for(limit))?
            .map_err(|error| Unhealthy::because_of(error, trouble_in))?;
        let known = known_versions().map_err(|said| Unhealthy::Database { trouble: Trouble::Other, said })?;
        schema_state(&applied, &known)
    }
}

/// Tells which migrations there are, once it is sure that the file can be written.
fn look(connection: &mut SqliteConnection) -> Result<Vec<String>, RepositoryError> {
    connection.batch_execute("BEGIN IMMEDIATE; ROLLBACK").map_err(|error| repository_error(&error))?;
    applied_versions(connection).map_err(|error| RepositoryError::Unavailable(error.to_string()))
}
