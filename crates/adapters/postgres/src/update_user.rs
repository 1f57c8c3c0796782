use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::result::Error;
use users_domain::{Change, UserId, Username, UsernameKey};
use users_ports::RepositoryError;

use crate::errors::write_error;
use crate::pool::Session;
use crate::schema::users;
use crate::update_group::{PendingUpdate, UpdateGroup};
use crate::update_statement::{UpdateRow, UpdateStatement};
use crate::user_reader::{by_id, find};
use crate::user_row::UserRow;
use crate::work::{self, Work};

/// Carries out the updates that have gathered and answers each.
///
/// Updates that change a username are written apart from the others: they can fail for another user's sake.
pub(crate) fn carry_out(session: &mut Session, updates: Vec<PendingUpdate>) {
    let (renaming, others) =
        groups(updates).into_iter().partition::<Vec<_>, _>(UpdateGroup::touches_username);
    work::carry_out(session, others);
    // Whether a username is free only the database knows, so what several new usernames of one user leave behind does
    // not tell how each of them went.
    let (single, several) = renaming.into_iter().partition::<Vec<_>, _>(UpdateGroup::is_single);
    work::carry_out(session, single);
    several
        .into_iter()
        .flat_map(UpdateGroup::split)
        .for_each(|update| work::carry_out(session, vec![update]));
}

/// The same as a part of a transaction, one update after the other in their order, or as if it were so.
pub(crate) fn carry_out_within(session: &mut Session, updates: Vec<PendingUpdate>) -> QueryResult<()> {
    let renamed_users: HashSet<UserId> = updates
        .iter()
        .filter(|pending| pending.changes_username())
        .map(|pending| pending.id.clone())
        .collect();
    let (renaming, others) =
        updates.into_iter().partition::<Vec<_>, _>(|pending| renamed_users.contains(&pending.id));
    work::carry_out_within(session, groups(others))?;
    if renaming.is_empty() {
        Ok(())
    } else if renamed_users.len() == renaming.len() && are_free(&mut session.connection, &renaming)? {
        work::carry_out_username_changes_within(session, groups(renaming))
    } else {
        renaming.into_iter().try_for_each(|update| {
            work::carry_out_username_changes_within(session, vec![UpdateGroup::new(update)])
        })
    }
}

/// Whether no two of the updates set the same username, and none is anybody's now: then their order means nothing.
fn are_free(connection: &mut PgConnection, updates: &[PendingUpdate]) -> QueryResult<bool> {
    let keys = updates.iter().filter_map(|pending| match &pending.update.username {
        Change::Set(username) => Some(Username::key(username)),
        Change::Keep | Change::Clear => None,
    });
    let keys: Vec<_> = keys.collect();
    let distinct: HashSet<_> = keys.iter().map(UsernameKey::as_str).collect();
    if distinct.len() < keys.len() {
        return Ok(false);
    }
    let distinct: Vec<_> = distinct.into_iter().collect();
    let taken = users::table.filter(users::username_key.eq_any(distinct)).select(users::id);
    Ok(taken.first::<String>(connection).optional()?.is_none())
}

/// The updates of each user together, by id, so that every copy of the service locks rows in the same order.
fn groups(updates: Vec<PendingUpdate>) -> Vec<UpdateGroup> {
    let mut groups = BTreeMap::<String, UpdateGroup>::new();
    for pending in updates {
        match groups.get_mut(pending.id.as_str()) {
            Some(group) => group.push(pending),
            None => {
                groups.insert(pending.id.as_str().to_owned(), UpdateGroup::new(pending));
            }
        }
    }
    groups.into_values().collect()
}

impl Work for UpdateGroup {
    /// Reads the rows that have to be read, writes what is to be written, and leaves the groups whose row was not as they
    /// took it to be.
    fn round(session: &mut Session, groups: &mut Vec<Self>) -> QueryResult<()> {
        judge_unread(&mut session.connection, groups)?;
        let rows: Vec<UpdateRow<'_>> = groups.iter().filter_map(Self::row).collect();
        let mut written = HashMap::new();
        if !rows.is_empty() {
            let statement = UpdateStatement::new(&rows, &mut session.texts);
            let rows: Vec<UserRow> = statement.load(&mut *session.connection)?;
            written = by_id(rows);
        }
        for mut group in std::mem::take(groups) {
            let user = group.id().and_then(|id| written.remove(id.as_str()));
            if user.is_none() && group.row().is_some() {
                group.missed();
                groups.push(group);
            } else {
                group.finish(user);
            }
        }
        Ok(())
    }

    fn fail(self, error: &RepositoryError) {
        self.answer_all(&error.clone().into());
    }

    fn refuse(self, error: &Error) {
        self.answer_all(&write_error(error));
    }
}

/// Answers to all that the repository failed.
pub(crate) fn fail_all(updates: Vec<PendingUpdate>, error: &RepositoryError) {
    for pending in updates {
        pending.reply.give(Err(error.clone().into()));
    }
}

fn judge_unread(connection: &mut PgConnection, groups: &mut [UpdateGroup]) -> QueryResult<()> {
    let ids: Vec<_> = groups.iter().filter(|group| group.is_unread()).filter_map(UpdateGroup::id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut read = find(connection, ids)?;
    for group in groups.iter_mut().filter(|group| group.is_unread()) {
        let user = group.id().and_then(|id| read.remove(id.as_str()));
        group.judge(user);
    }
    Ok(())
}
