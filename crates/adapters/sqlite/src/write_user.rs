use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use users_domain::User;
use users_ports::{CommandOutcome, UserCommand, WriteError};

use crate::create_user::create;
use crate::delete_user::delete;
use crate::pending_write::Work;
use crate::pool::PreparedTexts;
use crate::update_user::update;

/// A command to be carried out as of `now`.
pub(crate) struct WriteUser {
    pub(crate) command: UserCommand,
    pub(crate) now: DateTime<Utc>,
}

impl Work for WriteUser {
    type Done = User;

    fn carry_out(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
    ) -> QueryResult<Result<User, WriteError>> {
        let Self { command, now } = self;
        Ok(carry_out(connection, texts, command, *now)?.map_err(WriteError::Rejected))
    }
}

/// Carries out a command; what is rejected leaves nothing behind.
pub(crate) fn carry_out(
    connection: &mut SqliteConnection,
    texts: &mut PreparedTexts,
    command: &UserCommand,
    now: DateTime<Utc>,
) -> QueryResult<CommandOutcome> {
    match command {
        UserCommand::Create(user) => create(connection, user),
        UserCommand::Update { id, update: change, precondition } => {
            update(connection, texts, id, change, precondition, now)
        }
        UserCommand::Delete { id, precondition } => delete(connection, id, precondition, now),
    }
}
