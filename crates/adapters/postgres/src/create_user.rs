use std::collections::HashSet;

use diesel::QueryResult;
use diesel::prelude::*;
use users_domain::{User, Username, UsernameKey};
use users_ports::{Rejection, RepositoryError, WriteError};

use crate::insert_statement::InsertStatement;
use crate::pool::Session;
use crate::reply::Reply;
use crate::schema::users;
use crate::work::Work;

/// A user to be kept, and where the outcome goes.
pub(crate) struct PendingCreate {
    user: User,
    username: Option<UsernameKey>,
    reply: Reply,
}

impl PendingCreate {
    pub(crate) fn new(user: User, reply: Reply) -> Self {
        let username = user.profile().username.as_ref().map(Username::key);
        Self { user, username, reply }
    }

    pub(crate) const fn user(&self) -> &User {
        &self.user
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.reply.is_abandoned()
    }
}

impl Work for PendingCreate {
    /// Stores the first of those with the same id or username, and rejects those whose id or username is then taken.
    fn round(session: &mut Session, creates: &mut Vec<Self>) -> QueryResult<()> {
        let mut first = first_of_each(creates);
        first.sort_unstable_by(|a, b| a.id().as_str().cmp(b.id().as_str()));
        let kept: Vec<String> = InsertStatement::new(first).load(&mut *session.connection)?;
        let kept: HashSet<_> = kept.into_iter().collect();
        // The first with an id is the one who was kept.
        let mut told = HashSet::new();
        for create in std::mem::take(creates) {
            let id = create.user.id().as_str();
            if kept.contains(id) && told.insert(id.to_owned()) {
                create.reply.give(Ok(create.user));
            } else {
                creates.push(create);
            }
        }
        if creates.is_empty() { Ok(()) } else { refuse_taken(session, creates) }
    }

    fn fail(self, error: &RepositoryError) {
        self.reply.give(Err(error.clone().into()));
    }
}

/// The ids and usernames of the creations before.
#[derive(Default)]
struct Seen<'a> {
    ids: HashSet<&'a str>,
    usernames: HashSet<&'a str>,
}

impl<'a> Seen<'a> {
    /// Adds those of a creation, and tells whether none was seen before.
    fn add(&mut self, create: &'a PendingCreate) -> bool {
        let id = self.ids.insert(create.user.id().as_str());
        let username = create.username.as_ref().is_none_or(|key| self.usernames.insert(key.as_str()));
        id && username
    }
}

/// Those whose id and username no creation before them has.
fn first_of_each(creates: &[PendingCreate]) -> Vec<&User> {
    let mut seen = Seen::default();
    creates.iter().filter(|create| seen.add(create)).map(PendingCreate::user).collect()
}

/// Refuses whose id or username is taken. Those who are left were not tried yet, or what stood in their way has gone since.
fn refuse_taken(session: &mut Session, creates: &mut Vec<PendingCreate>) -> QueryResult<()> {
    let connection = &mut *session.connection;
    let ids: Vec<_> = creates.iter().map(|create| create.user.id().as_str()).collect();
    let ids = users::table.filter(users::id.eq_any(ids)).select(users::id).load::<String>(connection)?;
    let keys: Vec<_> =
        creates.iter().filter_map(|create| create.username.as_ref()).map(UsernameKey::as_str).collect();
    let mut taken_keys = Vec::new();
    if !keys.is_empty() {
        let keys = users::table.filter(users::username_key.eq_any(keys)).select(users::username_key);
        taken_keys = keys.load::<Option<String>>(connection)?;
    }
    let ids: HashSet<_> = ids.iter().map(String::as_str).collect();
    let keys: HashSet<_> = taken_keys.iter().flatten().map(String::as_str).collect();
    for create in std::mem::take(creates) {
        let takes = |key: &UsernameKey| keys.contains(key.as_str());
        if ids.contains(create.user.id().as_str()) {
            create.reply.give(Err(WriteError::Rejected(Rejection::IdTaken)));
        } else if create.username.as_ref().is_some_and(takes) {
            create.reply.give(Err(WriteError::Rejected(Rejection::UsernameTaken)));
        } else {
            creates.push(create);
        }
    }
    Ok(())
}
