use users_domain::UserQuery;

use crate::turns::{Turn, Turns};

/// The turns that callers take at reads of many users, of which the store can do a few at a time.
///
/// All use cases that read many users share one. Reads that visit very many users have turns of their own, so that the others
/// never wait for them.
#[derive(Clone, Debug)]
pub struct ReadTurns {
    pages: Turns,
    visits: Turns,
}

impl ReadTurns {
    /// How many pages are read at a time: enough that the store's thread always finds the next one waiting.
    const PAGES: usize = 4;
    /// How many reads that visit very many users are done at a time.
    const VISITS: usize = 1;

    /// Waits for the caller's turn to read a page.
    pub(crate) async fn page(&self, caller: &str, query: &UserQuery) -> Turn {
        if query.visits_many() { self.visits.wait(caller).await } else { self.pages.wait(caller).await }
    }

    /// Waits for the caller's turn to search.
    pub(crate) async fn search(&self, caller: &str) -> Turn {
        self.pages.wait(caller).await
    }

    /// Waits for the caller's turn to count.
    pub(crate) async fn count(&self, caller: &str) -> Turn {
        self.visits.wait(caller).await
    }
}

impl Default for ReadTurns {
    fn default() -> Self {
        Self { pages: Turns::new(Self::PAGES), visits: Turns::new(Self::VISITS) }
    }
}
