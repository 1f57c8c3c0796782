use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use tokio::task::JoinHandle;
use users_domain::{UserId, Username, UsernameKey};
use users_use_cases::{RepositoryError, WriteError};

use super::loader::{Loaded, Loader};
use super::row::{Fault, Row, Wish};

/// The rows that are being loaded, in their order.
#[derive(Default)]
pub struct Window {
    rows: VecDeque<UnderWay>,
    ids: HashSet<UserId>,
    usernames: HashSet<UsernameKey>,
}

struct UnderWay {
    lines: (u64, u64),
    bytes_read: u64,
    keys: Keys,
    work: Work,
}

enum Work {
    Nothing,
    Refused(Vec<Fault>),
    Loading(JoinHandle<Result<Loaded, WriteError>>),
}

/// What no two rows may have that are loaded at once.
#[derive(Default)]
pub struct Keys {
    id: Option<UserId>,
    username: Option<UsernameKey>,
}

impl Keys {
    /// Those of the row.
    pub fn of(row: &Row) -> Self {
        let Ok(Some(Wish { id, update })) = &row.content else { return Self::default() };
        Self { id: id.clone(), username: update.username.set().map(Username::key) }
    }
}

/// A row that is done with.
pub struct Settled {
    /// Its first and its last line.
    pub lines: (u64, u64),
    /// How many bytes of the file were read when it was.
    pub bytes_read: u64,
    /// Whether it has an id.
    pub has_id: bool,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a row.
pub enum Outcome {
    /// It says nothing.
    Empty,
    /// It is not valid.
    Faulty(Vec<Fault>),
    /// This is what came of it.
    Tried(Result<Loaded, WriteError>),
}

impl Window {
    /// How many rows are loaded at once: enough for a few connections to have a batch each.
    pub const SIZE: usize = 512;

    /// Whether no other row can be begun.
    pub fn is_full(&self) -> bool {
        self.rows.len() >= Self::SIZE
    }

    /// Whether a row with one of these keys is being loaded.
    pub fn is_busy_with(&self, keys: &Keys) -> bool {
        let Keys { id, username } = keys;
        id.as_ref().is_some_and(|id| self.ids.contains(id))
            || username.as_ref().is_some_and(|name| self.usernames.contains(name))
    }

    /// Begins to load a row with these keys, which no other has that is being loaded.
    pub fn begin(&mut self, row: Row, keys: Keys, loader: &Arc<Loader>) {
        let (lines, bytes_read) = (row.lines(), row.bytes_read);
        self.ids.extend(keys.id.clone());
        self.usernames.extend(keys.username.clone());
        let work = match row.content {
            Err(faults) => Work::Refused(faults),
            Ok(None) => Work::Nothing,
            Ok(Some(wish)) => {
                let loader = loader.clone();
                Work::Loading(tokio::spawn(async move { loader.load(wish).await }))
            }
        };
        self.rows.push_back(UnderWay { lines, bytes_read, keys, work });
    }

    /// Waits until the first row is done with; `None` where there is none.
    pub async fn next(&mut self) -> Option<Settled> {
        let UnderWay { lines, bytes_read, keys, work } = self.rows.pop_front()?;
        let outcome = match work {
            Work::Nothing => Outcome::Empty,
            Work::Refused(faults) => Outcome::Faulty(faults),
            Work::Loading(task) => Outcome::Tried(task.await.unwrap_or_else(|error| {
                Err(RepositoryError::Internal(format!("a row was not loaded to the end: {error}")).into())
            })),
        };
        let has_id = keys.id.is_some();
        keys.id.map(|id| self.ids.remove(&id));
        keys.username.map(|name| self.usernames.remove(&name));
        Some(Settled { lines, bytes_read, has_id, outcome })
    }
}
