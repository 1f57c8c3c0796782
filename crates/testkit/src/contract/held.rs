use std::ops::Deref;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use users_domain::{SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery};
use users_ports::{
    CommandOutcome, Directory, Ending, HealthCheck, IdempotencyRecords, IdempotentRequest, MigrateError,
    MigrationState, Migrator, RecordUsage, RepositoryError, SchemaState, Stamp, TokenRecord, TokenRepository,
    Transacted, Unhealthy, UserCommand, Users, WriteError,
};

/// A store together with what must live as long as it, such as its folder; every port goes to the store.
pub struct Held<F>(pub F);

#[async_trait]
impl<F> Users for Held<F>
where
    F: Deref<Target: Users> + Send + Sync,
{
    async fn write(&self, command: UserCommand, stamp: &Stamp) -> Result<User, WriteError> {
        self.0.write(command, stamp).await
    }

    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        stamp: &Stamp,
        ending: Ending,
    ) -> Result<Transacted, WriteError> {
        self.0.transact(commands, stamp, ending).await
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.0.find(id).await
    }
}

#[async_trait]
impl<F> Directory for Held<F>
where
    F: Deref<Target: Directory> + Send + Sync,
{
    async fn search(&self, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        self.0.search(query).await
    }

    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError> {
        self.0.list(query).await
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError> {
        self.0.count(filter).await
    }
}

#[async_trait]
impl<F> IdempotencyRecords for Held<F>
where
    F: Deref<Target: IdempotencyRecords> + Send + Sync,
{
    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
        self.0.recall(request, now).await
    }

    async fn forget(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        self.0.forget(most, now).await
    }

    async fn usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        self.0.usage().await
    }
}

#[async_trait]
impl<F> TokenRepository for Held<F>
where
    F: Deref<Target: TokenRepository> + Send + Sync,
{
    async fn create(&self, token: TokenRecord) -> Result<(), RepositoryError> {
        self.0.create(token).await
    }

    async fn find(&self, id: &str) -> Result<Option<TokenRecord>, RepositoryError> {
        self.0.find(id).await
    }

    async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        self.0.list().await
    }

    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        self.0.revoke(id, now).await
    }

    async fn rotate(
        &self,
        id: &str,
        successor: TokenRecord,
        until: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        self.0.rotate(id, successor, until).await
    }

    async fn prune(&self, end: DateTime<Utc>) -> Result<u64, RepositoryError> {
        self.0.prune(end).await
    }

    async fn mark_used(&self, id: &str, day: NaiveDate) -> Result<(), RepositoryError> {
        self.0.mark_used(id, day).await
    }
}

#[async_trait]
impl<F> Migrator for Held<F>
where
    F: Deref<Target: Migrator> + Send + Sync,
{
    async fn migrate(&self) -> Result<Vec<String>, MigrateError> {
        self.0.migrate().await
    }

    async fn status(&self) -> Result<Vec<MigrationState>, MigrateError> {
        self.0.status().await
    }
}

#[async_trait]
impl<F> HealthCheck for Held<F>
where
    F: Deref<Target: HealthCheck> + Send + Sync,
{
    async fn check(&self) -> Result<SchemaState, Unhealthy> {
        self.0.check().await
    }
}
