use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use users_domain::UserId;
use users_ports::{RepositoryError, UserCommand};

use crate::create_user::PendingCreate;
use crate::delete_user::PendingDelete;
use crate::pool::Session;
use crate::reply::Reply;
use crate::update_group::PendingUpdate;
use crate::{update_user, work};

/// What is to happen to one user.
pub(crate) enum UserWrite {
    Create(Box<PendingCreate>),
    Update(Box<PendingUpdate>),
    Delete(Box<PendingDelete>),
}

impl UserWrite {
    /// The write that carries out the command as of `now`.
    pub(crate) fn new(command: UserCommand, now: DateTime<Utc>, reply: Reply) -> Self {
        match command {
            UserCommand::Create(user) => Self::Create(Box::new(PendingCreate::new(*user, reply))),
            UserCommand::Update { id, update, precondition } => {
                Self::Update(Box::new(PendingUpdate { id, update: *update, precondition, now, reply }))
            }
            UserCommand::Delete { id, precondition } => {
                Self::Delete(Box::new(PendingDelete { id, precondition, now, reply }))
            }
        }
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        match self {
            Self::Create(create) => create.is_abandoned(),
            Self::Update(update) => update.reply.is_abandoned(),
            Self::Delete(delete) => delete.reply.is_abandoned(),
        }
    }

    fn id(&self) -> &UserId {
        match self {
            Self::Create(create) => create.user().id(),
            Self::Update(update) => &update.id,
            Self::Delete(delete) => &delete.id,
        }
    }
}

/// Writes of one kind, in their order, that are carried out together.
pub(crate) enum Run {
    Creates(Vec<PendingCreate>),
    Updates(Vec<PendingUpdate>),
    Deletes(Vec<PendingDelete>),
}

impl From<UserWrite> for Run {
    fn from(first: UserWrite) -> Self {
        match first {
            UserWrite::Create(create) => Self::Creates(vec![*create]),
            UserWrite::Update(update) => Self::Updates(vec![*update]),
            UserWrite::Delete(delete) => Self::Deletes(vec![*delete]),
        }
    }
}

impl Run {
    /// Takes a write in as the last one, or gives it back where it is of another kind.
    fn take(&mut self, write: UserWrite) -> Result<(), UserWrite> {
        match (self, write) {
            (Self::Creates(creates), UserWrite::Create(create)) => creates.push(*create),
            (Self::Updates(updates), UserWrite::Update(update)) => updates.push(*update),
            (Self::Deletes(deletes), UserWrite::Delete(delete)) => deletes.push(*delete),
            (_, write) => return Err(write),
        }
        Ok(())
    }

    fn carry_out(self, session: &mut Session) {
        match self {
            Self::Creates(creates) => work::carry_out(session, creates),
            Self::Updates(updates) => update_user::carry_out(session, updates),
            Self::Deletes(deletes) => work::carry_out(session, deletes),
        }
    }

    /// The same as a part of a transaction, which an error is the end of.
    pub(crate) fn carry_out_within(self, session: &mut Session) -> QueryResult<()> {
        match self {
            Self::Creates(creates) => work::carry_out_within(session, creates),
            Self::Updates(updates) => update_user::carry_out_within(session, updates),
            Self::Deletes(deletes) => work::carry_out_within(session, deletes),
        }
    }

    fn fail(self, error: &RepositoryError) {
        match self {
            Self::Creates(creates) => work::fail_all(creates, error),
            Self::Updates(updates) => update_user::fail_all(updates, error),
            Self::Deletes(deletes) => work::fail_all(deletes, error),
        }
    }
}

/// Carries out the writes that have gathered, those of one user in their order, and answers each.
pub(crate) fn carry_out(session: Result<&mut Session, RepositoryError>, writes: Vec<UserWrite>) {
    let runs = few_runs(writes);
    match session {
        Ok(session) => runs.into_iter().for_each(|run| run.carry_out(session)),
        Err(error) => runs.into_iter().for_each(|run| run.fail(&error)),
    }
}

