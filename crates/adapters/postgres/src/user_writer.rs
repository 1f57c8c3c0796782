use std::collections::{BTreeMap, HashMap};

use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::r2d2::R2D2Connection;
use users_domain::{User, UserId};
use users_ports::{RepositoryError, UpdateUserError};

use crate::errors::{repository_error, update_user_error};
use crate::pool::Session;
use crate::schema::users;
use crate::update_group::{PendingUpdate, UpdateGroup};
use crate::update_statement::{UpdateRow, UpdateStatement};
use crate::user_row::UserRow;

/// How often a group is tried anew when other writers keep changing its row in between. Each time one of
/// them has come further, so this is not reached by any load that the database can carry.
const MAX_ROUNDS: usize = 100;

/// Carries out the updates that have gathered and answers each.
///
/// Updates that claim a username are written apart from the others: they can fail for another user's sake.
pub(crate) fn carry_out(session: &mut Session, updates: Vec<PendingUpdate>) {
    // By id, so that every copy of the service locks rows in the same order.
    let mut groups = BTreeMap::<String, UpdateGroup>::new();
    for pending in updates {
        match groups.get_mut(pending.id.as_str()) {
            Some(group) => group.push(pending),
            None => {
                groups.insert(pending.id.as_str().to_owned(), UpdateGroup::new(pending));
            }
        }
    }
    let (claiming, others) = groups.into_values().partition::<Vec<_>, _>(UpdateGroup::touches_username);
    write(session, others);
    // Whether a username is free only the database knows, so what several claims of one user leave behind does
    // not tell how each of them went.
    let (single_claims, several_claims) = claiming.into_iter().partition::<Vec<_>, _>(UpdateGroup::is_single);
    write(session, single_claims);
    several_claims.into_iter().flat_map(UpdateGroup::split).for_each(|claim| write(session, vec![claim]));
}

/// Writes the groups with as few statements as it takes, each group on its own terms.
fn write(session: &mut Session, mut groups: Vec<UpdateGroup>) {
    for _ in 0..MAX_ROUNDS {
        if groups.is_empty() {
            return;
        }
        groups = match round(session, &mut groups) {
            Ok(missed) => missed,
            Err(error) => return one_by_one(session, groups, &error),
        };
    }
    let contended = RepositoryError::Unavailable("other writers kept changing the row".to_owned());
    let contended = contended.into();
    for group in groups {
        group.refuse(&contended);
    }
}

/// Reads the rows that have to be read, writes what is to be written, answers what is done, and gives back the groups
/// whose row was not as they took it to be. On an error nothing was written and nobody has an answer.
fn round(session: &mut Session, groups: &mut Vec<UpdateGroup>) -> QueryResult<Vec<UpdateGroup>> {
    judge_unread(&mut session.connection, groups)?;
    let rows: Vec<UpdateRow<'_>> = groups.iter().filter_map(UpdateGroup::row).collect();
    let mut written = HashMap::new();
    if !rows.is_empty() {
        let statement = UpdateStatement::new(&rows, &mut session.texts);
        written = by_id(statement.load(&mut *session.connection)?);
    }
    let mut missed = Vec::new();
    for mut group in groups.drain(..) {
        let user = group.id().and_then(|id| written.remove(id.as_str()));
        if user.is_none() && group.row().is_some() {
            group.missed();
            missed.push(group);
        } else {
            group.finish(user);
        }
    }
    Ok(missed)
}

fn judge_unread(connection: &mut PgConnection, groups: &mut [UpdateGroup]) -> QueryResult<()> {
    let ids: Vec<_> = groups.iter().filter(|group| group.is_unread()).filter_map(UpdateGroup::id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut read = find(connection, &ids)?;
    for group in groups.iter_mut().filter(|group| group.is_unread()) {
        let user = group.id().and_then(|id| read.remove(id.as_str()));
        group.judge(user);
    }
    Ok(())
}

/// What failed together is tried alone, so that one update's failure is no other's.
fn one_by_one(session: &mut Session, groups: Vec<UpdateGroup>, error: &diesel::result::Error) {
    if session.connection.is_broken() {
        let away = repository_error(error).into();
        return groups.into_iter().for_each(|group| group.refuse(&away));
    }
    let together = groups.len() > 1;
    for group in groups {
        if together {
            write(session, vec![group]);
        } else {
            group.refuse(&update_user_error(error));
        }
    }
}

/// The users with these ids, by id.
pub(crate) fn find(connection: &mut PgConnection, ids: &[&UserId]) -> QueryResult<HashMap<String, User>> {
    let ids: Vec<_> = ids.iter().map(|id| id.as_str()).collect();
    Ok(by_id(users::table.filter(users::id.eq_any(ids)).load(connection)?))
}

fn by_id(rows: Vec<UserRow>) -> HashMap<String, User> {
    rows.into_iter().map(|row| (row.id.clone(), row.into())).collect()
}

/// Why nothing could be done for anybody: there was no connection.
pub(crate) fn refuse_all(updates: Vec<PendingUpdate>, error: &RepositoryError) {
    let error = UpdateUserError::from(error.clone());
    for pending in updates {
        pending.answer.give(Err(error.clone()));
    }
}
