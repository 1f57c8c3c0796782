use users_domain::{Precondition, User, UserId, UserUpdate, Version};

use crate::{CreateUserError, DeleteUserError, RepositoryError, UpdateUserError};

/// Something that is to happen to one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserCommand {
    /// As [`UserRepository::create`](crate::UserRepository::create).
    Create(Box<User>),
    /// As [`UserRepository::update`](crate::UserRepository::update).
    Update {
        /// Which user.
        id: UserId,
        /// What happens to it.
        update: Box<UserUpdate>,
        /// What must hold of it.
        precondition: Precondition,
    },
    /// As [`UserRepository::delete`](crate::UserRepository::delete).
    Delete {
        /// Which user.
        id: UserId,
        /// What must hold of it.
        precondition: Precondition,
    },
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandRefusal {
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

/// What became of one command: the user after it, or as it was before it was deleted.
pub type CommandOutcome = Result<User, CommandRefusal>;

/// How a transaction ends that carries out commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All is taken back: what would have happened was to be known, and nothing else.
    RollBack,
    /// What happened stays, and is kept under the idempotency record together with its outcomes, so that it happens once.
    Once(IdempotentRequest),
}

/// A request that takes effect once, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotentRequest {
    /// The public id of the caller's token. Keys of different callers have nothing to do with each other.
    pub caller: String,
    /// Whether that is a self-service token, which has room for fewer records.
    pub is_self_service: bool,
    /// The key that the caller has chosen.
    pub key: String,
    /// What the request is: two requests are the same if these bytes are.
    pub fingerprint: [u8; 32],
}

/// The outcomes of commands that were carried out in one transaction, in the commands' order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transacted {
    /// What became of each.
    pub outcomes: Vec<CommandOutcome>,
    /// Whether that happened earlier, under the same idempotency record, and not now.
    pub replayed: bool,
}

/// Why commands were not carried out in a transaction.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransactError {
    /// The key was used before, for a request with another fingerprint.
    #[error("the key was used for another request")]
    KeyReused,
    /// A request with the same key is under way.
    #[error("a request with the same key is under way")]
    KeyInUse,
    /// The repository failed. Where it does not say that it was overloaded, the commands may have been carried out: all of
    /// them, or none.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Splits what a repository answers into an outcome and a failure of the repository itself.
pub trait IntoOutcome {
    /// The outcome, or the failure.
    fn into_outcome(self) -> Result<CommandOutcome, RepositoryError>;
}

impl IntoOutcome for Result<User, CreateUserError> {
    fn into_outcome(self) -> Result<CommandOutcome, RepositoryError> {
        match self {
            Ok(user) => Ok(Ok(user)),
            Err(CreateUserError::IdTaken) => Ok(Err(CommandRefusal::IdTaken)),
            Err(CreateUserError::UsernameTaken) => Ok(Err(CommandRefusal::UsernameTaken)),
            Err(CreateUserError::Repository(error)) => Err(error),
        }
    }
}

impl IntoOutcome for Result<User, UpdateUserError> {
    fn into_outcome(self) -> Result<CommandOutcome, RepositoryError> {
        match self {
            Ok(user) => Ok(Ok(user)),
            Err(UpdateUserError::NotFound) => Ok(Err(CommandRefusal::NotFound)),
            Err(UpdateUserError::PreconditionFailed { current }) => {
                Ok(Err(CommandRefusal::PreconditionFailed { current }))
            }
            Err(UpdateUserError::UsernameTaken) => Ok(Err(CommandRefusal::UsernameTaken)),
            Err(UpdateUserError::Repository(error)) => Err(error),
        }
    }
}

impl IntoOutcome for Result<User, DeleteUserError> {
    fn into_outcome(self) -> Result<CommandOutcome, RepositoryError> {
        match self {
            Ok(user) => Ok(Ok(user)),
            Err(DeleteUserError::NotFound) => Ok(Err(CommandRefusal::NotFound)),
            Err(DeleteUserError::PreconditionFailed { current }) => {
                Ok(Err(CommandRefusal::PreconditionFailed { current }))
            }
            Err(DeleteUserError::Repository(error)) => Err(error),
        }
    }
}
