use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::UpdateUserError;

use crate::errors::update_user_error;
use crate::pending_write::Work;
use crate::pool::PreparedTexts;
use crate::update_statement::UpdateStatement;
use crate::user_reader::{Missed, missed, user};
use crate::user_row::UserRow;

/// An update to be carried out.
pub(crate) struct UpdateUser {
    pub(crate) id: UserId,
    pub(crate) update: UserUpdate,
    pub(crate) precondition: Precondition,
    pub(crate) now: DateTime<Utc>,
}

impl Work for UpdateUser {
    type Done = User;
    type Refusal = UpdateUserError;

    fn carry_out(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
    ) -> QueryResult<Result<User, UpdateUserError>> {
        let Self { id, update: change, precondition, now } = self;
        update(connection, texts, id, change, precondition, *now)
    }
}

/// Carries out an update.
pub(crate) fn update(
    connection: &mut SqliteConnection,
    texts: &mut PreparedTexts,
    id: &UserId,
    update: &UserUpdate,
    precondition: &Precondition,
    now: DateTime<Utc>,
) -> QueryResult<Result<User, UpdateUserError>> {
    if let Some(statement) = UpdateStatement::new(id, update, precondition, now, texts) {
        match statement.get_result::<UserRow>(connection).optional() {
            Ok(Some(row)) => return user(row).map(Ok),
            // Nothing was written; why, the row tells.
            Ok(None) => {}
            // SQLite takes back what the statement did, and the transaction goes on.
            Err(error) => match update_user_error(&error) {
                UpdateUserError::Repository(_) => return Err(error),
                refusal => return Ok(Err(refusal)),
            },
        }
    }
    Ok(match missed(connection, id, precondition)? {
        Missed::Unknown => Err(UpdateUserError::NotFound),
        Missed::Stale(current) => Err(UpdateUserError::PreconditionFailed { current }),
        Missed::Unchanged(user) => Ok(*user),
    })
}
