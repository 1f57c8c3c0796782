use chrono::{DateTime, Utc};
use diesel::connection::Connection;
use diesel::result::{Error, QueryResult};
use diesel::sqlite::SqliteConnection;
use users_ports::{
    CommandOutcome, Ending, IntoOutcome, RepositoryError, TransactError, Transacted, UserCommand,
};

use crate::create_user::create;
use crate::delete_user::delete;
use crate::idempotency_records;
use crate::pending_write::Work;
use crate::pool::PreparedTexts;
use crate::update_user::update;

/// Commands to be carried out together.
pub(crate) struct Transact {
    pub(crate) commands: Vec<UserCommand>,
    pub(crate) ending: Ending,
    pub(crate) now: DateTime<Utc>,
}

impl Work for Transact {
    type Done = Transacted;
    type Refusal = TransactError;

    fn carry_out(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
    ) -> QueryResult<Result<Transacted, TransactError>> {
        if let Ending::Once(request) = &self.ending {
            // This transaction writes alone, so nobody else can be about to idempotency record the key.
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
        let outcomes = self.commands.iter().map(|command| self.command(connection, texts, command));
        let outcomes = outcomes.collect::<QueryResult<Vec<_>>>()?;
        match &self.ending {
            Ending::Once(request) if outcomes.iter().any(Result::is_ok) => {
                idempotency_records::keep(connection, request, &outcomes, self.now)?;
                Ok(outcomes)
            }
            Ending::Once(_) | Ending::RollBack => Err(Undone::TakenBack(outcomes)),
        }
    }

    /// Carries out one command; what is refused leaves nothing behind.
    fn command(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
        command: &UserCommand,
    ) -> QueryResult<CommandOutcome> {
        match command {
            UserCommand::Create(user) => outcome(create(connection, user)?),
            UserCommand::Update { id, update: change, precondition } => {
                outcome(update(connection, texts, id, change, precondition, self.now)?)
            }
            UserCommand::Delete { id, precondition } => {
                outcome(delete(connection, id, precondition, self.now)?)
            }
        }
    }
}

/// What became of a command. A failure of the repository would be one of the whole transaction; it never comes this way.
fn outcome(answer: impl IntoOutcome) -> QueryResult<CommandOutcome> {
    answer.into_outcome().map_err(|error: RepositoryError| Error::QueryBuilderError(Box::new(error)))
}
