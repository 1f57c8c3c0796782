use diesel::QueryResult;
use diesel::sqlite::SqliteConnection;
use users_gather::Answer;
use users_ports::{RepositoryError, WriteError};

use crate::pool::PreparedTexts;

/// Something to be written, as part of a transaction that others have a part in.
pub(crate) trait Work: Send + 'static {
    /// What it comes to when it is carried out.
    type Done: Send;

    /// Carries it out. A refusal leaves nothing behind; an error is one of the whole transaction.
    fn carry_out(
        &self,
        connection: &mut SqliteConnection,
        texts: &mut PreparedTexts,
    ) -> QueryResult<Result<Self::Done, WriteError>>;
}

/// A piece of work, and the one who waits for its outcome.
pub(crate) struct Pending<W: Work> {
    work: W,
    /// Not to be told before the transaction is on disk.
    outcome: Option<Result<W::Done, WriteError>>,
    answer: Answer<Result<W::Done, WriteError>>,
}

impl<W: Work> Pending<W> {
    pub(crate) const fn new(work: W, answer: Answer<Result<W::Done, WriteError>>) -> Self {
        Self { work, outcome: None, answer }
    }
}

/// Any [`Pending`], whatever its work is.
pub(crate) trait PendingWrite: Send {
    fn is_abandoned(&self) -> bool;

    /// Carries the work out, and keeps its outcome back.
    fn carry_out(&mut self, connection: &mut SqliteConnection, texts: &mut PreparedTexts) -> QueryResult<()>;

    /// Answers with the outcome: it is on disk.
    fn tell(self: Box<Self>);

    /// Answers that nothing was done.
    fn refuse(self: Box<Self>, error: RepositoryError);
}

impl<W: Work> PendingWrite for Pending<W> {
    fn is_abandoned(&self) -> bool {
        self.answer.is_abandoned()
    }

    fn carry_out(&mut self, connection: &mut SqliteConnection, texts: &mut PreparedTexts) -> QueryResult<()> {
        self.outcome = Some(self.work.carry_out(connection, texts)?);
        Ok(())
    }

    fn tell(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            self.answer.give(outcome);
        }
    }

    fn refuse(self: Box<Self>, error: RepositoryError) {
        self.answer.give(Err(error.into()));
    }
}
