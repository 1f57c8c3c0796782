use diesel::pg::PgConnection;
use users_domain::{User, UserId};
use users_gather::{Answer, Gather, Job, NotServed};
use users_ports::RepositoryError;

use crate::errors::repository_error;
use crate::pool::Lane;
use crate::update_group::PendingUpdate;
use crate::user_writer;

/// What the writing threads do.
pub(crate) enum WriteJob {
    /// One of the updates that are carried out together.
    Update(Box<PendingUpdate>),
    /// Anything else, done alone.
    Chore(Chore),
}

/// A piece of work that answers by itself, with a connection or the reason why there is none.
pub(crate) type Chore = Box<dyn FnOnce(Result<&mut PgConnection, RepositoryError>) + Send>;

impl Job for WriteJob {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Update(pending) => pending.answer.is_abandoned(),
            Self::Chore(_) => false,
        }
    }
}

/// What the reading threads do.
pub(crate) struct ReadJob {
    pub(crate) id: UserId,
    pub(crate) answer: Answer<Result<Option<User>, RepositoryError>>,
}

impl Job for ReadJob {
    fn is_abandoned(&self) -> bool {
        self.answer.is_abandoned()
    }
}

/// Does a batch of writing jobs: the chores each by itself, then all updates together.
pub(crate) fn write(lane: &mut Lane, batch: &mut Vec<WriteJob>) {
    let mut updates = Vec::with_capacity(batch.len());
    let mut session = lane.session();
    for job in batch.drain(..) {
        match job {
            WriteJob::Update(pending) => updates.push(*pending),
            WriteJob::Chore(chore) => {
                let session = session.as_mut().map_err(|error| error.clone());
                chore(session.map(|session| &mut *session.connection));
            }
        }
    }
    match session {
        _ if updates.is_empty() => {}
        Ok(session) => user_writer::carry_out(session, updates),
        Err(error) => user_writer::refuse_all(updates, &error),
    }
}

/// Reads the users of a batch with one statement.
pub(crate) fn read(lane: &mut Lane, batch: &mut Vec<ReadJob>) {
    let ids: Vec<_> = batch.iter().map(|job| &job.id).collect();
    let found = lane.session().and_then(|session| {
        user_writer::find(&mut session.connection, &ids).map_err(|error| repository_error(&error))
    });
    for ReadJob { id, answer } in batch.drain(..) {
        answer.give(found.as_ref().map(|users| users.get(id.as_str()).cloned()).map_err(Clone::clone));
    }
}

/// Has a chore done by one of the writing threads.
pub(crate) async fn chore<T: Send + 'static>(
    writers: &Gather<WriteJob>,
    work: impl FnOnce(&mut PgConnection) -> Result<T, RepositoryError> + Send + 'static,
) -> Result<T, RepositoryError> {
    let done = writers
        .ask(|answer| WriteJob::Chore(Box::new(move |connection| answer.give(connection.and_then(work)))));
    done.await.map_err(not_served)?
}

pub(crate) fn not_served(reason: NotServed) -> RepositoryError {
    match reason {
        NotServed::Full(_) => RepositoryError::Overloaded,
        NotServed::LetGo => RepositoryError::Internal("a database thread panicked".to_owned()),
    }
}
