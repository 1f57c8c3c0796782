use std::collections::HashMap;

use compact_str::CompactString;
use diesel::QueryResult;
use diesel::pg::PgConnection;
use users_domain::{User, UserId};
use users_gather::{Answer, Gather, Job, NotServed};
use users_ports::RepositoryError;

use crate::errors::repository_error;
use crate::pool::{Lane, Session};
use crate::user_reader;
use crate::user_writer::{self, UserWrite};

/// What the writing threads do.
pub(crate) enum WriteJob {
    /// One of the writes that are carried out together.
    Write(UserWrite),
    /// Anything else, done alone.
    Chore(Chore),
}

/// A piece of work that answers by itself, with a session or the reason why there is none.
pub(crate) type Chore = Box<dyn FnOnce(Result<&mut Session, RepositoryError>) + Send>;

impl Job for WriteJob {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Write(write) => write.is_abandoned(),
            Self::Chore(_) => false,
        }
    }
}

/// What the reading threads do.
pub(crate) enum ReadJob {
    /// One of the reads that are carried out together.
    Find(Find),
    /// Anything else that reads, done alone.
    Chore(Chore),
}

/// A read of a user.
pub(crate) struct Find {
    pub(crate) id: UserId,
    pub(crate) answer: Answer<Result<Option<User>, RepositoryError>>,
}

impl Job for ReadJob {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Find(find) => find.answer.is_abandoned(),
            Self::Chore(_) => false,
        }
    }
}

/// Does a batch of writing jobs: the chores each by itself, then all other writes together.
pub(crate) fn write(lane: &mut Lane, batch: &mut Vec<WriteJob>) {
    let mut writes = Vec::with_capacity(batch.len());
    for job in batch.drain(..) {
        match job {
            WriteJob::Write(write) => writes.push(write),
            WriteJob::Chore(chore) => chore(lane.session()),
        }
    }
    if !writes.is_empty() {
        let session = lane.session();
        // To come by a session may have taken longer than somebody waits.
        writes.retain(|write| !write.is_abandoned());
        user_writer::carry_out(session, writes);
    }
}

/// Does a batch of reading jobs: the chores each by itself, then all finds with one statement.
pub(crate) fn read(lane: &mut Lane, batch: &mut Vec<ReadJob>) {
    let mut finds = Vec::with_capacity(batch.len());
    for job in batch.drain(..) {
        match job {
            ReadJob::Find(find) => finds.push(find),
            ReadJob::Chore(chore) => chore(lane.session()),
        }
    }
    if finds.is_empty() {
        return;
    }
    let session = lane.session();
    // To come by a session may have taken longer than somebody waits.
    finds.retain(|find| !find.answer.is_abandoned());
    if !finds.is_empty() {
        find(session, finds);
    }
}

fn find(session: Result<&mut Session, RepositoryError>, finds: Vec<Find>) {
    let ids = finds.iter().map(|find| &find.id);
    let found = session.and_then(|session| {
        let find = |connection: &mut PgConnection| user_reader::find(connection, ids.clone());
        session.read(find).map_err(|error| repository_error(&error))
    });
    match found {
        Ok(users) => answer_finds(users, finds),
        Err(error) => finds.into_iter().for_each(|find| find.answer.give(Err(error.clone()))),
    }
}

/// Answers each read; a user is copied only if several ask for it.
fn answer_finds(mut users: HashMap<CompactString, User>, mut finds: Vec<Find>) {
    while let Some(Find { id, answer }) = finds.pop() {
        let asked_again = finds.iter().any(|find| find.id == id);
        let user = if asked_again { users.get(id.as_str()).cloned() } else { users.remove(id.as_str()) };
        answer.give(Ok(user));
    }
}

/// Has a chore done by one of the writing threads.
pub(crate) async fn chore<T: Send + 'static>(
    writers: &Gather<WriteJob>,
    work: impl FnOnce(&mut PgConnection) -> Result<T, RepositoryError> + Send + 'static,
) -> Result<T, RepositoryError> {
    session_chore(writers, move |session| work(&mut session.connection)).await
}

/// The same for one that needs the whole session, and has errors of its own.
pub(crate) async fn session_chore<T: Send + 'static, E: From<RepositoryError> + Send + 'static>(
    writers: &Gather<WriteJob>,
    work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    let done = writers.ask(|answer| {
        WriteJob::Chore(Box::new(move |session| {
            // What nobody waits for any more need not be begun.
            if !answer.is_abandoned() {
                answer.give(session.map_err(E::from).and_then(work));
            }
        }))
    });
    done.await.map_err(|reason| E::from(not_served(reason)))?
}

/// Has something read by one of the reading threads, which no write can hold up.
pub(crate) async fn read_chore<T: Send + 'static>(
    readers: &Gather<ReadJob>,
    query: impl Fn(&mut PgConnection) -> QueryResult<T> + Send + 'static,
) -> Result<T, RepositoryError> {
    let done = readers.ask(|answer| {
        ReadJob::Chore(Box::new(move |session| {
            if !answer.is_abandoned() {
                let read =
                    |session: &mut Session| session.read(query).map_err(|error| repository_error(&error));
                answer.give(session.and_then(read));
            }
        }))
    });
    done.await.map_err(not_served)?
}

pub(crate) fn not_served(reason: NotServed) -> RepositoryError {
    match reason {
        NotServed::Full(_) => RepositoryError::Overloaded,
        NotServed::LetGo => RepositoryError::Internal("a database thread panicked".to_owned()),
    }
}
