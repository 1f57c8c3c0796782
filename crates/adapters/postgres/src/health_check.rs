use std::time::Duration;

use async_trait::async_trait;
use users_ports::{HealthCheck, RepositoryError, SchemaState, Trouble, Unhealthy, schema_state};

use crate::PostgresStore;
use crate::jobs::chore;
use crate::migrator::{applied_versions, known_versions};
use crate::trouble::trouble_in;

/// What a limit of the database itself gets to show first, with its own words.
const MARGIN: Duration = Duration::from_millis(500);

#[async_trait]
impl HealthCheck for PostgresStore {
    async fn check(&self) -> Result<SchemaState, Unhealthy> {
        let limit = self.settings.connect_timeout.max(self.settings.statement_timeout) + MARGIN;
        // Diesel makes the table of migrations where there is none, so this also tells whether the database takes writes.
        let applied = chore(&self.writers, |connection| {
            applied_versions(connection).map_err(|error| RepositoryError::Unavailable(error.to_string()))
        });
        let applied = tokio::time::timeout(limit, applied).await;
        let applied = applied
            .map_err(|_| Unhealthy::silent_for(limit))?
            .map_err(|error| Unhealthy::because_of(error, trouble_in))?;
        let known = known_versions().map_err(|said| Unhealthy::Database { trouble: Trouble::Other, said })?;
        schema_state(&applied, &known)
    }
}
