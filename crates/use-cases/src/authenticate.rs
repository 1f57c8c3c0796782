use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use subtle::ConstantTimeEq;
use users_ports::{Clock, RepositoryError, TokenRecord, TokenRepository};

use crate::{Caller, Token};

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
///
/// The day on which a token is used is noted in passing: one write a token and day. A caller is let in also where that
/// write fails; it is tried again with the next look-up.
pub struct Authenticate {
    tokens: Arc<dyn TokenRepository>,
    clock: Arc<dyn Clock>,
    known: RwLock<HashMap<String, Known>>,
    remembered: AtomicU64,
    read: AtomicU64,
    invalid: AtomicU64,
    expired: AtomicU64,
}

/// How tokens were looked up so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenLookUps {
    /// Tokens whose record was remembered.
    pub remembered: u64,
    /// Tokens whose record had to be read from the repository, whether it was there or not.
    pub read: u64,
    /// Tokens that are remembered now.
    pub known: usize,
    /// Tokens that were refused as unknown or revoked.
    pub invalid: u64,
    /// Tokens that were refused because their time is over.
    pub expired: u64,
}

/// A token as it was last read.
#[derive(Clone)]
struct Known {
    record: Arc<TokenRecord>,
    caller: Caller,
    /// Taken before the look-up began, so that what was revoked during it is not served for longer.
    looked_up_at: DateTime<Utc>,
    /// The last day whose use is noted, or is being noted.
    used_on: Option<NaiveDate>,
}

impl Known {
    /// Whether the record is taken as it was read. A clock that was put back must not stretch its age.
    fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        let age = now - self.looked_up_at;
        TimeDelta::zero() <= age && age < Authenticate::MAX_AGE
    }
}

impl Authenticate {
    /// For how long a token's record is taken as it was last read: 2 seconds.
    ///
    /// Revoking must take effect within 5: this leaves room for a clock that is put back once meanwhile, which at most
    /// doubles the time, and for a slow look-up.
    pub const MAX_AGE: TimeDelta = TimeDelta::seconds(2);
    /// How many tokens are remembered; beyond that, all are forgotten and read anew.
    const MAX_KNOWN: usize = 10_000;

    /// The use case over these ports.
    pub fn new(tokens: Arc<dyn TokenRepository>, clock: Arc<dyn Clock>) -> Self {
        Self {
            tokens,
            clock,
            known: RwLock::default(),
            remembered: AtomicU64::default(),
            read: AtomicU64::default(),
            invalid: AtomicU64::default(),
            expired: AtomicU64::default(),
        }
    }

    /// How tokens were looked up so far.
    pub fn look_ups(&self) -> TokenLookUps {
        TokenLookUps {
            remembered: self.remembered.load(Relaxed),
            read: self.read.load(Relaxed),
            known: self.known.read().unwrap_or_else(PoisonError::into_inner).len(),
            invalid: self.invalid.load(Relaxed),
            expired: self.expired.load(Relaxed),
        }
    }

    /// Whether the token's record was looked up before and is remembered, perhaps as one that is to be read anew.
    ///
    /// That says nothing of whether the caller is let in; only that the token is no invented one.
    pub fn has_met(&self, token: &Token) -> bool {
        self.known.read().unwrap_or_else(PoisonError::into_inner).contains_key(token.id())
    }

    /// Tells who shows `token`.
    pub async fn execute(&self, token: &Token) -> Result<Caller, AuthenticateError> {
        let caller = self.judge(token).await;
        match caller {
            Err(AuthenticateError::Invalid) => self.invalid.fetch_add(1, Relaxed),
            Err(AuthenticateError::Expired) => self.expired.fetch_add(1, Relaxed),
            Ok(_) | Err(AuthenticateError::Repository(_)) => 0,
        };
        caller
    }

    async fn judge(&self, token: &Token) -> Result<Caller, AuthenticateError> {
        let now = self.clock.now();
        let Known { record, caller, used_on, .. } = match self.remembered(token.id(), now) {
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
        let today = now.date_naive();
        if used_on < Some(today) {
            self.note_use(&record.id, today).await;
        }
        Ok(caller)
    }

    fn remembered(&self, id: &str, now: DateTime<Utc>) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(id).filter(|known| known.is_fresh(now)).cloned()?;
        self.remembered.fetch_add(1, Relaxed);
        Some(known)
    }

    async fn look_up(&self, id: &str, now: DateTime<Utc>) -> Result<Option<Known>, RepositoryError> {
        self.read.fetch_add(1, Relaxed);
        let Some(record) = self.tokens.find(id).await? else { return Ok(None) };
        let mut used_on = record.last_used_on;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        // Somebody who looked it up at the same time may be noting the use already.
        if let Some(other) = known.get(id).filter(|other| other.is_fresh(now)) {
            used_on = used_on.max(other.used_on);
        }
        if known.len() >= Self::MAX_KNOWN {
            known.clear();
        }
        let caller = Caller::token(&record);
        let entry = Known { record: Arc::new(record), caller, looked_up_at: now, used_on };
        known.insert(id.to_owned(), entry.clone());
        Ok(Some(entry))
    }

    /// Notes that the token is used on `today`, unless somebody else is doing so.
    async fn note_use(&self, id: &str, today: NaiveDate) {
        if !self.first_today(id, today) {
            return;
        }
        if let Err(error) = self.tokens.mark_used(id, today).await {
            tracing::warn!(token.id = id, %error, "the use of a token was not noted");
        }
    }

    /// Whether it falls to the caller to note the use: to the first who asks on a day.
    fn first_today(&self, id: &str, today: NaiveDate) -> bool {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let Some(entry) = known.get_mut(id) else { return false };
        let first = entry.used_on < Some(today);
        entry.used_on = entry.used_on.max(Some(today));
        first
    }
}
