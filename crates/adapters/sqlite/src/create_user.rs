use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::User;
use users_ports::CreateUserError;

use crate::errors::create_user_error;
use crate::pending_write::Work;
use crate::pool::PreparedTexts;
use crate::schema::users;
use crate::user_reader::is_known;
use crate::user_row::UserRow;

/// A user to be kept.
pub(crate) struct CreateUser(pub(crate) User);

impl Work for CreateUser {
    type Done = User;
    type Refusal = CreateUserError;

    fn carry_out(
        &self,
        connection: &mut SqliteConnection,
        _: &mut PreparedTexts,
    ) -> QueryResult<Result<User, CreateUserError>> {
        create(connection, &self.0)
    }
}

/// Keeps a user.
pub(crate) fn create(
    connection: &mut SqliteConnection,
    user: &User,
) -> QueryResult<Result<User, CreateUserError>> {
    let insert = diesel::insert_into(users::table).values(UserRow::from(user.clone()));
    let Err(error) = insert.execute(connection) else { return Ok(Ok(user.clone())) };
    // SQLite takes back what the statement did, and the transaction goes on.
    match create_user_error(&error) {
        CreateUserError::Repository(_) => Err(error),
        // Where both are taken, SQLite names either.
        CreateUserError::UsernameTaken if is_known(connection, user.id())? => {
            Ok(Err(CreateUserError::IdTaken))
        }
        refusal => Ok(Err(refusal)),
    }
}
