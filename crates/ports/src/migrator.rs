use async_trait::async_trait;

/// Brings a store to the schema that this version of the service works on.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Migrator: Send + Sync {
    /// Applies every migration that is missing, in order, and gives back their names.
    ///
    /// - Several callers at once MUST NOT apply a migration twice.
    /// - It MUST fail with [`MigrateError::SchemaAhead`] where the store has migrations that this version does not
    ///   know, and apply nothing.
    async fn migrate(&self) -> Result<Vec<String>, MigrateError>;

    /// Every migration that this version knows, in order, and whether the store has it.
    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError>;
}

/// A migration, and whether the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// The migration's name.
    pub name: String,
    /// Whether the store has it.
    pub applied: bool,
}

/// Why a store was not migrated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// The store cannot be reached, or did not answer in time.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The store was migrated by a later version of the service.
    #[error(
        "the database's schema is ahead of this version of the service: it has the unknown migration {unknown}"
    )]
    SchemaAhead {
        /// The first migration that this version does not know.
        unknown: String,
    },
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Failed(String),
}
