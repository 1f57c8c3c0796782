use diesel::result::{DatabaseErrorKind, Error};
use users_ports::{Rejection, RepositoryError, WriteError};

/// What the repositories say of an error that is no answer to what was asked.
///
/// A database that is away, restarting, read-only, out of disk or too slow gets better: the caller may try again. What
/// breaks a rule of the schema, or cannot be read, is a fault of this program.
pub(crate) fn repository_error(error: &Error) -> RepositoryError {
    use DatabaseErrorKind as Kind;
    match error {
        Error::DatabaseError(
            Kind::UniqueViolation
            | Kind::ForeignKeyViolation
            | Kind::NotNullViolation
            | Kind::CheckViolation
            | Kind::ExclusionViolation
            | Kind::RestrictViolation,
            _,
        )
        | Error::DeserializationError(_)
        | Error::SerializationError(_)
        | Error::QueryBuilderError(_)
        | Error::InvalidCString(_) => RepositoryError::Internal(error.to_string()),
        _ => RepositoryError::Unavailable(error.to_string()),
    }
}

/// What libpq says where no connection comes up, which is a line for each host, without the ends of the lines.
pub(crate) fn one_line(message: &str) -> String {
    message.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The name of the unique constraint that a statement broke.
fn broken_constraint(error: &Error) -> Option<&str> {
    match error {
        Error::DatabaseError(DatabaseErrorKind::UniqueViolation, information) => {
            information.constraint_name()
        }
        _ => None,
    }
}

/// What an error means for a write that was tried alone.
pub(crate) fn write_error(error: &Error) -> WriteError {
    match broken_constraint(error) {
        Some("users_username_key_unique") => Rejection::UsernameTaken.into(),
        _ => repository_error(error).into(),
    }
}

/// Whether the error is an answer to what was asked: the write is rejected, and nothing is wrong.
pub(crate) fn is_rejection(error: &Error) -> bool {
    !matches!(write_error(error), WriteError::Repository(_))
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

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn what_is_said_of_several_hosts_is_one_sentence() {
        assert_eq!(
            one_line("first failed: refused\n\tsecond failed: refused\n\n"),
            "first failed: refused; second failed: refused"
        );
        assert_eq!(one_line("one\n"), "one");
    }
}
