use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use users_domain::{
    Direction, Precondition, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate, UsernameKey,
};
use users_ports::{
    CreateUserError, HealthCheck, RepositoryError, TokenRecord, TokenRepository, Unhealthy, UpdateUserError,
    UserRepository,
};

/// A store that keeps everything in memory and is always well.
///
/// It keeps every law of the ports but the one of the disk, with [`User::apply`] as the meaning of an update:
/// the stand-in for tests of what uses a store, and the oracle for tests of other stores.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    users: HashMap<UserId, User>,
    usernames: HashMap<UsernameKey, UserId>,
    tokens: HashMap<String, TokenRecord>,
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether a user other than `id` has the username.
    fn is_taken(&self, key: &UsernameKey, id: &UserId) -> bool {
        self.usernames.get(key).is_some_and(|holder| holder != id)
    }

    /// Keeps the user in place of what was kept under its id.
    fn keep(&mut self, user: User) {
        if let Some(key) = self.users.get(user.id()).and_then(username_key) {
            self.usernames.remove(&key);
        }
        if let Some(key) = username_key(&user) {
            self.usernames.insert(key, user.id().clone());
        }
        self.users.insert(user.id().clone(), user);
    }

    /// The users that the filter fits, in no order.
    fn fitting(&self, filter: &UserFilter) -> Vec<User> {
        self.users.values().filter(|user| filter.fits(user)).cloned().collect()
    }
}

fn username_key(user: &User) -> Option<UsernameKey> {
    user.profile().username.as_ref().map(users_domain::Username::key)
}

#[async_trait]
impl UserRepository for MemoryStore {
    async fn create(&self, user: User) -> Result<User, CreateUserError> {
        let mut state = self.state();
        if state.users.contains_key(user.id()) {
            return Err(CreateUserError::IdTaken);
        }
        if username_key(&user).is_some_and(|key| state.is_taken(&key, user.id())) {
            return Err(CreateUserError::UsernameTaken);
        }
        state.keep(user.clone());
        Ok(user)
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        Ok(self.state().users.get(id).cloned())
    }

    async fn update(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, UpdateUserError> {
        let mut state = self.state();
        let mut user = state.users.get(id).cloned().ok_or(UpdateUserError::NotFound)?;
        user.apply(update, &precondition, now)
            .map_err(|stale| UpdateUserError::PreconditionFailed { current: stale.current })?;
        if username_key(&user).is_some_and(|key| state.is_taken(&key, id)) {
            return Err(UpdateUserError::UsernameTaken);
        }
        state.keep(user.clone());
        Ok(user)
    }

    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError> {
        let mut found = self.state().fitting(&query.filter);
        found.retain(|user| query.is_behind_start(user.id()));
        found.sort_by(|a, b| a.id().as_str().cmp(b.id().as_str()));
        if query.direction == Direction::Descending {
            found.reverse();
        }
        let offset = usize::try_from(query.bounds.offset()).unwrap();
        Ok(UserPage::of(found.into_iter().skip(offset).collect(), query.bounds))
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError> {
        Ok(self.state().fitting(filter).len() as u64)
    }
}

#[async_trait]
impl TokenRepository for MemoryStore {
    async fn create(&self, token: TokenRecord) -> Result<(), RepositoryError> {
        let mut state = self.state();
        if state.tokens.contains_key(&token.id) {
            return Err(RepositoryError::Internal(format!("there is a token {} already", token.id)));
        }
        state.tokens.insert(token.id.clone(), token);
        Ok(())
    }

    async fn find(&self, id: &str) -> Result<Option<TokenRecord>, RepositoryError> {
        Ok(self.state().tokens.get(id).cloned())
    }

    async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        let mut tokens: Vec<_> = self.state().tokens.values().cloned().collect();
        tokens.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
        Ok(tokens)
    }

    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError> {
        let mut state = self.state();
        let token = state.tokens.get_mut(id);
        Ok(token.map(|token| token.revoked_at.get_or_insert(now.trunc_subsecs(6))).is_some())
    }

    async fn mark_used(&self, id: &str, day: NaiveDate) -> Result<(), RepositoryError> {
        if let Some(token) = self.state().tokens.get_mut(id) {
            token.last_used_on = token.last_used_on.max(Some(day));
        }
        Ok(())
    }
}

#[async_trait]
impl HealthCheck for MemoryStore {
    async fn check(&self) -> Result<(), Unhealthy> {
        Ok(())
    }
}
