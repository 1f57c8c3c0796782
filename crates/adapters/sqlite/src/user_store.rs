use async_trait::async_trait;
use chrono::{DateTime, Utc};
use users_domain::{SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery};
use users_ports::{
    CommandOutcome, Directory, Ending, IdempotencyRecords, IdempotentRequest, RecordUsage, RepositoryError,
    Stamp, Transacted, UserCommand, Users, WriteError,
};

use crate::SqliteStore;
use crate::errors::repository_error;
use crate::idempotency_records;
use crate::jobs::{ReadJob, WriteJob, chore, not_served, read_chore};
use crate::list_jobs::ListJob;
use crate::pending_write::{Pending, Work};
use crate::transact::Transact;
use crate::write_user::WriteUser;

impl SqliteStore {
    /// Has the work done in the next transaction. One thread does all, in the order in which it was handed over.
    async fn carry_out<W: Work>(&self, work: W) -> Result<W::Done, WriteError> {
        let done = self.writer.ask(|answer| WriteJob::Write(Box::new(Pending::new(work, answer))));
        done.await.map_err(not_served)?
    }
}

#[async_trait]
impl Users for SqliteStore {
    async fn write(&self, command: UserCommand, stamp: &Stamp) -> Result<User, WriteError> {
        self.carry_out(WriteUser { command, now: stamp.at }).await
    }

    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        stamp: &Stamp,
        ending: Ending,
    ) -> Result<Transacted, WriteError> {
        self.carry_out(Transact { commands, ending, now: stamp.at }).await
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.readers.ask(|answer| ReadJob::User(id.clone(), answer)).await.map_err(not_served)?
    }
}

#[async_trait]
impl IdempotencyRecords for SqliteStore {
    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
        let request = Box::new(request.clone());
        self.readers.ask(|answer| ReadJob::Recall(request, now, answer)).await.map_err(not_served)?
    }

    async fn forget(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        chore(&self.writer, move |connection| {
            idempotency_records::forget(connection, most, now).map_err(|error| repository_error(&error))
        })
        .await
    }

    async fn usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        read_chore(&self.readers, idempotency_records::usage).await
    }
}

#[async_trait]
impl Directory for SqliteStore {
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
