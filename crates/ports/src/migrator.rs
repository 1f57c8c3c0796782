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

    /// Every migration that this version knows, in order, and those besides that the store has. It MUST change nothing, so
    /// that it can be asked of a store that takes no writes.
    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError>;
}

/// A migration, and how it stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationState {
    /// The migration's name; of one that this version does not know, the number that the store has of it.
    pub name: String,
    /// How it stands.
    pub status: MigrationStatus,
}

/// How it stands with a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationStatus {
    /// The store has it.
    Applied,
    /// The store does not have it yet.
    Missing,
    /// The store has it, but this version does not know it: a later one has migrated the store.
    Unknown,
}

impl MigrationState {
    /// How it stands with all migrations: `known` are the versions and names of those of this program, `applied` the
    /// versions of those that the store has.
    pub fn of_all(known: Vec<(String, String)>, applied: &[String]) -> Vec<Self> {
        let is_known = |version: &String| known.iter().any(|(known, _)| known == version);
        let unknown: Vec<_> = applied.iter().filter(|version| !is_known(version)).cloned().collect();
        let known = known.into_iter().map(|(version, name)| {
            let has = applied.contains(&version);
            Self { name, status: if has { MigrationStatus::Applied } else { MigrationStatus::Missing } }
        });
        known.chain(unknown.into_iter().map(|name| Self { name, status: MigrationStatus::Unknown })).collect()
    }
}

/// Why a store was not migrated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MigrateError {
    /// The store cannot be reached, or did not answer in time.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The store was migrated by a later version of the service.
    #[error(
        "the database's schema is ahead of this version of the service: it has the unknown migration {unknown}. \
         A later version has migrated it; `users serve --no-migrate` serves it as it is"
    )]
    SchemaAhead {
        /// The first migration that this version does not know.
        unknown: String,
    },
    /// Another copy of the service is migrating the store, and has been for longer than this one waited. Asked again, the
    /// store is waited for again.
    #[error("another copy of the service is migrating the database")]
    InProgress,
    /// The store can never be used as it is set up.
    #[error("{0}")]
    Unsuitable(String),
    /// A migration failed.
    #[error("a migration failed: {0}")]
    Failed(String),
}

#[cfg(test)]
mod tests {
    use super::{MigrationState, MigrationStatus};

    #[test]
    fn what_a_later_version_did_comes_last() {
        let known = vec![("1".to_owned(), "1_users".to_owned()), ("2".to_owned(), "2_tokens".to_owned())];
        let states = MigrationState::of_all(known, &["1".to_owned(), "3".to_owned()]);
        let states: Vec<_> = states.iter().map(|state| (state.name.as_str(), state.status)).collect();
        let expected = [
            ("1_users", MigrationStatus::Applied),
            ("2_tokens", MigrationStatus::Missing),
            ("3", MigrationStatus::Unknown),
        ];
        assert_eq!(states, expected);
    }
}
