use users_domain::User;
use users_ports::{Ending, IdempotentRequest};

/// How a write is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteMode {
    /// It is to happen.
    Real,
    /// It is to be judged and shown, and nothing is to be written.
    DryRun,
    /// It is to happen, but once for this request, however often it is sent.
    Once(IdempotentRequest),
}

impl WriteMode {
    /// How the transaction ends that the write needs; `None` if it needs none of its own.
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
    /// Whether that happened earlier, for the same request, and not now.
    pub replayed: bool,
}
