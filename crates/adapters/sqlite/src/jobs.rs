use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use users_domain::{User, UserId};
use users_gather::{Answer, Gather, Job, NotServed};
use users_ports::{CommandOutcome, IdempotentRequest, RepositoryError, WriteError};

use crate::checkpoint::Checkpoints;
use crate::errors::repository_error;
use crate::idempotency_records;
use crate::pending_write::PendingWrite;
use crate::pool::Lane;
use crate::user_reader;
use crate::user_writer;

/// What the writing thread does.
pub(crate) enum WriteJob {
    /// One of the writes that are carried out together.
    Write(Box<dyn PendingWrite>),
    /// Anything else, done alone.
    Chore(Chore),
}

/// A piece of work that answers by itself, with a connection or the reason why there is none.
pub(crate) type Chore = Box<dyn FnOnce(Result<&mut SqliteConnection, RepositoryError>) + Send>;

impl Job for WriteJob {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Write(pending) => pending.is_abandoned(),
            Self::Chore(_) => false,
        }
    }
}

/// What the reading threads do.
pub(crate) enum ReadJob {
    /// Find a user.
    User(UserId, Answer<Result<Option<User>, RepositoryError>>),
    /// Find the outcomes of a request that was carried out before.
    Recall(Box<IdempotentRequest>, DateTime<Utc>, Answer<Result<Option<Vec<CommandOutcome>>, WriteError>>),
    /// Read anything else.
    Chore(Chore),
}

impl Job for ReadJob {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::User(_, answer) => answer.is_abandoned(),
            Self::Recall(_, _, answer) => answer.is_abandoned(),
            Self::Chore(_) => false,
        }
    }
}

/// Does a batch of writing jobs: the chores each by itself, then all other writes together.
pub(crate) fn write(lane: &mut Lane, checkpoints: &Checkpoints, batch: &mut Vec<WriteJob>) {
    let count = batch.len();
    let mut writes = Vec::with_capacity(count);
    let mut session = lane.writing_session();
    for job in batch.drain(..) {
        match job {
            WriteJob::Write(pending) => writes.push(pending),
            WriteJob::Chore(chore) => {
                let session = session.as_mut().map_err(|error| error.clone());
                chore(session.map(|session| &mut *session.connection));
            }
        }
    }
    match session {
        Ok(session) => {
            if !writes.is_empty() {
                user_writer::carry_out(session, writes);
            }
            checkpoints.after_batch(count, &mut session.connection);
        }
        Err(error) => user_writer::refuse_all(writes, &error),
    }
}

/// Does the reading jobs of a batch one after the other.
pub(crate) fn read(lane: &mut Lane, batch: &mut Vec<ReadJob>) {
    for job in batch.drain(..) {
        match job {
            ReadJob::User(id, answer) => answer.give(user(lane, &id)),
            ReadJob::Recall(request, now, answer) => answer.give(kept(lane, &request, now)),
            ReadJob::Chore(chore) => chore(lane.session().map(|session| &mut *session.connection)),
        }
    }
}

fn user(lane: &mut Lane, id: &UserId) -> Result<Option<User>, RepositoryError> {
    let connection = &mut lane.session()?.connection;
    user_reader::find(connection, id).map_err(|error| repository_error(&error))
}

fn kept(
    lane: &mut Lane,
    request: &IdempotentRequest,
    now: DateTime<Utc>,
) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
    let connection = &mut lane.session()?.connection;
    idempotency_records::kept(connection, request, now).map_err(|error| repository_error(&error))?
}

/// Has a chore done by the writing thread.
pub(crate) async fn chore<T: Send + 'static>(
    writers: &Gather<WriteJob>,
    work: impl FnOnce(&mut SqliteConnection) -> Result<T, RepositoryError> + Send + 'static,
) -> Result<T, RepositoryError> {
    let done = writers
        .ask(|answer| WriteJob::Chore(Box::new(move |connection| answer.give(connection.and_then(work)))));
    done.await.map_err(not_served)?
}

/// Has something read by one of the reading threads, which no write can hold up.
pub(crate) async fn read_chore<T: Send + 'static>(
    readers: &Gather<ReadJob>,
    query: impl FnOnce(&mut SqliteConnection) -> QueryResult<T> + Send + 'static,
) -> Result<T, RepositoryError> {
    let read =
        |connection: &mut SqliteConnection| query(connection).map_err(|error| repository_error(&error));
    let done = readers
        .ask(|answer| ReadJob::Chore(Box::new(move |connection| answer.give(connection.and_then(read)))));
    done.await.map_err(not_served)?
}

pub(crate) fn not_served(reason: NotServed) -> RepositoryError {
    match reason {
        NotServed::Full(_) => RepositoryError::Overloaded,
        NotServed::LetGo => RepositoryError::Internal("a database thread panicked".to_owned()),
    }
}
