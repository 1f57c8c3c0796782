use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use users_use_cases::{Rejection, WriteError};

use super::loader::{Loaded, Loader};
use super::row::{Fault, Row};
use super::window::{Keys, Outcome, Settled, Window};
use super::{ErrorFile, Progress, RowThread};
use crate::failure::Failure;

/// Loads the rows of a file, many at once, and tells of those that are refused.
///
/// Rows that are loaded at the same time reach the database together. Two rows with the same id or the same username are
/// loaded one after the other, in their order.
pub struct Import {
    rows: RowThread,
    loader: Arc<Loader>,
    errors: ErrorFile,
    progress: Progress,
    window: Window,
    tally: Tally,
}

/// What came of an import.
#[derive(Debug, Default)]
pub struct Tally {
    /// New users.
    pub created: u64,
    /// Users that were there.
    pub updated: u64,
    /// Rows that were refused.
    pub refused: u64,
    /// Rows whose values are all empty, which were skipped.
    pub empty: u64,
    /// New users whose row had no id.
    pub without_id: u64,
    /// Why the import ended before the file did.
    pub stopped: Option<Stopped>,
}

/// Why an import ended early.
#[derive(Debug)]
pub enum Stopped {
    /// Somebody wished it.
    Interrupted,
    /// It could not go on; the line is the first one that is not known to be loaded.
    Failed {
        /// The number of the line, where it is known.
        line: Option<u64>,
        /// Why.
        failure: Failure,
    },
}

impl Tally {
    /// How many users were loaded.
    pub const fn loaded(&self) -> u64 {
        self.created + self.updated
    }
}

impl Import {
    /// An import of these rows.
    pub fn new(rows: RowThread, loader: Loader, errors: ErrorFile, progress: Progress) -> Self {
        let (window, tally) = (Window::default(), Tally::default());
        Self { rows, loader: Arc::new(loader), errors, progress, window, tally }
    }

    /// Loads the rows until the file ends, something fails, or `interrupted` comes to be; what is under way is always
    /// finished. Gives back how long it took, too.
    pub async fn run(mut self, interrupted: impl Future<Output = ()>) -> Result<(Tally, Duration), Failure> {
        let mut interrupted = pin!(interrupted);
        while self.tally.stopped.is_none() {
            // The wish first: where the database is slower than the file, there is always another row.
            let row = match select(interrupted.as_mut(), pin!(self.rows.rows.recv())).await {
                Either::Right((row, _)) => row,
                Either::Left(((), _)) => {
                    self.tally.stopped = Some(Stopped::Interrupted);
                    None
                }
            };
            match row {
                Some(Ok(row)) => self.begin(row).await,
                Some(Err(source)) => {
                    self.stop(None, Failure::System { doing: "cannot read the file any further", source });
                }
                None => break,
            }
        }
        while let Some(next) = self.window.next().await {
            self.settle(next);
        }
        let took = self.progress.finish();
        self.errors.finish().map_err(cannot_tell)?;
        Ok((self.tally, took))
    }

    /// Begins to load a row, once there is room and none with its id or username is under way.
    async fn begin(&mut self, row: Row) {
        let keys = Keys::of(&row);
        while (self.window.is_full() || self.window.is_busy_with(&keys))
            && let Some(next) = self.window.next().await
        {
            self.settle(next);
        }
        self.window.begin(row, keys, &self.loader);
    }

    /// Counts a row that is done with, and tells what is wrong with it.
    fn settle(&mut self, Settled { lines, bytes_read, has_id, outcome }: Settled) {
        let faults = match outcome {
            Outcome::Empty => {
                self.tally.empty += 1;
                Vec::new()
            }
            Outcome::Faulty(faults) => faults,
            Outcome::Tried(Ok(loaded)) => {
                match loaded {
                    Loaded::Created => self.tally.created += 1,
                    Loaded::Updated => self.tally.updated += 1,
                }
                self.tally.without_id += u64::from(!has_id);
                Vec::new()
            }
            Outcome::Tried(Err(WriteError::Rejected(refusal))) => vec![self.taken(&refusal)],
            Outcome::Tried(Err(error)) => return self.stop(Some(lines.0), Failure::Write(error)),
        };
        self.tally.refused += u64::from(!faults.is_empty());
        for fault in faults {
            if let Err(error) = self.errors.add(lines, &fault) {
                return self.stop(Some(lines.0), cannot_tell(error));
            }
        }
        self.progress.at(bytes_read, self.tally.loaded());
    }

    /// Notes the first reason to stop.
    fn stop(&mut self, line: Option<u64>, failure: Failure) {
        if !matches!(self.tally.stopped, Some(Stopped::Failed { .. })) {
            self.tally.stopped = Some(Stopped::Failed { line, failure });
        }
    }

    fn taken(&self, refusal: &Rejection) -> Fault {
        let (place, detail) = match refusal {
            Rejection::UsernameTaken => {
                (&self.rows.username_place, "must not be the username of another user")
            }
            // The others are none that a row without a precondition can meet.
            Rejection::IdTaken | Rejection::NotFound | Rejection::PreconditionFailed { .. } => {
                (&self.rows.id_place, "must not be the id of another user; --upsert updates that one")
            }
        };
        Fault { place: place.clone(), code: "RESOURCE_ALREADY_EXISTS", detail: detail.to_owned() }
    }
}

fn cannot_tell(source: io::Error) -> Failure {
    Failure::System { doing: "cannot write the errors", source }
}
