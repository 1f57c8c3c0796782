use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::{Precondition, UserId, UserUpdate};
use users_ports::{CommandOutcome, Rejection, WriteError};

use crate::errors::write_error;
use crate::pool::PreparedTexts;
use crate::update_statement::UpdateStatement;
use crate::user_reader::{Missed, missed, user};
use crate::user_row::UserRow;

/// Carries out an update.
pub(crate) fn update(
    connection: &mut SqliteConnection,
    texts: &mut PreparedTexts,
    id: &UserId,
    update: &UserUpdate,
    precondition: &Precondition,
    now: DateTime<Utc>,
) -> QueryResult<CommandOutcome> {
    if let Some(statement) = UpdateStatement::new(id, update, precondition, now, texts) {
        match statement.get_result::<UserRow>(connection).optional() {
            Ok(Some(row)) => return user(row).map(Ok),
            // Nothing was written; why, the row tells.
            Ok(None) => {}
            // SQLite takes back what the statement did, and the transaction goes on.
            Err(error) => match write_error(&error) {
                WriteError::Rejected(rejection) => return Ok(Err(rejection)),
                _ => return Err(error),
            },
        }
    }
    Ok(match missed(connection, id, precondition)? {
        Missed::Unknown => Err(Rejection::NotFound),
        Missed::Stale(current) => Err(Rejection::PreconditionFailed { current }),
        Missed::Unchanged(user) => Ok(*user),
    })
}
