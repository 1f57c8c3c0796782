use std::collections::HashSet;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::query_dsl::RunQueryDsl;
use users_domain::{Precondition, User, UserId};
use users_ports::{Rejection, RepositoryError};

use crate::delete_statement::DeleteStatement;
use crate::pool::Session;
use crate::reply::Reply;
use crate::user_reader::{by_id, find};
use crate::user_row::UserRow;
use crate::work::Work;

/// A user to be deleted, and where the outcome goes.
pub(crate) struct PendingDelete {
    pub(crate) id: UserId,
    pub(crate) precondition: Precondition,
    /// When it is deleted, and its tokens are revoked.
    pub(crate) now: DateTime<Utc>,
    pub(crate) reply: Reply,
}

impl Work for PendingDelete {
    /// Tries the first of each user, and judges those that did not delete theirs on what there is then.
    fn round(session: &mut Session, deletes: &mut Vec<Self>) -> QueryResult<()> {
        let mut first = first_of_each_user(deletes);
        first.sort_unstable_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
        let first = first.into_iter().map(|delete| (&delete.id, &delete.precondition, delete.now));
        let rows: Vec<UserRow> = DeleteStatement::new(first).load(&mut *session.connection)?;
        let mut gone = by_id(rows);
        // The first with an id is the one who deleted it.
        for delete in std::mem::take(deletes) {
            match gone.remove(delete.id.as_str()) {
                Some(user) => delete.reply.give(Ok(user)),
                None => deletes.push(delete),
            }
        }
        if deletes.is_empty() { Ok(()) } else { judge(session, deletes) }
    }

    fn fail(self, error: &RepositoryError) {
        self.reply.give(Err(error.clone().into()));
    }
}

fn first_of_each_user(deletes: &[PendingDelete]) -> Vec<&PendingDelete> {
    let mut seen = HashSet::new();
    deletes.iter().filter(|delete| seen.insert(delete.id.as_str())).collect()
}

/// Rejects what cannot be carried out, and leaves what came too early or too late for the version that it is meant for.
fn judge(session: &mut Session, deletes: &mut Vec<PendingDelete>) -> QueryResult<()> {
    let users = find(&mut session.connection, deletes.iter().map(|delete| &delete.id))?;
    let mut left = HashSet::new();
    for delete in std::mem::take(deletes) {
        let rejection = users.get(delete.id.as_str()).map_or(Some(Rejection::NotFound), |user: &User| {
            let current = user.version();
            let holds = delete.precondition.holds(current);
            (!holds).then_some(Rejection::PreconditionFailed { current })
        });
        match rejection {
            // Who comes after one who is left is left too: that one may yet delete the user.
            Some(rejection) if !left.contains(&delete.id) => delete.reply.give(Err(rejection.into())),
            _ => {
                left.insert(delete.id.clone());
                deletes.push(delete);
            }
        }
    }
    Ok(())
}
