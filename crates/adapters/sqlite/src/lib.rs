//! Skeleton: the shape that the app wires.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::{
    CreateUserError, HealthCheck, MigrateError, MigrationState, Migrator, RepositoryError, TokenRecord,
    TokenRepository, Unhealthy, UpdateUserError, UserRepository,
};

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct SqliteSettings {
    /// The database file; made where there is none.
    pub path: std::path::PathBuf,
    /// Connections that read, each with a thread of its own.
    pub read_connections: usize,
    /// Requests that may wait for each connection.
    pub queue_capacity: usize,
    /// The longest to wait for another process that writes.
    pub busy_timeout: Duration,
}

/// The users on embedded SQLite.
#[derive(Debug)]
pub struct SqliteStore;

impl SqliteStore {
    /// Opens the store; connections come up when they are first used.
    ///
    /// Fails with a sentence for the operator where the path cannot be used.
    pub fn open(_settings: &SqliteSettings) -> Result<Self, String> {
        Ok(Self)
    }
}

#[async_trait]
impl UserRepository for SqliteStore {
    async fn create(&self, _user: User) -> Result<User, CreateUserError> {
        Err(RepositoryError::Overloaded.into())
    }
    async fn find(&self, _id: &UserId) -> Result<Option<User>, RepositoryError> {
        Err(RepositoryError::Overloaded)
    }
    async fn update(
        &self,
        _id: &UserId,
        _update: UserUpdate,
        _precondition: Precondition,
        _now: DateTime<Utc>,
    ) -> Result<User, UpdateUserError> {
        Err(RepositoryError::Overloaded.into())
    }
}
#[async_trait]
impl TokenRepository for SqliteStore {
    async fn create(&self, _token: TokenRecord) -> Result<(), RepositoryError> {
        Err(RepositoryError::Overloaded)
    }
    async fn find(&self, _id: &str) -> Result<Option<TokenRecord>, RepositoryError> {
        Err(RepositoryError::Overloaded)
    }
    async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        Err(RepositoryError::Overloaded)
    }
    async fn revoke(&self, _id: &str, _now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        Err(RepositoryError::Overloaded)
    }
    async fn mark_used(&self, _id: &str, _day: NaiveDate) -> Result<(), RepositoryError> {
        Err(RepositoryError::Overloaded)
    }
}
#[async_trait]
impl HealthCheck for SqliteStore {
    async fn check(&self) -> Result<(), Unhealthy> {
        Err(Unhealthy::Unreachable)
    }
}
#[async_trait]
impl Migrator for SqliteStore {
    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        Ok(vec![])
    }
    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        Ok(vec![])
    }
}
