use std::sync::Arc;

use users_domain::{Profile, User, UserId};
use users_ports::{Clock, IdGenerator, UserCommand, UserRepository};

use crate::transactions::Transactions;
use crate::write_mode::written_now;
use crate::{IdempotencyGuard, WriteMode, WriteUserError, Written};

/// Creates a user.
#[derive(Clone)]
pub struct CreateUser {
    users: Arc<dyn UserRepository>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
    transactions: Transactions,
}

impl CreateUser {
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

    /// Creates a user with this id, or with a new one where the caller has not chosen any.
    pub async fn execute(
        &self,
        id: Option<UserId>,
        profile: Profile,
        mode: WriteMode,
    ) -> Result<Written, WriteUserError> {
        let now = self.clock.now();
        let user = User::create(id.unwrap_or_else(|| self.ids.user_id()), profile, now);
        match mode.ending() {
            None => written_now(self.users.create(user).await),
            Some(ending) => self.transactions.one(UserCommand::Create(user.into()), ending, now).await,
        }
    }
}
