use std::sync::mpsc::Sender;

use users_domain::User;
use users_gather::Answer;
use users_ports::WriteError;

/// Where the outcome of a write goes.
pub(crate) enum Reply {
    /// To the one who waits for it.
    Answer(Answer<Result<User, WriteError>>),
    /// To the transaction that the write is a part of.
    Note(Note),
}

/// The way to a transaction.
#[derive(Clone)]
pub(crate) struct Note {
    /// Which of its commands the write is.
    pub(crate) place: usize,
    /// Takes the outcome.
    pub(crate) notes: Sender<Noted>,
}

/// The place of a command, and its outcome.
pub(crate) type Noted = (usize, Result<User, WriteError>);

impl Reply {
    /// Whether nobody waits for the outcome any more.
    pub(crate) fn is_abandoned(&self) -> bool {
        match self {
            Self::Answer(answer) => answer.is_abandoned(),
            Self::Note(_) => false,
        }
    }

    /// Hands the outcome over. Nobody may be waiting any more; that is no fault.
    pub(crate) fn give(self, outcome: Result<User, WriteError>) {
        match self {
            Self::Answer(answer) => answer.give(outcome),
            Self::Note(Note { place, notes }) => {
                let _ = notes.send((place, outcome));
            }
        }
    }
}
