use std::sync::mpsc;

use chrono::{DateTime, Utc};
use diesel::r2d2::R2D2Connection;
use diesel::result::{DatabaseErrorKind, Error};
use users_ports::{CommandOutcome, Ending, RepositoryError, Transacted, UserCommand, WriteError};

use crate::errors::repository_error;
use crate::idempotency_records;
use crate::pool::Session;
use crate::reply::{Note, Noted, Reply};
use crate::transaction::in_transaction;
use crate::user_writer::{self, UserWrite};

/// How often a transaction is tried anew that the database has ended for the sake of another.
const MAX_TRIES: usize = 8;

/// Commands to be carried out together.
pub(crate) struct Transact {
    pub(crate) commands: Vec<UserCommand>,
    pub(crate) ending: Ending,
    pub(crate) now: DateTime<Utc>,
}

/// Why nothing stays of what a transaction did.
enum Undone {
    /// It was not meant to stay.
    TakenBack(Vec<CommandOutcome>),
    /// There is another answer.
    Refused(WriteError),
    /// A statement failed.
    Failed(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Transact {
    pub(crate) fn carry_out(&self, session: &mut Session) -> Result<Transacted, WriteError> {
        let mut tries = 1;
        loop {
            let error = match in_transaction(session, |session| self.attempt(session)) {
                Ok(transacted) => return Ok(transacted),
                Err(Undone::TakenBack(outcomes)) => return Ok(Transacted { outcomes, replayed: false }),
                Err(Undone::Refused(error)) => return Err(error),
                Err(Undone::Failed(error)) => error,
            };
            if tries == MAX_TRIES || !is_passing(&error) || session.connection.is_broken() {
                return Err(repository_error(&error).into());
            }
            tries += 1;
        }
    }

    fn attempt(&self, session: &mut Session) -> Result<Transacted, Undone> {
        if let Ending::Once(request) = &self.ending {
            let connection = &mut *session.connection;
            if !idempotency_records::lock(connection, request)? {
                return Err(Undone::Refused(WriteError::KeyInUse));
            }
            // A statement of its own, so that it sees what whoever had the lock before has kept.
            if let Some(outcomes) =
                idempotency_records::kept(connection, request, self.now)?.map_err(Undone::Refused)?
            {
                return Ok(Transacted { outcomes, replayed: true });
            }
        }
        let outcomes = self.outcomes(session)?;
        match &self.ending {
            Ending::Once(request) if outcomes.iter().any(Result::is_ok) => {
                idempotency_records::keep(&mut session.connection, request, &outcomes, self.now)?;
                Ok(Transacted { outcomes, replayed: false })
            }
            Ending::Once(_) | Ending::RollBack => Err(Undone::TakenBack(outcomes)),
        }
    }

    /// Carries out the commands, those of one kind that follow on each other together.
    fn outcomes(&self, session: &mut Session) -> Result<Vec<CommandOutcome>, Undone> {
        let (notes, written) = mpsc::channel();
        let writes = self.commands.iter().enumerate();
        let writes = writes.map(|(place, command)| {
            UserWrite::new(command.clone(), self.now, Reply::Note(Note { place, notes: notes.clone() }))
        });
        let runs = user_writer::runs_in_order(writes);
        drop(notes);
        runs.into_iter().try_for_each(|run| run.carry_out_within(session))?;
        in_order(written.into_iter().collect(), self.commands.len()).map_err(Undone::Refused)
    }
}

/// The outcomes in the order of the commands, or the first failure of the repository.
fn in_order(mut noted: Vec<Noted>, commands: usize) -> Result<Vec<CommandOutcome>, WriteError> {
    noted.sort_by_key(|(place, _)| *place);
    let outcomes = noted
        .into_iter()
        .map(|(_, written)| written.map_or_else(WriteError::into_outcome, |user| Ok(Ok(user))));
    let outcomes: Vec<_> = outcomes.collect::<Result<_, _>>()?;
    if outcomes.len() == commands {
        Ok(outcomes)
    } else {
        Err(RepositoryError::Internal("a command was let go without an outcome".to_owned()).into())
    }
}

/// Whether the database ended the transaction for the sake of another: the same may succeed at once.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        // Diesel has no kind for a deadlock. If the server speaks another language, the caller has to try again.
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            information.message().contains("deadlock")
        }
        _ => false,
    }
}
