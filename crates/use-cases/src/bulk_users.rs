use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use users_domain::{Profile, User, UserId};
use users_ports::{
    Clock, CommandRefusal, IdGenerator, IntoOutcome, RepositoryError, Transacted, UserCommand, UserRepository,
};

use crate::at_once::at_once;
use crate::transactions::Transactions;
use crate::{IdempotencyGuard, WriteMode, WriteUserError};

/// Carries out many commands, each of which stands or falls by itself.
#[derive(Clone)]
pub struct BulkUsers {
    users: Arc<dyn UserRepository>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
    transactions: Transactions,
}

/// What became of many commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkWritten {
    /// What became of each, in the commands' order: the user after it, or as it was before it was deleted.
    pub outcomes: Vec<Result<User, ItemError>>,
    /// Whether that happened earlier, under the same idempotency record, and not now.
    pub replayed: bool,
}

/// Why one of many commands was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ItemError {
    /// The user, or another one, does not allow it.
    #[error(transparent)]
    Refused(#[from] CommandRefusal),
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Commands for one user, in their order, each with its place among all.
type OfOneUser = Vec<(usize, UserCommand)>;

impl BulkUsers {
    /// The most commands that are handed to the repository at once: enough to fill its batches, few enough to leave
    /// room for others in its queue.
    pub const MOST_AT_ONCE: usize = 256;

    /// The use case over these ports, and what is under way in this process.
    pub fn new(
        users: Arc<dyn UserRepository>,
        ids: Arc<dyn IdGenerator>,
        clock: Arc<dyn Clock>,
        idempotency: IdempotencyGuard,
    ) -> Self {
        let transactions = Transactions::new(users.clone(), idempotency);
        Self { users, ids, clock, transactions }
    }

    /// The command that creates a user with this id, or with a new one where the caller has not chosen any.
    pub fn creation(&self, id: Option<UserId>, profile: Profile) -> UserCommand {
        let id = id.unwrap_or_else(|| self.ids.user_id());
        UserCommand::Create(User::create(id, profile, self.clock.now()).into())
    }

    /// Carries out the commands and tells what became of each.
    ///
    /// Those of one user take effect in their order. Where they are [real](WriteMode::Real), those of different users take
    /// effect in any, each for itself, and a failure of the repository is that of one command alone. Otherwise all
    /// are one transaction, in their order.
    pub async fn execute(
        &self,
        commands: Vec<UserCommand>,
        mode: WriteMode,
    ) -> Result<BulkWritten, WriteUserError> {
        let now = self.clock.now();
        let Some(ending) = mode.ending() else {
            return Ok(BulkWritten { outcomes: self.each(commands, now).await, replayed: false });
        };
        let Transacted { outcomes, replayed } = self.transactions.all(commands, ending, now).await?;
        let outcomes = outcomes.into_iter().map(|outcome| Ok(outcome?)).collect();
        Ok(BulkWritten { outcomes, replayed })
    }

    async fn each(&self, commands: Vec<UserCommand>, now: DateTime<Utc>) -> Vec<Result<User, ItemError>> {
        let work = by_user(commands).into_iter().map(|commands| self.in_order(commands, now));
        let mut outcomes: Vec<_> = at_once(Self::MOST_AT_ONCE, work).await.into_iter().flatten().collect();
        outcomes.sort_unstable_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn in_order(
        &self,
        commands: OfOneUser,
        now: DateTime<Utc>,
    ) -> Vec<(usize, Result<User, ItemError>)> {
        let mut outcomes = Vec::with_capacity(commands.len());
        for (place, command) in commands {
            outcomes.push((place, self.carry_out(command, now).await));
        }
        outcomes
    }

    async fn carry_out(&self, command: UserCommand, now: DateTime<Utc>) -> Result<User, ItemError> {
        let outcome = match command {
            UserCommand::Create(user) => self.users.create(*user).await.into_outcome(),
            UserCommand::Update { id, update, precondition } => {
                self.users.update(&id, *update, precondition, now).await.into_outcome()
            }
            UserCommand::Delete { id, precondition } => {
                self.users.delete(&id, precondition, now).await.into_outcome()
            }
        };
        Ok(outcome??)
    }
}

/// Puts the commands of each user together; users come in the order of their first commands.
fn by_user(commands: Vec<UserCommand>) -> Vec<OfOneUser> {
    let mut groups: Vec<OfOneUser> = Vec::with_capacity(commands.len());
    let mut group_of: HashMap<UserId, usize> = HashMap::with_capacity(commands.len());
    for (place, command) in commands.into_iter().enumerate() {
        let group = *group_of.entry(id_of(&command).clone()).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push((place, command)),
            None => groups.push(vec![(place, command)]),
        }
    }
    groups
}

fn id_of(command: &UserCommand) -> &UserId {
    match command {
        UserCommand::Create(user) => user.id(),
        UserCommand::Update { id, .. } | UserCommand::Delete { id, .. } => id,
    }
}
