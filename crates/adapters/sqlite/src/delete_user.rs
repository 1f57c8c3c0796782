use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::{Precondition, UserId, Version};
use users_ports::{CommandOutcome, Rejection};

use crate::schema::{tokens, users};
use crate::user_reader::{Missed, missed, user};
use crate::user_row::UserRow;

/// Deletes a user with one statement that judges the precondition on the row that it deletes, and revokes its tokens.
pub(crate) fn delete(
    connection: &mut SqliteConnection,
    id: &UserId,
    precondition: &Precondition,
    now: DateTime<Utc>,
) -> QueryResult<CommandOutcome> {
    let mut statement = diesel::delete(users::table).into_boxed().filter(users::id.eq(id.as_str()));
    if let Precondition::VersionIn(versions) = precondition {
        statement = statement.filter(users::version.eq_any(versions.iter().copied().map(Version::number)));
    }
    let deleted = statement.returning(users::all_columns).get_result::<UserRow>(connection);
    if let Some(row) = deleted.optional()? {
        let of_user = tokens::user_id.eq(id.as_str()).and(tokens::revoked_at.is_null());
        diesel::update(tokens::table.filter(of_user))
            .set(tokens::revoked_at.eq(now.timestamp_micros()))
            .execute(connection)?;
        return user(row).map(Ok);
    }
    Ok(Err(match missed(connection, id, precondition)? {
        Missed::Stale(current) => Rejection::PreconditionFailed { current },
        Missed::Unknown | Missed::Unchanged(_) => Rejection::NotFound,
    }))
}
