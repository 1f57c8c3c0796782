use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use users_domain::{
    Precondition, SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate,
};
use users_gather::Answer;
use users_ports::{
    CommandOutcome, CreateUserError, DeleteUserError, Ending, IdempotentRequest, RecordUsage,
    RepositoryError, TransactError, Transacted, UpdateUserError, UserCommand, UserRepository,
};

use crate::create_user::PendingCreate;
use crate::delete_user::PendingDelete;
use crate::errors::repository_error;
use crate::jobs::{Find, ReadJob, WriteJob, chore, not_served, read_chore, session_chore};
use crate::list_jobs::ListJob;
use crate::reply::Reply;
use crate::transact::Transact;
use crate::update_group::PendingUpdate;
use crate::user_writer::UserWrite;
use crate::{PostgresStore, idempotency_records};

impl PostgresStore {
    /// Has a user written after what was handed over before for the same user.
    async fn write<E: From<RepositoryError>>(
        &self,
        id: &UserId,
        make_write: impl FnOnce(Reply<E>) -> UserWrite,
    ) -> Result<User, E> {
        let make_job = |answer: Answer<Result<User, E>>| WriteJob::Write(make_write(Reply::Answer(answer)));
        let done = self.writers.ask_in_order(id, make_job).await;
        done.map_err(|reason| E::from(not_served(reason)))?
    }
}

#[async_trait]
impl UserRepository for PostgresStore {
    async fn create(&self, user: User) -> Result<User, CreateUserError> {
        let id = user.id().clone();
        self.write(&id, |reply| UserWrite::Create(Box::new(PendingCreate::new(user, reply)))).await
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.readers.ask(|answer| ReadJob::Find(Find { id: id.clone(), answer })).await.map_err(not_served)?
    }

    async fn update(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, UpdateUserError> {
        // PostgreSQL would round to the microsecond.
        let now = now.trunc_subsecs(6);
        self.write(id, |reply| {
            UserWrite::Update(Box::new(PendingUpdate { id: id.clone(), update, precondition, now, reply }))
        })
        .await
    }

    async fn delete(
        &self,
        id: &UserId,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, DeleteUserError> {
        // PostgreSQL would round to the microsecond.
        let now = now.trunc_subsecs(6);
        self.write(id, |reply| {
            UserWrite::Delete(Box::new(PendingDelete { id: id.clone(), precondition, now, reply }))
        })
        .await
    }

    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Transacted, TransactError> {
        let transact = Transact { commands, ending, now: now.trunc_subsecs(6) };
        session_chore(&self.writers, move |session| transact.carry_out(session)).await
    }

    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, TransactError> {
        let request = request.clone();
        session_chore(&self.writers, move |session| {
            let kept = idempotency_records::kept(&mut session.connection, &request, now.trunc_subsecs(6));
            kept.map_err(|error| repository_error(&error))?
        })
        .await
    }

    async fn forget_records(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        chore(&self.writers, move |connection| {
            idempotency_records::forget(connection, most, now.trunc_subsecs(6))
                .map_err(|error| repository_error(&error))
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