/// As few runs as can be: each write goes into the first of its kind that is not before one with a write of the same user.
fn few_runs(writes: Vec<UserWrite>) -> Vec<Run> {
    let mut runs = Vec::<Run>::new();
    let mut last = HashMap::<UserId, usize>::new();
    for write in writes {
        let id = write.id().clone();
        let earliest = last.get(&id).copied().unwrap_or_default();
        let place = put(&mut runs, earliest, write);
        last.insert(id, place);
    }
    runs
}

/// Runs of writes that follow on each other, so that all writes are carried out in their order.
pub(crate) fn runs_in_order(writes: impl IntoIterator<Item = UserWrite>) -> Vec<Run> {
    let mut runs = Vec::<Run>::new();
    for write in writes {
        let last = runs.len().saturating_sub(1);
        put(&mut runs, last, write);
    }
    runs
}

/// Puts the write into the first run of its kind from `earliest` on, or a new one, and tells which it is.
fn put(runs: &mut Vec<Run>, earliest: usize, mut write: UserWrite) -> usize {
    for (place, run) in runs.iter_mut().enumerate().skip(earliest) {
        match run.take(write) {
            Ok(()) => return place,
            Err(back) => write = back,
        }
    }
    runs.push(write.into());
    runs.len() - 1
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use users_domain::{Precondition, UserUpdate};
    use users_ports::UserCommand;
    use users_testkit::{minimal_user, noon, user_id};

    use super::{Run, UserWrite, few_runs, runs_in_order};
    use crate::reply::{Note, Reply};

    /// `"+a =b -a"` creates `a`, updates `b` and deletes `a`.
    fn writes(text: &str) -> Vec<UserWrite> {
        let write = |word: &str| {
            let (notes, _) = mpsc::channel();
            let (kind, id) = word.split_at(1);
            let (id, precondition) = (user_id(id), Precondition::Exists);
            let command = match kind {
                "+" => UserCommand::Create(minimal_user(id.as_str()).into()),
                "=" => UserCommand::Update { id, update: UserUpdate::default().into(), precondition },
                _ => UserCommand::Delete { id, precondition },
            };
            UserWrite::new(command, noon(), Reply::Note(Note { place: 0, notes }))
        };
        text.split(' ').map(write).collect()
    }

    fn text(runs: &[Run]) -> String {
        let words = |kind: &str, ids: Vec<&str>| {
            ids.into_iter().map(|id| format!("{kind}{id}")).collect::<Vec<_>>().join(" ")
        };
        let run = |run: &Run| match run {
            Run::Creates(writes) => {
                words("+", writes.iter().map(|write| write.user().id().as_str()).collect())
            }
            Run::Updates(writes) => words("=", writes.iter().map(|write| write.id.as_str()).collect()),
            Run::Deletes(writes) => words("-", writes.iter().map(|write| write.id.as_str()).collect()),
        };
        runs.iter().map(run).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn writes_go_together_where_none_of_the_same_user_is_overtaken() {
        for (given, expected) in [
            ("=a =b =a", "=a =b =a"),
            ("=a +b =c +d", "=a =c | +b +d"),
            ("+a =a +b =b -a", "+a +b | =a =b | -a"),
            ("+a -a +a -b +c", "+a +c | -a -b | +a"),
            ("+a -a =b -b", "+a | -a | =b | -b"),
        ] {
            assert_eq!(text(&few_runs(writes(given))), expected, "{given}");
        }
    }

    #[test]
    fn writes_of_a_transaction_keep_their_order() {
        for (given, expected) in
            [("=a +b =c +d", "=a | +b | =c | +d"), ("+a +b =c =a -b", "+a +b | =c =a | -b")]
        {
            assert_eq!(text(&runs_in_order(writes(given))), expected, "{given}");
        }
    }
}
