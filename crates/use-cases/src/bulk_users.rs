use std::collections::HashMap;
use std::sync::Arc;

use users_domain::{Precondition, Profile, User, UserId, UserUpdate};
use users_ports::{IdGenerator, Stamp, Transacted, UserCommand, WriteError};

use crate::at_once::at_once;
use crate::{Caller, WriteMode, Writes};

/// Carries out many commands, each of which stands or falls by itself.
#[derive(Clone)]
pub struct BulkUsers {
    writes: Writes,
    ids: Arc<dyn IdGenerator>,
}

/// What is to happen to one of many users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BulkItem {
    /// Create a user with this id, or with a new one if the caller has not chosen any.
    Create {
        /// The id, if there is one.
        id: Option<UserId>,
        /// What the user is.
        profile: Box<Profile>,
    },
    /// Update a user.
    Update {
        /// Which user.
        id: UserId,
        /// What changes.
        update: Box<UserUpdate>,
    },
    /// Delete a user.
    Delete {
        /// Which user.
        id: UserId,
    },
}

/// What became of many commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkWritten {
    /// What became of each, in the commands' order: the user after it, or as it was before it was deleted.
    pub outcomes: Vec<Result<User, WriteError>>,
    /// Whether that happened earlier, for the same request, and not now.
    pub replayed: bool,
}

/// Commands for one user, in their order, each with its place among all.
type OfOneUser = Vec<(usize, UserCommand)>;

impl BulkUsers {
    /// The most commands that are handed to the repository at once: enough to fill its batches, few enough to leave
    /// room for others in its queue.
    pub const MOST_AT_ONCE: usize = 256;

    /// The use case over these ports.
    pub fn new(writes: Writes, ids: Arc<dyn IdGenerator>) -> Self {
        Self { writes, ids }
    }

    /// Carries out the commands and tells what became of each.
    ///
    /// Those of one user take effect in their order. If they are [real](WriteMode::Real), those of different users take
    /// effect in any, each for itself, and a failure of the repository is that of one command alone. Otherwise all
    /// are one transaction, in their order.
    pub async fn execute(
        &self,
        caller: &Caller,
        items: Vec<BulkItem>,
        mode: WriteMode,
    ) -> Result<BulkWritten, WriteError> {
        let stamp = self.writes.stamp(caller);
        let commands = items.into_iter().map(|item| self.command(item, &stamp)).collect();
        let Some(ending) = mode.ending() else {
            return Ok(BulkWritten { outcomes: self.each(commands, &stamp).await, replayed: false });
        };
        let Transacted { outcomes, replayed } = self.writes.all(commands, &stamp, ending).await?;
        let outcomes = outcomes.into_iter().map(|outcome| Ok(outcome?)).collect();
        Ok(BulkWritten { outcomes, replayed })
    }

    fn command(&self, item: BulkItem, stamp: &Stamp) -> UserCommand {
        match item {
            BulkItem::Create { id, profile } => {
                let id = id.unwrap_or_else(|| self.ids.user_id());
                UserCommand::Create(User::create(id, *profile, stamp.at).into())
            }
            BulkItem::Update { id, update } => {
                UserCommand::Update { id, update, precondition: Precondition::Exists }
            }
            BulkItem::Delete { id } => UserCommand::Delete { id, precondition: Precondition::Exists },
        }
    }

    async fn each(&self, commands: Vec<UserCommand>, stamp: &Stamp) -> Vec<Result<User, WriteError>> {
        let work = by_user(commands).into_iter().map(|commands| self.in_order(commands, stamp));
        let mut outcomes: Vec<_> = at_once(Self::MOST_AT_ONCE, work).await.into_iter().flatten().collect();
        outcomes.sort_unstable_by_key(|(place, _)| *place);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }

    async fn in_order(&self, commands: OfOneUser, stamp: &Stamp) -> Vec<(usize, Result<User, WriteError>)> {
        let mut outcomes = Vec::with_capacity(commands.len());
        for (place, command) in commands {
            outcomes.push((place, self.writes.users.write(command, stamp).await));
        }
        outcomes
    }
}

/// Puts the commands of each user together; users come in the order of their first commands.
fn by_user(commands: Vec<UserCommand>) -> Vec<OfOneUser> {
    let mut groups: Vec<OfOneUser> = Vec::with_capacity(commands.len());
    let mut group_of: HashMap<UserId, usize> = HashMap::with_capacity(commands.len());
    for (place, command) in commands.into_iter().enumerate() {
        let group = *group_of.entry(command.id().clone()).or_insert(groups.len());
        match groups.get_mut(group) {
            Some(group) => group.push((place, command)),
            None => groups.push(vec![(place, command)]),
        }
    }
    groups
}
