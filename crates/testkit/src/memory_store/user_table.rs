use std::collections::HashMap;

use chrono::{DateTime, Utc};
use users_domain::{
    Precondition, SearchPlace, SearchQuery, User, UserFilter, UserId, UserUpdate, Username, UsernameKey,
};
use users_ports::{CommandOutcome, Rejection, UserCommand};

/// The users, and who has which username; a copy of it is as good as a transaction.
#[derive(Clone, Debug, Default)]
pub struct UserTable {
    users: HashMap<UserId, User>,
    usernames: HashMap<UsernameKey, UserId>,
}

impl UserTable {
    fn create(&mut self, user: User) -> Result<User, Rejection> {
        if self.users.contains_key(user.id()) {
            return Err(Rejection::IdTaken);
        }
        if self.is_username_taken(&user) {
            return Err(Rejection::UsernameTaken);
        }
        self.keep(user.clone());
        Ok(user)
    }

    pub fn find(&self, id: &UserId) -> Option<&User> {
        self.users.get(id)
    }

    fn update(
        &mut self,
        id: &UserId,
        update: UserUpdate,
        precondition: &Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, Rejection> {
        let mut user = self.find(id).cloned().ok_or(Rejection::NotFound)?;
        user.apply(update, precondition, now)
            .map_err(|stale| Rejection::PreconditionFailed { current: stale.current })?;
        if self.is_username_taken(&user) {
            return Err(Rejection::UsernameTaken);
        }
        self.keep(user.clone());
        Ok(user)
    }

    fn delete(&mut self, id: &UserId, precondition: &Precondition) -> Result<User, Rejection> {
        let current = self.find(id).ok_or(Rejection::NotFound)?.version();
        if !precondition.holds(current) {
            return Err(Rejection::PreconditionFailed { current });
        }
        self.remove(id).ok_or(Rejection::NotFound)
    }

    /// Carries out a command as of `now`.
    pub fn carry_out(&mut self, command: UserCommand, now: DateTime<Utc>) -> CommandOutcome {
        match command {
            UserCommand::Create(user) => self.create(*user),
            UserCommand::Update { id, update, precondition } => self.update(&id, *update, &precondition, now),
            UserCommand::Delete { id, precondition } => self.delete(&id, &precondition),
        }
    }

    /// The users that the filter fits, in no order.
    pub fn fitting(&self, filter: &UserFilter) -> Vec<User> {
        self.users.values().filter(|user| filter.fits(user)).cloned().collect()
    }

    /// The users that the query finds and their places, in no order.
    pub fn found_by(&self, query: &SearchQuery) -> Vec<(SearchPlace, User)> {
        self.users.values().filter_map(|user| Some((query.place_of(user)?, user.clone()))).collect()
    }

    /// Whether another user has the user's username.
    fn is_username_taken(&self, user: &User) -> bool {
        username_key(user).and_then(|key| self.usernames.get(&key)).is_some_and(|holder| holder != user.id())
    }

    /// Keeps the user in place of what was kept under its id.
    fn keep(&mut self, user: User) {
        self.remove(user.id());
        if let Some(key) = username_key(&user) {
            self.usernames.insert(key, user.id().clone());
        }
        self.users.insert(user.id().clone(), user);
    }

    fn remove(&mut self, id: &UserId) -> Option<User> {
        let user = self.users.remove(id)?;
        if let Some(key) = username_key(&user) {
            self.usernames.remove(&key);
        }
        Some(user)
    }
}

fn username_key(user: &User) -> Option<UsernameKey> {
    user.profile().username.as_ref().map(Username::key)
}
