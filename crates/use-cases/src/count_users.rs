use std::sync::Arc;

use users_domain::UserFilter;
use users_ports::{Directory, RepositoryError};

use crate::{Caller, ReadTurns};

/// Counts users.
#[derive(Clone)]
pub struct CountUsers {
    directory: Arc<dyn Directory>,
    turns: ReadTurns,
}

impl CountUsers {
    /// The use case over this port; callers take these turns.
    pub fn new(directory: Arc<dyn Directory>, turns: ReadTurns) -> Self {
        Self { directory, turns }
    }

    /// Counts the users that match the filter. Counting scans every match; ask for it only when needed.
    pub async fn execute(&self, caller: &Caller, filter: &UserFilter) -> Result<u64, RepositoryError> {
        let _turn = self.turns.count(caller.id()).await;
        self.directory.count(filter).await
    }
}
