use std::sync::Arc;

use users_domain::UserFilter;
use users_ports::{RepositoryError, UserRepository};

use crate::ReadTurns;

/// Counts users.
#[derive(Clone)]
pub struct CountUsers {
    users: Arc<dyn UserRepository>,
    turns: ReadTurns,
}

impl CountUsers {
    /// The use case over this port; callers take these turns.
    pub fn new(users: Arc<dyn UserRepository>, turns: ReadTurns) -> Self {
        Self { users, turns }
    }

    /// Counts the users that match the filter. Counting scans every match; ask for it only when needed.
    pub async fn execute(&self, caller: &str, filter: &UserFilter) -> Result<u64, RepositoryError> {
        let _turn = self.turns.count(caller).await;
        self.users.count(filter).await
    }
}
