//! Skeleton: the shape that the app wires.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::{
    CreateUserError, HealthCheck, MigrateError, MigrationState, Migrator, RepositoryError, TokenRecord,
    TokenRepository, Unhealthy, UpdateUserError, UserRepository,
};

/// How the store is reached and used.
#[derive(Clone, Debug)]
pub struct PostgresSettings {
    /// A libpq connection URI, `postgres://…`.
    pub url: String,
    /// Connections that write, each with a thread of its own.
    pub write_connections: usize,
    /// Connections that read, each with a thread of its own.
    pub read_connections: usize,
    /// Requests that may wait for each connection.
    pub queue_capacity: usize,
    /// The longest that a connection may take to come up.
    pub connect_timeout: Duration,
    /// The longest that a statement may take in the database.
    pub statement_timeout: Duration,
}

/// The users on PostgreSQL.
#[derive(Debug)]
pub struct PostgresStore;

impl PostgresStore {
    /// Opens the store without connecting yet: a database that is away now is waited for.
    ///
    /// Fails with a sentence for the operator where the URL cannot be read.
    pub fn open(_settings: &PostgresSettings) -> Result<Self, String> {
        Ok(Self)
    }
}

#[async_trait]
impl UserRepository for PostgresStore {
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
impl TokenRepository for PostgresStore {
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
impl HealthCheck for PostgresStore {
    async fn check(&self) -> Result<(), Unhealthy> {
        Err(Unhealthy::Unreachable)
    }
}
#[async_trait]
impl Migrator for PostgresStore {
    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        Ok(vec![])
    }
    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        Ok(vec![])
    }
}
