use chrono::{DateTime, Utc};
use diesel::connection::Connection;
use diesel::result::{Error, QueryResult};
use diesel::sqlite::SqliteConnection;
use users_ports::{CommandOutcome, Ending, Transacted, UserCommand, WriteError};

use crate::idempotency_records;
use crate::pending_write::Work;
use crate::pool::PreparedTexts;
use crate::write_user::carry_out;

/// Commands to be carried out together.
pub(crate) struct Transact {
    pub(crate) commands: Vec<UserCommand>,
    pub(crate) ending: Ending,
    pub(crate) now: DateTime<Utc>,
}

impl Work for Transact {
    type Done = Transacted;

    fn carry_out(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
    ) -> QueryResult<Result<Transacted, WriteError>> {
        if let Ending::Once(request) = &self.ending {
            // This transaction writes alone, so nobody else can be carrying out the same request.
            match idempotency_records::kept(connection, request, self.now)? {
                Ok(None) => {}
                Ok(Some(outcomes)) => return Ok(Ok(Transacted { outcomes, replayed: true })),
                Err(refusal) => return Ok(Err(refusal)),
            }
        }
        let outcomes = match connection.transaction(|connection| self.in_savepoint(connection, texts)) {
            Ok(outcomes) | Err(Undone::TakenBack(outcomes)) => outcomes,
            Err(Undone::Failed(error)) => return Err(error),
        };
        Ok(Ok(Transacted { outcomes, replayed: false }))
    }
}

/// Why nothing stays of what was done since the savepoint.
enum Undone {
    /// It was not meant to stay.
    TakenBack(Vec<CommandOutcome>),
    Failed(Error),
}

impl From<Error> for Undone {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl Transact {
    fn in_savepoint(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
    ) -> Result<Vec<CommandOutcome>, Undone> {
        let outcomes = self.commands.iter().map(|command| carry_out(connection, texts, command, self.now));
        let outcomes = outcomes.collect::<QueryResult<Vec<_>>>()?;
        match &self.ending {
            Ending::Once(request) if outcomes.iter().any(Result::is_ok) => {
                idempotency_records::keep(connection, request, &outcomes, self.now)?;
                Ok(outcomes)
            }
            Ending::Once(_) | Ending::RollBack => Err(Undone::TakenBack(outcomes)),
        }
    }
}
