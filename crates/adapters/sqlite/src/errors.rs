use diesel::result::{DatabaseErrorKind, Error};
use users_ports::{Rejection, RepositoryError, WriteError};

/// What the repositories say of an error that is no answer to what was asked.
///
/// A file that is busy, full or cannot be written for now gets better: the caller may try again. What breaks a rule
/// of the schema, or cannot be read, is a fault of this program.
pub(crate) fn repository_error(error: &Error) -> RepositoryError {
    use DatabaseErrorKind as Kind;
    match error {
        Error::DatabaseError(
            Kind::UniqueViolation | Kind::ForeignKeyViolation | Kind::NotNullViolation | Kind::CheckViolation,
            _,
        )
        | Error::DeserializationError(_)
        | Error::SerializationError(_)
        | Error::QueryBuilderError(_)
        | Error::InvalidCString(_) => RepositoryError::Internal(error.to_string()),
        _ => RepositoryError::Unavailable(error.to_string()),
    }
}

/// The column whose uniqueness a statement broke. SQLite tells it in the message alone, in a form that is
/// part of its interface: `UNIQUE constraint failed: users.id`.
fn broken_constraint(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
            information.message().strip_prefix("UNIQUE constraint failed: ")
        }
        _ => None,
    }
}

/// What an error means for the write that met it.
pub(crate) fn write_error(error: &Error) -> WriteError {
    match broken_constraint(error) {
        Some("users.id") => Rejection::IdTaken.into(),
        Some("users.username_key") => Rejection::UsernameTaken.into(),
        _ => repository_error(error).into(),
    }
}

/// Whether the error is about what was asked, and not trouble with the database: a rule of the schema forbids it, or there
/// is nothing.
pub(crate) const fn is_answer(error: &Error) -> bool {
    use DatabaseErrorKind::{CheckViolation, ForeignKeyViolation, NotNullViolation, UniqueViolation};
    matches!(
        error,
        Error::NotFound
            | Error::DatabaseError(
                UniqueViolation | CheckViolation | NotNullViolation | ForeignKeyViolation,
                _
            )
    )
}
