mod idempotency_records;
mod user_table;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use users_domain::{Direction, SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery};
use users_ports::{
    CommandOutcome, Directory, Ending, HealthCheck, IdempotencyRecords, IdempotentRequest, RecordUsage,
    RepositoryError, SchemaState, Stamp, TokenRecord, TokenRepository, Transacted, Unhealthy, UserCommand,
    Users, WriteError,
};

use self::idempotency_records::RecordTable;
use self::user_table::UserTable;

/// A store that keeps everything in memory and is always well.
///
/// It keeps every law of the ports but the one of the disk, with [`User::apply`] as the meaning of an update and
/// [`SearchQuery::place_of`] as that of a search: the stand-in for tests of what uses a store, and the oracle for tests of other stores.
#[derive(Debug, Default)]
pub struct MemoryStore(Mutex<State>);

#[derive(Clone, Debug, Default)]
struct State {
    users: UserTable,
    records: RecordTable,
    tokens: HashMap<String, TokenRecord>,
}

impl State {
    /// Carries out a command as of `now`; a copy of the state is as good as a transaction.
    fn carry_out(&mut self, command: UserCommand, now: DateTime<Utc>) -> CommandOutcome {
        let deleted = match &command {
            UserCommand::Delete { id, .. } => Some(id.clone()),
            UserCommand::Create(_) | UserCommand::Update { .. } => None,
        };
        let user = self.users.carry_out(command, now)?;
        if let Some(id) = deleted {
            self.revoke_tokens_of(&id, now);
        }
        Ok(user)
    }

    /// Revokes the self-service tokens of a user.
    fn revoke_tokens_of(&mut self, id: &UserId, now: DateTime<Utc>) {
        let of_user = self.tokens.values_mut().filter(|token| token.grant.user() == Some(id));
        of_user.for_each(|token| {
            token.revoked_at.get_or_insert(now.trunc_subsecs(6));
        });
    }

    /// Keeps a new token.
    fn keep(&mut self, token: TokenRecord) -> Result<(), RepositoryError> {
        if self.tokens.contains_key(&token.id) {
            return Err(RepositoryError::Internal(format!("there is a token {} already", token.id)));
        }
        self.tokens.insert(token.id.clone(), token);
        Ok(())
    }
}

impl MemoryStore {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Users for MemoryStore {
    async fn write(&self, command: UserCommand, stamp: &Stamp) -> Result<User, WriteError> {
        Ok(self.state().carry_out(command, stamp.at)?)
    }

    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        stamp: &Stamp,
        ending: Ending,
    ) -> Result<Transacted, WriteError> {
        let mut state = self.state();
        if let Ending::Once(request) = &ending
            && let Some(outcomes) = state.records.recall(request, stamp.at)?
        {
            return Ok(Transacted { outcomes, replayed: true });
        }
        let mut copy = state.clone();
        let outcomes: Vec<_> =
            commands.into_iter().map(|command| copy.carry_out(command, stamp.at)).collect();
        if let Ending::Once(request) = ending
            && outcomes.iter().any(Result::is_ok)
        {
            *state = copy;
            state.records.keep(request, outcomes.clone(), stamp.at);
        }
        Ok(Transacted { outcomes, replayed: false })
    }

    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError> {
        Ok(self.state().users.find(id).cloned())
    }
}

#[async_trait]
impl IdempotencyRecords for MemoryStore {
    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
        self.state().records.recall(request, now)
    }

    async fn forget(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError> {
        Ok(self.state().records.forget(most, now))
    }

    async fn usage(&self) -> Result<Vec<RecordUsage>, RepositoryError> {
        Ok(self.state().records.usage())
    }
}

#[async_trait]
impl Directory for MemoryStore {
    async fn search(&self, query: &SearchQuery) -> Result<SearchPage, RepositoryError> {
        let mut found = self.state().users.found_by(query);
        found.sort_by(|(place, _), (other, _)| place.cmp(other));
        Ok(SearchPage::of(found, query.limit))
    }

    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError> {
        let mut found = self.state().users.fitting(&query.filter);
        found.retain(|user| query.is_behind_start(user.id()));
        found.sort_by(|a, b| a.id().as_str().cmp(b.id().as_str()));
        if query.direction == Direction::Descending {
            found.reverse();
        }
        let offset = usize::try_from(query.bounds.offset()).unwrap();
        Ok(UserPage::of(found.into_iter().skip(offset).collect(), query.bounds))
    }

    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError> {
        Ok(self.state().users.fitting(filter).len() as u64)
    }
}

#[async_trait]
impl TokenRepository for MemoryStore {
    async fn create(&self, token: TokenRecord) -> Result<(), RepositoryError> {
        self.state().keep(token)
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

    async fn rotate(
        &self,
        id: &str,
        successor: TokenRecord,
        until: DateTime<Utc>,
    ) -> Result<bool, RepositoryError> {
        let mut state = self.state();
        let now = successor.created_at;
        if !state.tokens.get(id).is_some_and(|token| token.is_valid_at(now)) {
            return Ok(false);
        }
        state.keep(successor)?;
        if let Some(token) = state.tokens.get_mut(id) {
            let until = until.trunc_subsecs(6);
            token.expires_at = Some(token.expires_at.map_or(until, |end| end.min(until)));
        }
        Ok(true)
    }

    async fn prune(&self, end: DateTime<Utc>) -> Result<u64, RepositoryError> {
        let mut state = self.state();
        let before = state.tokens.len();
        state.tokens.retain(|_, token| {
            ![token.revoked_at, token.expires_at].into_iter().flatten().any(|at| at < end)
        });
        Ok((before - state.tokens.len()) as u64)
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
    async fn check(&self) -> Result<SchemaState, Unhealthy> {
        Ok(SchemaState::Current)
    }
}
