use diesel::prelude::*;
use diesel::result::Error;
use diesel::sqlite::SqliteConnection;
use users_domain::{Precondition, User, UserId, Version};

use crate::schema::users;
use crate::user_row::UserRow;

/// Finds a user.
pub(crate) fn find(connection: &mut SqliteConnection, id: &UserId) -> QueryResult<Option<User>> {
    users::table.find(id.as_str()).first::<UserRow>(connection).optional()?.map(user).transpose()
}

/// Whether there is a user with the id.
pub(crate) fn is_known(connection: &mut SqliteConnection, id: &UserId) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(users::table.find(id.as_str()))).get_result(connection)
}

/// The user that a row holds.
pub(crate) fn user(row: UserRow) -> QueryResult<User> {
    User::try_from(row).map_err(|error| Error::DeserializationError(Box::new(error)))
}

/// Why a statement for one user met no row that it could change.
pub(crate) enum Missed {
    /// There is no such user.
    Unknown,
    /// The precondition does not hold.
    Stale(Version),
    /// The user is as it is to be.
    Unchanged(Box<User>),
}

/// Finds out why a statement met no row.
///
/// Nobody else writes before the transaction ends, so the row is what the statement met.
pub(crate) fn missed(
    connection: &mut SqliteConnection,
    id: &UserId,
    precondition: &Precondition,
) -> QueryResult<Missed> {
    Ok(match find(connection, id)? {
        None => Missed::Unknown,
        Some(user) if !precondition.holds(user.version()) => Missed::Stale(user.version()),
        Some(unchanged) => Missed::Unchanged(Box::new(unchanged)),
    })
}
