use std::future::pending;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use users_domain::{
    Precondition, SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate,
};
use users_ports::{
    CommandOutcome, CreateUserError, DeleteUserError, Ending, IdempotentRequest, RecordUsage,
    RepositoryError, TransactError, Transacted, UpdateUserError, UserCommand, UserRepository,
};

/// A store that takes everything and never answers.
#[derive(Clone, Copy, Debug)]
pub struct StuckStore;

#[async_trait]
impl UserRepository for StuckStore {
    async fn create(&self, _: User) -> Result<User, CreateUserError> {
        pending().await
    }

    async fn find(&self, _: &UserId) -> Result<Option<User>, RepositoryError> {
        pending().await
    }

    async fn update(
        &self,
        _: &UserId,
        _: UserUpdate,
        _: Precondition,
        _: DateTime<Utc>,
    ) -> Result<User, UpdateUserError> {
        pending().await
    }

    async fn delete(&self, _: &UserId, _: Precondition, _: DateTime<Utc>) -> Result<User, DeleteUserError> {
        pending().await
    }

    async fn transact(
        &self,
        _: Vec<UserCommand>,
        _: Ending,
        _: DateTime<Utc>,
    ) -> Result<Transacted, TransactError> {
        pending().await
    }

    async fn recall(
        &self,
        _: &IdempotentRequest,
        _: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, TransactError> {
        pending().await
    }

    async fn forget_records(&self, _: u32, _: DateTime<Utc>) -> Result<u64, RepositoryError> {
        pending().await
    }

    async fn record_usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        pending().await
    }

    async fn search(&self, _: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        pending().await
    }

    async fn list(&self, _: &UserQuery) -> Result<UserPage, RepositoryError> {
        pending().await
    }

    async fn count(&self, _: &UserFilter) -> Result<u64, RepositoryError> {
        pending().await
    }
}
