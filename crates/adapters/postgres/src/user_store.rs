use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use users_domain::{SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery};
use users_ports::{
    CommandOutcome, Directory, Ending, IdempotencyRecords, IdempotentRequest, RecordUsage, RepositoryError,
    Stamp, Transacted, UserCommand, Users, WriteError,
};

use crate::errors::repository_error;
use crate::jobs::{Find, ReadJob, WriteJob, chore, not_served, read_chore, session_chore};
use crate::list_jobs::ListJob;
use crate::reply::Reply;
use crate::transact::Transact;
use crate::user_writer::UserWrite;
use crate::{PostgresStore, idempotency_records};

#[async_trait]
impl Users for PostgresStore {
    async fn write(&self, command: UserCommand, stamp: &Stamp) -> Result<User, WriteError> {
        // PostgreSQL would round to the microsecond.
        let (id, now) = (command.id().clone(), stamp.at.trunc_subsecs(6));
        // After what was handed over before for the same user.
        let written = self
            .writers
            .ask_in_order(&id, |answer| WriteJob::Write(UserWrite::new(command, now, Reply::Answer(answer))));
        written.await.map_err(not_served)?
    }

    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        stamp: &Stamp,
        ending: Ending,
    ) -> Result<Transacted, WriteError> {
        let transact = Transact { commands, ending, now: stamp.at.trunc_subsecs(6) };
        session_chore(&self.writers, move |session| transact.carry_out(session)).await
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.readers.ask(|answer| ReadJob::Find(Find { id: id.clone(), answer })).await.map_err(not_served)?
    }
}

#[async_trait]
impl IdempotencyRecords for PostgresStore {
    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
        let request = request.clone();
        session_chore(&self.writers, move |session| {
            let kept = idempotency_records::kept(&mut session.connection, &request, now.trunc_subsecs(6));
            kept.map_err(|error| repository_error(&error))?
        })
        .await
    }

    async fn forget(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        chore(&self.writers, move |connection| {
            idempotency_records::forget(connection, most, now.trunc_subsecs(6))
                .map_err(|error| repository_error(&error))
        })
        .await
    }

    async fn usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        read_chore(&self.readers, idempotency_records::usage).await
    }
}

#[async_trait]
impl Directory for PostgresStore {
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
