use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, TimeDelta, Utc};
use subtle::ConstantTimeEq;
use users_ports::{Clock, RepositoryError, Scope, Scopes, TokenRecord, TokenRepository};

use crate::Token;

/// Who calls: the token that was shown, and what it allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    token_id: Arc<str>,
    scopes: Scopes,
}

impl Caller {
    /// The public id of the token.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// Whether the caller may do what `scope` is for.
    pub const fn may(&self, scope: Scope) -> bool {
        self.scopes.allow(scope)
    }
}

/// Why a caller is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthenticateError {
    /// The token is none of ours, or was revoked.
    #[error("the token is unknown or revoked")]
    Invalid,
    /// The token's time is over.
    #[error("the token has expired")]
    Expired,
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Tells who calls by the token that was shown.
///
/// What is known of a token is remembered for [`Authenticate::MAX_AGE`], so that most requests need no look-up;
/// a revocation takes effect when that time is over at the latest.
pub struct Authenticate {
    tokens: Arc<dyn TokenRepository>,
    clock: Arc<dyn Clock>,
    known: RwLock<HashMap<String, Known>>,
}

struct Known {
    record: Arc<TokenRecord>,
    token_id: Arc<str>,
    looked_up_at: DateTime<Utc>,
}

impl Authenticate {
    /// For how long a token's record is taken as it was last read: 3 seconds.
    pub const MAX_AGE: TimeDelta = TimeDelta::seconds(3);
    /// How many tokens are remembered; beyond that, all are forgotten and read anew.
    const MAX_KNOWN: usize = 10_000;

    /// The use case over these ports.
    pub fn new(tokens: Arc<dyn TokenRepository>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, clock, known: RwLock::default() }
    }

    /// Tells who shows `token`.
    pub async fn execute(&self, token: &Token) -> Result<Caller, AuthenticateError> {
        let now = self.clock.now();
        let (record, token_id) = match self.remembered(token.id(), now) {
            Some(known) => known,
            None => self.look_up(token.id(), now).await?.ok_or(AuthenticateError::Invalid)?,
        };
        let same_secret: bool = record.secret_hash.ct_eq(&token.secret_hash()).into();
        if !same_secret || record.revoked_at.is_some() {
            return Err(AuthenticateError::Invalid);
        }
        if record.expires_at.is_some_and(|end| end <= now) {
            return Err(AuthenticateError::Expired);
        }
        self.note_use(&record, now).await?;
        Ok(Caller { token_id, scopes: record.scopes })
    }

    fn remembered(&self, id: &str, now: DateTime<Utc>) -> Option<(Arc<TokenRecord>, Arc<str>)> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let entry = known.get(id)?;
        let age = now - entry.looked_up_at;
        // A clock that goes back must not stretch the age.
        let fresh = TimeDelta::zero() <= age && age < Self::MAX_AGE;
        fresh.then(|| (Arc::clone(&entry.record), Arc::clone(&entry.token_id)))
    }

    async fn look_up(
        &self,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(Arc<TokenRecord>, Arc<str>)>, RepositoryError> {
        let Some(record) = self.tokens.find(id).await? else { return Ok(None) };
        Ok(Some(self.remember(record, now)))
    }

    fn remember(&self, record: TokenRecord, now: DateTime<Utc>) -> (Arc<TokenRecord>, Arc<str>) {
        let (id, token_id) = (record.id.clone(), Arc::<str>::from(record.id.as_str()));
        let record = Arc::new(record);
        let entry = Known { record: Arc::clone(&record), token_id: Arc::clone(&token_id), looked_up_at: now };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= Self::MAX_KNOWN {
            known.clear();
        }
        known.insert(id, entry);
        (record, token_id)
    }

    /// Notes the day of use: one write a token and day.
    async fn note_use(&self, record: &TokenRecord, now: DateTime<Utc>) -> Result<(), RepositoryError> {
        let today = now.date_naive();
        if record.last_used_on.is_some_and(|day| day >= today) {
            return Ok(());
        }
        self.tokens.mark_used(&record.id, today).await?;
        self.remember(TokenRecord { last_used_on: Some(today), ..record.clone() }, now);
        Ok(())
    }
}
