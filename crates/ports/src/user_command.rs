use users_domain::{Precondition, User, UserId, UserUpdate};

use crate::{IdempotentRequest, Rejection};

/// Something that is to happen to one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserCommand {
    /// Create this user.
    Create(Box<User>),
    /// Update a user.
    Update {
        /// Which user.
        id: UserId,
        /// What changes.
        update: Box<UserUpdate>,
        /// What must hold of the user.
        precondition: Precondition,
    },
    /// Delete a user.
    Delete {
        /// Which user.
        id: UserId,
        /// What must hold of the user.
        precondition: Precondition,
    },
}

impl UserCommand {
    /// The id of the user that it is about.
    pub fn id(&self) -> &UserId {
        match self {
            Self::Create(user) => user.id(),
            Self::Update { id, .. } | Self::Delete { id, .. } => id,
        }
    }
}

/// What became of one command: the user after it, or as it was before it was deleted.
pub type CommandOutcome = Result<User, Rejection>;

/// How a transaction ends that carries out commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is rolled back: what would have happened was to be known, and nothing else.
    RollBack,
    /// It is committed together with an idempotency record of the request, so that it happens once.
    Once(IdempotentRequest),
}

/// The outcomes of commands that were carried out in one transaction, in the commands' order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transacted {
    /// What became of each.
    pub outcomes: Vec<CommandOutcome>,
    /// Whether that happened earlier, for the same request, and not now.
    pub replayed: bool,
}
