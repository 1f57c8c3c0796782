use chrono::TimeDelta;
use users_domain::Version;

use crate::{CommandOutcome, RepositoryError};

/// Why a command was not carried out, though the store is well.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no user with this id.
    #[error("there is no such user")]
    NotFound,
    /// The precondition does not hold.
    #[error("the user is in another version than the command was meant for")]
    PreconditionFailed {
        /// The version that the user is in.
        current: Version,
    },
    /// There is a user with this id.
    #[error("the id is taken")]
    IdTaken,
    /// There is another user with this username.
    #[error("the username is taken")]
    UsernameTaken,
}

/// Why a write did not happen.
///
/// [`Users::write`](crate::Users::write) fails with the first and the last of these alone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// The user, or another one, does not allow it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The idempotency key was used before, for a request with another fingerprint.
    #[error("the key was used for another request")]
    KeyReused,
    /// A request with the same idempotency key is in flight.
    #[error("a request with the same key is in flight")]
    KeyInUse,
    /// There is no room for another idempotency record.
    #[error("there is no room for another idempotency record")]
    NoRoom {
        /// How long it takes until there may be room again.
        retry_after: TimeDelta,
    },
    /// The store failed. Unless it says that it was overloaded, the commands may have been carried out: all of them, or
    /// none.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl WriteError {
    /// The rejection as the outcome of one command; every other error is one of the whole.
    pub fn into_outcome(self) -> Result<CommandOutcome, Self> {
        match self {
            Self::Rejected(rejection) => Ok(Err(rejection)),
            other => Err(other),
        }
    }
}
