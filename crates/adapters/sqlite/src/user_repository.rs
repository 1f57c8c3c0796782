use async_trait::async_trait;
use chrono::{DateTime, Utc};
use users_domain::{
    Precondition, SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate,
};
use users_ports::{
    CommandOutcome, CreateUserError, DeleteUserError, Ending, IdempotentRequest, RecordUsage,
    RepositoryError, TransactError, Transacted, UpdateUserError, UserCommand, UserRepository,
};

use crate::SqliteStore;
use crate::create_user::CreateUser;
use crate::delete_user::DeleteUser;
use crate::errors::repository_error;
use crate::idempotency_records;
use crate::jobs::{ReadJob, WriteJob, chore, not_served, read_chore};
use crate::list_jobs::ListJob;
use crate::pending_write::{Pending, Work};
use crate::transact::Transact;
use crate::update_user::UpdateUser;

impl SqliteStore {
    /// Has the work done in the next transaction. One thread does all, in the order in which it was handed over.
    async fn write<W: Work>(&self, work: W) -> Result<W::Done, W::Refusal> {
        let done = self.writer.ask(|answer| WriteJob::Write(Box::new(Pending::new(work, answer))));
        done.await.map_err(not_served)?
    }
}

#[async_trait]
impl UserRepository for SqliteStore {
    async fn create(&self, user: User) -> Result<User, CreateUserError> {
        self.write(CreateUser(user)).await
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.readers.ask(|answer| ReadJob::User(id.clone(), answer)).await.map_err(not_served)?
    }

    async fn update(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, UpdateUserError> {
        self.write(UpdateUser { id: id.clone(), update, precondition, now }).await
    }

    async fn delete(
        &self,
        id: &UserId,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, DeleteUserError> {
        self.write(DeleteUser { id: id.clone(), precondition, now }).await
    }

    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Transacted, TransactError> {
        self.write(Transact { commands, ending, now }).await
    }

    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, TransactError> {
        let request = Box::new(request.clone());
        self.readers.ask(|answer| ReadJob::Recall(request, now, answer)).await.map_err(not_served)?
    }

    async fn forget_records(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        chore(&self.writer, move |connection| {
            idempotency_records::forget(connection, most, now).map_err(|error| repository_error(&error))
        })
        .await
    }

    async fn record_usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        read_chore(&self.readers, idempotency_records::usage).await
    }

    async fn search(&self, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        let query = Box::new(query.clone());
        self.listers.ask(|answer| ListJob::Search(query, answer)).await.map_err(not_served)?
    }

    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError> {
        let query = Box::new(query.clone());
        let lane = if query.visits_many() { &self.visitors } else { &self.listers };
        lane.ask(|answer| ListJob::Page(query, answer)).await.map_err(not_served)?
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError> {
        let filter = Box::new(filter.clone());
        self.visitors.ask(|answer| ListJob::Count(filter, answer)).await.map_err(not_served)?
    }
}
