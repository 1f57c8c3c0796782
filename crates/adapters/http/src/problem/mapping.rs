//! Maps what the use cases refuse to what the wire tells: one exhaustive match for each kind of error.

use actix_web::http::header::{self, HeaderValue};
use users_use_cases::{AuthenticateError, Rejection, RepositoryError, Unhealthy, WriteError};

use super::{Checks, ErrorCode, FieldError, Problem};
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

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::NotFound => Self::no_such_user(),
            Rejection::PreconditionFailed { current } => {
                let detail = "The user is in another version than the request asks for; ETag tells which.";
                let problem = Self::new(ErrorCode::PreconditionFailed, detail);
                problem.with_header(header::ETAG, entity_tag(current))
            }
            Rejection::IdTaken => taken("id"),
            Rejection::UsernameTaken => taken("username"),
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Rejected(rejection) => rejection.into(),
            WriteError::KeyReused => {
                let detail = "The Idempotency-Key was sent before, with another request.";
                Self::new(ErrorCode::IdempotencyKeyReused, detail)
            }
            WriteError::KeyInUse => {
                let detail = "A request with this Idempotency-Key is under way. Try again.";
                let problem = Self::new(ErrorCode::IdempotencyKeyInUse, detail);
                problem.with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
            }
            WriteError::NoRoom { retry_after } => {
                let detail =
                    "Too many requests with an Idempotency-Key were carried out within the last 24 hours.";
                let problem = Self::new(ErrorCode::IdempotencyLimitReached, detail);
                problem.with_header(header::RETRY_AFTER, HeaderValue::from(retry_after.num_seconds()))
            }
            WriteError::Repository(error) => error.into(),
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
        let detail = format!("The service is not ready: {sentence}.");
        let cause = match &unhealthy {
            Unhealthy::Database { said, .. } => format!("{sentence}: {said}"),
            Unhealthy::Overloaded | Unhealthy::SchemaMissing | Unhealthy::SchemaBehind => sentence,
        };
        Self::unavailable(detail, cause).with_checks(Checks::from(&unhealthy))
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
