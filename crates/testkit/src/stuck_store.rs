use std::future::pending;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use users_domain::{SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery};
use users_ports::{
    CommandOutcome, Directory, Ending, IdempotencyRecords, IdempotentRequest, RecordUsage, RepositoryError,
    Stamp, Transacted, UserCommand, Users, WriteError,
};

/// A store that takes everything and never answers.
#[derive(Clone, Copy, Debug)]
pub struct StuckStore;

#[async_trait]
impl Users for StuckStore {
    async fn write(&self, _: UserCommand, _: &Stamp) -> Result<User, WriteError> {
        pending().await
    }

    async fn transact(&self, _: Vec<UserCommand>, _: &Stamp, _: Ending) -> Result<Transacted, WriteError> {
        pending().await
    }

    async fn find(&self, _: &UserId) -> Result<Option<User>, RepositoryError> {
        pending().await
    }
}

#[async_trait]
impl Directory for StuckStore {
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

#[async_trait]
impl IdempotencyRecords for StuckStore {
    async fn recall(
        &self,
        _: &IdempotentRequest,
        _: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
        pending().await
    }

    async fn forget(&self, _: u32, _: DateTime<Utc>) -> Result<u64, RepositoryError> {
        pending().await
    }

    async fn usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        pending().await
    }
}
