use async_trait::async_trait;
use chrono::{DateTime, SubsecRound, Utc};
use diesel::prelude::*;
use users_domain::{Precondition, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate};
use users_ports::{CreateUserError, RepositoryError, UpdateUserError, UserRepository};

use crate::PostgresStore;
use crate::errors::create_user_error;
use crate::jobs::{ReadJob, WriteJob, chore, not_served};
use crate::list_jobs::ListJob;
use crate::schema::users;
use crate::update_group::PendingUpdate;
use crate::user_row::UserRow;

#[async_trait]
impl UserRepository for PostgresStore {
    async fn create(&self, user: User) -> Result<User, CreateUserError> {
        let row = UserRow::from(user.clone());
        let insert = move |connection: &mut PgConnection| {
            let inserted = diesel::insert_into(users::table).values(row).execute(connection);
            // A refusal is an answer of the statement, not a failure of the chore.
            Ok(inserted.map_err(|error| create_user_error(&error)))
        };
        chore(&self.writers, insert).await??;
        Ok(user)
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        self.readers.ask(|answer| ReadJob { id: id.clone(), answer }).await.map_err(not_served)?
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
        let done = self.writers.ask_in_order(id, |answer| {
            WriteJob::Update(Box::new(PendingUpdate { id: id.clone(), update, precondition, now, answer }))
        });
        done.await.map_err(not_served)?
    }

    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError> {
        let query = Box::new(query.clone());
        self.listers.ask(|answer| ListJob::Page(query, answer)).await.map_err(not_served)?
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError> {
        let filter = Box::new(filter.clone());
        self.listers.ask(|answer| ListJob::Count(filter, answer)).await.map_err(not_served)?
    }
}
