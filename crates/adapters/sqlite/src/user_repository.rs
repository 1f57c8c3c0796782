use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use users_domain::{Precondition, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate};
use users_ports::{CreateUserError, RepositoryError, UpdateUserError, UserRepository};

use crate::SqliteStore;
use crate::errors::create_user_error;
use crate::jobs::{ReadJob, WriteJob, chore, not_served};
use crate::list_jobs::ListJob;
use crate::schema::users;
use crate::user_row::UserRow;
use crate::user_writer::{self, PendingUpdate};

#[async_trait]
impl UserRepository for SqliteStore {
    async fn create(&self, user: User) -> Result<User, CreateUserError> {
        let row = UserRow::from(user.clone());
        let insert = move |connection: &mut SqliteConnection| {
            let id = row.id.clone();
            let inserted = diesel::insert_into(users::table).values(row).execute(connection);
            let refusal = inserted.map_err(|error| create_user_error(&error));
            // Where both are taken, SQLite names either.
            if refusal == Err(CreateUserError::UsernameTaken) && user_writer::is_known(connection, &id)? {
                return Ok(Err(CreateUserError::IdTaken));
            }
            // A refusal is an answer of the statement, not a failure of the chore.
            Ok(refusal)
        };
        chore(&self.writer, insert).await??;
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
        let done = self.writer.ask_in_order(id, |answer| {
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
