use std::time::Duration;

use async_trait::async_trait;

use crate::{RepositoryError, Trouble};

/// Tells whether something that the service cannot do without is there.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Checks, by using it, that it is there and takes writes.
    ///
    /// - It MUST answer within the store's own time limit, also when the store does not answer at all.
    async fn check(&self) -> Result<SchemaState, Unhealthy>;
}

/// Which schema a database has that this version of the service can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// The one of this version.
    Current,
    /// The one of a later version. Migrations are such that the version before them goes on working.
    Ahead,
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unhealthy {
    /// The database cannot be used.
    #[error("{}", .trouble.sentence())]
    Database {
        /// What is wrong with it.
        trouble: Trouble,
        /// What it said, for the log alone: it may name hosts and users.
        said: String,
    },
    /// More is waiting for the database than it can serve, so that it could not be asked.
    #[error("more requests are waiting for the database than it can serve")]
    Overloaded,
    /// The database answers, but has no schema of this service.
    #[error("the database has no tables of the service: run `users migrate`")]
    SchemaMissing,
    /// The database answers, but has not been brought to the schema of this version yet.
    #[error("the database's schema is behind this version of the service: run `users migrate`")]
    SchemaBehind,
}

impl Unhealthy {
    /// The database cannot be used: `error` came instead of an answer. `trouble_in` tells what is wrong by what it said.
    pub fn because_of(error: RepositoryError, trouble_in: impl Fn(&str) -> Trouble) -> Self {
        match error {
            RepositoryError::Overloaded => Self::Overloaded,
            RepositoryError::Unavailable(said) | RepositoryError::Internal(said) => {
                Self::Database { trouble: trouble_in(&said), said }
            }
        }
    }

    /// The database did not answer within `limit`.
    pub fn silent_for(limit: Duration) -> Self {
        let said = format!("no answer within {} ms", limit.as_millis());
        Self::Database { trouble: Trouble::TimedOut, said }
    }

    /// What is wrong with the database, where it is the database.
    pub const fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Database { trouble, .. } => Some(*trouble),
            Self::Overloaded | Self::SchemaMissing | Self::SchemaBehind => None,
        }
    }
}

/// Which schema a database has by its migrations: those that it has, and those that the program knows.
pub fn schema_state(applied: &[String], known: &[String]) -> Result<SchemaState, Unhealthy> {
    match known.iter().filter(|version| applied.contains(version)).count() {
        0 => Err(Unhealthy::SchemaMissing),
        found if found < known.len() => Err(Unhealthy::SchemaBehind),
        _ if applied.len() > known.len() => Ok(SchemaState::Ahead),
        _ => Ok(SchemaState::Current),
    }
}

#[cfg(test)]
mod tests {
    use super::{SchemaState, Unhealthy, schema_state};

    #[test]
    fn the_schema_is_judged_by_the_migrations() {
        let versions = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        let judge = |applied| schema_state(&versions(applied), &versions("ab"));
        assert_eq!(judge(""), Err(Unhealthy::SchemaMissing));
        assert_eq!(judge("a"), Err(Unhealthy::SchemaBehind));
        assert_eq!(judge("ac"), Err(Unhealthy::SchemaBehind));
        assert_eq!(judge("ab"), Ok(SchemaState::Current));
        assert_eq!(judge("abc"), Ok(SchemaState::Ahead));
    }
}
