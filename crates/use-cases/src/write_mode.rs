use chrono::TimeDelta;
use users_domain::User;
use users_ports::{
    CommandOutcome, CommandRefusal, Ending, IdempotentRequest, IntoOutcome, RepositoryError, TransactError,
    Transacted,
};

/// How a write is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// It is to happen.
    Real,
    /// It is to be judged and shown, and nothing is to be written.
    DryRun,
    /// It is to happen, but once for this idempotency record, however often it is asked for.
    Once(IdempotentRequest),
}

impl WriteMode {
    /// How the transaction ends that the write needs; `None` where it needs none of its own.
    pub(crate) fn ending(self) -> Option<Ending> {
        match self {
            Self::Real => None,
            Self::DryRun => Some(Ending::RollBack),
            Self::Once(request) => Some(Ending::Once(request)),
        }
    }
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The user after it, or as it was before it was deleted.
    pub user: User,
    /// Whether that happened earlier, under the same idempotency record, and not now.
    pub replayed: bool,
}

/// Why a write did not happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteUserError {
    /// The user, or another one, does not allow it.
    #[error(transparent)]
    Refused(#[from] CommandRefusal),
    /// The key of the idempotency record was used before, for something else.
    #[error("the key was used for another request")]
    KeyReused,
    /// There is no room for another idempotency record.
    #[error("there is no room for another idempotency record")]
    NoRoom {
        /// How long it takes until there may be room again.
        retry_after: TimeDelta,
    },
    /// A write with the same idempotency record, or with the same key, is under way.
    #[error("a request with the same key is under way")]
    KeyInUse,
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl From<TransactError> for WriteUserError {
    fn from(error: TransactError) -> Self {
        match error {
            TransactError::KeyReused => Self::KeyReused,
            TransactError::KeyInUse => Self::KeyInUse,
            TransactError::Repository(error) => Self::Repository(error),
        }
    }
}

/// What a repository says of a write that happened now or not at all.
pub(crate) fn written_now(answer: impl IntoOutcome) -> Result<Written, WriteUserError> {
    Ok(Written { user: answer.into_outcome()??, replayed: false })
}

/// What became of the only command of a transaction.
pub(crate) fn written_in(transacted: Transacted) -> Result<Written, WriteUserError> {
    let Transacted { outcomes, replayed } = transacted;
    Ok(Written { user: only(outcomes)??, replayed })
}

/// What was kept of the only command of a transaction, where anything was.
pub(crate) fn written_before(kept: Option<Vec<CommandOutcome>>) -> Result<Option<Written>, WriteUserError> {
    let Some(outcomes) = kept else { return Ok(None) };
    Ok(Some(Written { user: only(outcomes)??, replayed: true }))
}

fn only(outcomes: Vec<CommandOutcome>) -> Result<CommandOutcome, RepositoryError> {
    <[CommandOutcome; 1]>::try_from(outcomes)
        .map(|[outcome]| outcome)
        .map_err(|outcomes| RepositoryError::Internal(format!("one command has {} outcomes", outcomes.len())))
}
