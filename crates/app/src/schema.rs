use std::time::Duration;

use tracing::{error, info, warn};
use users_ports::{MigrateError, MigrationStatus, Migrator};

use crate::failure::Failure;

/// What a start does about the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaTask {
    /// Apply the migrations that are missing.
    Migrate,
    /// Look, and leave it as it is.
    Inspect,
}

/// How a first look at the database went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstLook {
    /// The task is done.
    Done,
    /// The database cannot be reached; [`SchemaTask::keep_trying`] goes on.
    Away,
}

impl SchemaTask {
    /// Does the task once. A database that is away is no failure; one that a later version migrated is.
    pub async fn first_try(self, migrator: &dyn Migrator) -> Result<FirstLook, MigrateError> {
        match self.run(migrator).await {
            Err(MigrateError::Unavailable(reason)) => {
                warn!(
                    reason = reason.trim(),
                    "the database is not available; serving without it and trying again"
                );
                Ok(FirstLook::Away)
            }
            Err(MigrateError::InProgress) => {
                info!("another copy is migrating the database; serving meanwhile, and waiting for it");
                Ok(FirstLook::Away)
            }
            outcome => outcome.map(|()| FirstLook::Done),
        }
    }

    /// Tries again, after 1 s, 2 s and so on up to every 5 s, until the database is back and the task done.
    ///
    /// Silent while nothing changes: a night without a database must not fill the log.
    pub async fn keep_trying(self, migrator: &dyn Migrator) -> Result<(), MigrateError> {
        let mut pause = Self::FIRST_PAUSE;
        loop {
            tokio::time::sleep(pause).await;
            match self.run(migrator).await {
                Err(MigrateError::Unavailable(_) | MigrateError::InProgress) => {
                    pause = Self::LONGEST_PAUSE.min(pause + Self::FIRST_PAUSE);
                }
                Ok(()) => {
                    info!("the database is available");
                    return Ok(());
                }
                Err(fatal) => {
                    error!(error = %fatal, "the database is available but cannot be used; stopping");
                    return Err(fatal);
                }
            }
        }
    }

    const FIRST_PAUSE: Duration = Duration::from_secs(1);
    const LONGEST_PAUSE: Duration = Duration::from_secs(5);

    async fn run(self, migrator: &dyn Migrator) -> Result<(), MigrateError> {
        match self {
            Self::Migrate => {
                for migration in migrator.migrate().await? {
                    info!(migration, "applied a migration");
                }
            }
            Self::Inspect => {
                let states = migrator.status().await?;
                let count = |status| states.iter().filter(|migration| migration.status == status).count();
                let (missing, unknown) = (count(MigrationStatus::Missing), count(MigrationStatus::Unknown));
                if missing > 0 {
                    warn!(missing, "the database's schema is behind this version: run `users migrate`");
                }
                if unknown > 0 {
                    warn!(unknown, "a later version has migrated the database; serving it as it is");
                }
            }
        }
        Ok(())
    }
}

/// A database without tables would be answered with an error that nobody understands.
pub async fn require_schema(migrator: &dyn Migrator) -> Result<(), Failure> {
    let complete =
        migrator.status().await?.iter().all(|migration| migration.status != MigrationStatus::Missing);
    if complete { Ok(()) } else { Err(Failure::SchemaBehind) }
}

#[cfg(test)]
mod tests {
    use users_ports::{MigrateError, MigrationState, MigrationStatus, MockMigrator};

    use super::{FirstLook, SchemaTask, require_schema};

    fn away() -> MigrateError {
        MigrateError::Unavailable("connection refused".to_owned())
    }

    fn ahead() -> MigrateError {
        MigrateError::SchemaAhead { unknown: "2099-01-01-000000_future".to_owned() }
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_no_failure() {
        let mut migrator = MockMigrator::new();
        migrator.expect_migrate().times(1).returning(|| Err(away()));
        assert_eq!(SchemaTask::Migrate.first_try(&migrator).await, Ok(FirstLook::Away));
    }

    #[tokio::test(start_paused = true)]
    async fn another_copys_migration_is_waited_for() {
        let mut migrator = MockMigrator::new();
        let mut tries = 0;
        migrator.expect_migrate().times(3).returning(move || {
            tries += 1;
            if tries < 3 { Err(MigrateError::InProgress) } else { Ok(vec![]) }
        });
        assert_eq!(SchemaTask::Migrate.first_try(&migrator).await, Ok(FirstLook::Away));
        assert_eq!(SchemaTask::Migrate.keep_trying(&migrator).await, Ok(()));
    }

    #[tokio::test]
    async fn a_schema_that_is_ahead_is_a_failure() {
        let mut migrator = MockMigrator::new();
        migrator.expect_migrate().returning(|| Err(ahead()));
        assert_eq!(SchemaTask::Migrate.first_try(&migrator).await, Err(ahead()));
    }

    #[tokio::test]
    async fn an_inspection_applies_nothing() {
        let mut migrator = MockMigrator::new();
        let state =
            MigrationState { name: "2026-11-01-000000_users".to_owned(), status: MigrationStatus::Missing };
        migrator.expect_migrate().never();
        migrator.expect_status().times(1).return_once(|| Ok(vec![state]));
        assert_eq!(SchemaTask::Inspect.first_try(&migrator).await, Ok(FirstLook::Done));
    }

    #[tokio::test(start_paused = true)]
    async fn the_pauses_grow_to_five_seconds() {
        let mut migrator = MockMigrator::new();
        let mut tries = 0;
        migrator.expect_migrate().times(8).returning(move || {
            tries += 1;
            if tries < 8 { Err(away()) } else { Ok(vec![]) }
        });
        let start = tokio::time::Instant::now();
        assert_eq!(SchemaTask::Migrate.keep_trying(&migrator).await, Ok(()));
        assert_eq!(start.elapsed().as_secs(), 1 + 2 + 3 + 4 + 5 + 5 + 5 + 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_schema_found_ahead_later_ends_the_trying() {
        let mut migrator = MockMigrator::new();
        migrator.expect_migrate().times(1).returning(|| Err(ahead()));
        assert_eq!(SchemaTask::Migrate.keep_trying(&migrator).await, Err(ahead()));
    }

    #[tokio::test]
    async fn a_database_without_the_schema_is_refused_in_plain_words() {
        let mut migrator = MockMigrator::new();
        let state = MigrationState { name: "1_users".to_owned(), status: MigrationStatus::Missing };
        migrator.expect_status().return_once(|| Ok(vec![state]));
        let failure = require_schema(&migrator).await.unwrap_err();
        assert!(failure.to_string().contains("users migrate"), "{failure}");
    }
}
