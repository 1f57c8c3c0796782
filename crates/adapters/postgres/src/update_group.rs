use chrono::{DateTime, Utc};
use users_domain::{Precondition, Stale, User, UserId, UserUpdate, Version};
use users_ports::{Rejection, WriteError};

use crate::reply::Reply;
use crate::update_statement::{Guard, UpdateRow};

type Outcome = Result<User, WriteError>;

/// One update, and where its outcome goes.
pub(crate) struct PendingUpdate {
    pub(crate) id: UserId,
    pub(crate) update: UserUpdate,
    pub(crate) precondition: Precondition,
    pub(crate) now: DateTime<Utc>,
    pub(crate) reply: Reply,
}

impl PendingUpdate {
    /// Whether a username is set or cleared, so that the write can fail for another user's sake.
    pub(crate) fn changes_username(&self) -> bool {
        !self.update.username.is_keep()
    }
}

/// The updates of one user that have gathered, in their order, and how far they have come.
///
/// A single update is tried as it is: the database judges it on the row. Several, or one that the database did not
/// carry out, are judged here on the row as it was read, by [`User::apply`] itself, and become one write that
/// takes effect only if the row still is in the version that was read. Either way one statement does the write.
pub(crate) struct UpdateGroup {
    pending: Vec<PendingUpdate>,
    state: State,
}

enum State {
    /// A single update, to be judged by the database.
    Untried,
    /// The row has to be read.
    Unread,
    /// Judged on the row that was read.
    Judged(Box<Judged>),
}

struct Judged {
    base: Version,
    steps: i64,
    combined: UserUpdate,
    modified_at: DateTime<Utc>,
    outcomes: Vec<Outcome>,
}

impl UpdateGroup {
    pub(crate) fn new(first: PendingUpdate) -> Self {
        // What touches nothing cannot change a row, so there is no write to judge it by.
        let state = if first.update == UserUpdate::default() { State::Unread } else { State::Untried };
        Self { pending: vec![first], state }
    }

    pub(crate) fn push(&mut self, later: PendingUpdate) {
        self.pending.push(later);
        self.state = State::Unread;
    }

    pub(crate) fn is_single(&self) -> bool {
        self.pending.len() == 1
    }

    /// Whether a username is set or cleared, so that the write can fail for another user's sake.
    pub(crate) fn touches_username(&self) -> bool {
        self.pending.iter().any(PendingUpdate::changes_username)
    }

    pub(crate) fn id(&self) -> Option<&UserId> {
        self.pending.first().map(|pending| &pending.id)
    }

    pub(crate) const fn is_unread(&self) -> bool {
        matches!(self.state, State::Unread)
    }

    /// The write did not take effect: what there is has to be read.
    pub(crate) fn missed(&mut self) {
        self.state = State::Unread;
    }

    /// Judges the updates on the row as it was read.
    pub(crate) fn judge(&mut self, current: Option<User>) {
        self.state = State::Judged(Box::new(match current {
            Some(user) => Judged::on(user, &self.pending),
            None => Judged::unknown(self.pending.len()),
        }));
    }

    /// What is to be written, if anything is.
    pub(crate) fn row(&self) -> Option<UpdateRow<'_>> {
        let first = self.pending.first()?;
        match &self.state {
            State::Untried => Some(UpdateRow {
                id: &first.id,
                update: &first.update,
                guard: Guard::Changes(&first.precondition),
                now: first.now,
            }),
            State::Judged(judged) if judged.steps > 0 => Some(UpdateRow {
                id: &first.id,
                update: &judged.combined,
                guard: Guard::Is { version: judged.base, steps: judged.steps },
                now: judged.modified_at,
            }),
            State::Judged(_) | State::Unread => None,
        }
    }

    /// Answers: each update with the outcome it was judged to have, or the one that the database judged with the row
    /// that was written.
    pub(crate) fn finish(self, written: Option<User>) {
        let outcomes = match self.state {
            State::Judged(judged) => judged.outcomes,
            State::Untried | State::Unread => written.map(Ok).into_iter().collect(),
        };
        for (pending, outcome) in self.pending.into_iter().zip(outcomes) {
            pending.reply.give(outcome);
        }
    }

    /// Answers each update with the same error.
    pub(crate) fn answer_all(self, error: &WriteError) {
        self.pending.into_iter().for_each(|pending| pending.reply.give(Err(error.clone())));
    }

    /// Takes the group apart, so that each update stands alone again.
    pub(crate) fn split(self) -> impl Iterator<Item = Self> {
        self.pending.into_iter().map(Self::new)
    }
}

impl Judged {
    fn on(mut user: User, pending: &[PendingUpdate]) -> Self {
        let base = user.version();
        let (mut steps, mut combined) = (0, UserUpdate::default());
        let outcomes = pending
            .iter()
            .map(|pending| match user.apply(pending.update.clone(), &pending.precondition, pending.now) {
                Err(Stale { current }) => {
                    Err(WriteError::Rejected(Rejection::PreconditionFailed { current }))
                }
                Ok(changed) => {
                    if changed {
                        steps += 1;
                        combined = std::mem::take(&mut combined).then(pending.update.clone());
                    }
                    Ok(user.clone())
                }
            })
            .collect();
        Self { base, steps, combined, modified_at: user.modified_at(), outcomes }
    }

    fn unknown(count: usize) -> Self {
        Self {
            base: Version::from_stored(0),
            steps: 0,
            combined: UserUpdate::default(),
            modified_at: DateTime::UNIX_EPOCH,
            outcomes: vec![Err(WriteError::Rejected(Rejection::NotFound)); count],
        }
    }
}
