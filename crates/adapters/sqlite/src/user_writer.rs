use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::{Precondition, User, UserId, UserUpdate};
use users_gather::Answer;
use users_ports::{RepositoryError, UpdateUserError};

use crate::errors::{repository_error, update_user_error};
use crate::pool::{PreparedTexts, Session};
use crate::schema::users;
use crate::update_statement::UpdateStatement;
use crate::user_row::UserRow;

pub(crate) type Outcome = Result<User, UpdateUserError>;

/// One update, and the one who waits for its outcome.
pub(crate) struct PendingUpdate {
    pub(crate) id: UserId,
    pub(crate) update: UserUpdate,
    pub(crate) precondition: Precondition,
    pub(crate) now: DateTime<Utc>,
    pub(crate) answer: Answer<Outcome>,
}

/// Carries out the updates that have gathered, one after the other in one transaction: they share the flush to disk,
/// which is nearly all that an update costs. Each is answered when the transaction is on disk.
pub(crate) fn carry_out(session: &mut Session, updates: Vec<PendingUpdate>) {
    let Session { connection, texts } = session;
    let outcomes = connection.immediate_transaction(|connection| {
        updates.iter().map(|pending| update(connection, texts, pending)).collect::<QueryResult<Vec<_>>>()
    });
    match outcomes {
        Ok(outcomes) => {
            for (pending, outcome) in updates.into_iter().zip(outcomes) {
                pending.answer.give(outcome);
            }
        }
        Err(error) => refuse_all(updates, &repository_error(&error)),
    }
}

/// Carries out one update. An error is one of the whole transaction: an update that is refused is an outcome.
fn update(
    connection: &mut SqliteConnection,
    texts: &mut PreparedTexts,
    pending: &PendingUpdate,
) -> QueryResult<Outcome> {
    let PendingUpdate { id, update, precondition, now, .. } = pending;
    if let Some(statement) = UpdateStatement::new(id, update, precondition, *now, texts) {
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
    // Nobody else writes before the transaction ends, so the row is what the statement met.
    Ok(match find(connection, id)? {
        None => Err(UpdateUserError::NotFound),
        Some(user) if !precondition.holds(user.version()) => {
            Err(UpdateUserError::PreconditionFailed { current: user.version() })
        }
        Some(unchanged) => Ok(unchanged),
    })
}

pub(crate) fn find(connection: &mut SqliteConnection, id: &UserId) -> QueryResult<Option<User>> {
    users::table.find(id.as_str()).first::<UserRow>(connection).optional()?.map(user).transpose()
}

pub(crate) fn is_known(connection: &mut SqliteConnection, id: &str) -> Result<bool, RepositoryError> {
    let known = diesel::select(diesel::dsl::exists(users::table.find(id))).get_result(connection);
    known.map_err(|error| repository_error(&error))
}

/// The user that a row holds.
pub(crate) fn user(row: UserRow) -> QueryResult<User> {
    User::try_from(row).map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))
}

/// Answers each with the reason why nothing could be done for anybody.
pub(crate) fn refuse_all(updates: Vec<PendingUpdate>, error: &RepositoryError) {
    let error = UpdateUserError::from(error.clone());
    for pending in updates {
        pending.answer.give(Err(error.clone()));
    }
}
