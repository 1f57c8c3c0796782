use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::User;
use users_ports::{CommandOutcome, Rejection, WriteError};

use crate::errors::write_error;
use crate::schema::users;
use crate::user_reader::is_known;
use crate::user_row::UserRow;

/// Stores a new user.
pub(crate) fn create(connection: &mut SqliteConnection, user: &User) -> QueryResult<CommandOutcome> {
    let insert = diesel::insert_into(users::table).values(UserRow::from(user.clone()));
    let Err(error) = insert.execute(connection) else { return Ok(Ok(user.clone())) };
    // SQLite takes back what the statement did, and the transaction goes on.
    match write_error(&error) {
        // If both are taken, SQLite names either.
        WriteError::Rejected(Rejection::UsernameTaken) if is_known(connection, user.id())? => {
            Ok(Err(Rejection::IdTaken))
        }
        WriteError::Rejected(rejection) => Ok(Err(rejection)),
        _ => Err(error),
    }
}
