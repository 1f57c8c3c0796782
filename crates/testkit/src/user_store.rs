use async_trait::async_trait;
use chrono::{DateTime, Utc};
use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::{
    Actor, Directory, Ending, IdempotencyRecords, Stamp, Transacted, UserCommand, Users, WriteError,
};

/// All that a store does with users, and the calls that most tests make of it.
#[async_trait]
pub trait UserStore: Users + Directory + IdempotencyRecords {
    /// Creates the user, as of when it was made.
    async fn create(&self, user: User) -> Result<User, WriteError> {
        let stamp = stamp(user.modified_at());
        self.write(UserCommand::Create(Box::new(user)), &stamp).await
    }

    /// Updates the user.
    async fn update(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, WriteError> {
        let command = UserCommand::Update { id: id.clone(), update: Box::new(update), precondition };
        self.write(command, &stamp(now)).await
    }

    /// Deletes the user.
    async fn delete(
        &self,
        id: &UserId,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, WriteError> {
        self.write(UserCommand::Delete { id: id.clone(), precondition }, &stamp(now)).await
    }

    /// Carries out the commands in one transaction.
    async fn transact_at(
        &self,
        commands: Vec<UserCommand>,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Transacted, WriteError> {
        self.transact(commands, &stamp(now), ending).await
    }
}

impl<T: Users + Directory + IdempotencyRecords + ?Sized> UserStore for T {}

/// The stamp of a test that writes at this instant.
pub fn stamp(at: DateTime<Utc>) -> Stamp {
    Stamp { at, actor: Actor::Command("test"), request: None }
}
