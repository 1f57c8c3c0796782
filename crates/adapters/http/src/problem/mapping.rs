//! Maps what the use cases refuse to what the wire tells: one exhaustive match for each kind of error.

use users_use_cases::{AuthenticateError, CreateUserError, RepositoryError, Unhealthy, UpdateUserError};

use super::{ErrorCode, FieldError, Problem};
use crate::extract::{Challenge, challenged};
use crate::users::entity_tag;

impl From<RepositoryError> for Problem {
    fn from(error: RepositoryError) -> Self {
        let cause = error.to_string();
        match error {
            RepositoryError::Unavailable(_) => {
                Self::unavailable("The database is not available. Try again.", cause)
            }
            RepositoryError::Overloaded => {
                Self::unavailable("Too many requests are waiting. Try again.", cause)
            }
            RepositoryError::Internal(_) => Self::internal(cause),
        }
    }
}

impl From<UpdateUserError> for Problem {
    fn from(error: UpdateUserError) -> Self {
        match error {
            UpdateUserError::NotFound => Self::no_such_user(),
            UpdateUserError::PreconditionFailed { current } => {
                let detail = "The user is in another version than the request asks for; ETag tells which.";
                let problem = Self::new(ErrorCode::PreconditionFailed, detail);
                problem.with_header(actix_web::http::header::ETAG, entity_tag(current))
            }
            UpdateUserError::UsernameTaken => taken("username"),
            UpdateUserError::Repository(error) => error.into(),
        }
    }
}

impl From<CreateUserError> for Problem {
    fn from(error: CreateUserError) -> Self {
        match error {
            CreateUserError::IdTaken => taken("id"),
            CreateUserError::UsernameTaken => taken("username"),
            CreateUserError::Repository(error) => error.into(),
        }
    }
}

impl From<AuthenticateError> for Problem {
    fn from(error: AuthenticateError) -> Self {
        match error {
            AuthenticateError::Invalid => challenged(Challenge::Invalid),
            AuthenticateError::Expired => challenged(Challenge::Expired),
            AuthenticateError::Repository(error) => error.into(),
        }
    }
}

impl From<Unhealthy> for Problem {
    fn from(unhealthy: Unhealthy) -> Self {
        let sentence = unhealthy.to_string();
        Self::unavailable(format!("The service is not ready: {sentence}."), sentence)
    }
}

fn taken(member: &str) -> Problem {
    let error = FieldError {
        pointer: super::pointer_to(member),
        code: "ALREADY_TAKEN",
        detail: format!("is the {member} of another user"),
    };
    let detail = format!("The {member} is taken by another user.");
    Problem::new(ErrorCode::ResourceAlreadyExists, detail).with_errors(vec![error])
}
