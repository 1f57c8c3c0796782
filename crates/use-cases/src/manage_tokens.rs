use std::sync::Arc;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use users_ports::{Clock, Grant, IdGenerator, RepositoryError, TokenRecord, TokenRepository};

use crate::Token;

/// Creates, lists, rotates and revokes the tokens that callers authenticate with.
#[derive(Clone)]
pub struct ManageTokens {
    tokens: Arc<dyn TokenRepository>,
    ids: Arc<dyn IdGenerator>,
    clock: Arc<dyn Clock>,
}

/// A token that took the place of another.
#[derive(Clone, Debug)]
pub struct Rotation {
    /// The new token, whole: the only time it can be had.
    pub token: Token,
    /// What is kept of it.
    pub record: TokenRecord,
    /// When the old token ends.
    pub until: DateTime<Utc>,
}

/// Why a token was not rotated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RotateTokenError {
    /// There is no such token.
    #[error("there is no such token")]
    Unknown,
    /// The token was revoked or has expired: whoever has it is not to get another one for it.
    #[error("the token was revoked or has expired")]
    Over,
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

impl ManageTokens {
    /// The use case over these ports.
    pub fn new(tokens: Arc<dyn TokenRepository>, ids: Arc<dyn IdGenerator>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, ids, clock }
    }

    /// Creates a token and gives it back whole, the only time it can be had.
    pub async fn create(
        &self,
        name: String,
        grant: Grant,
        lifetime: Option<TimeDelta>,
    ) -> Result<(Token, TokenRecord), RepositoryError> {
        let (token, record) = self.new_token(name, grant, lifetime);
        self.tokens.create(record.clone()).await?;
        Ok((token, record))
    }

    /// Replaces a token: makes a new one that allows the same under the same name, and lets the old one go on for
    /// `overlap` more, if it would not end earlier anyway.
    ///
    /// The new one lives for `lifetime`; where that is not said, for as long as the old one was made for, which may be
    /// for ever.
    pub async fn rotate(
        &self,
        id: &str,
        overlap: TimeDelta,
        lifetime: Option<TimeDelta>,
    ) -> Result<Rotation, RotateTokenError> {
        let old = self.tokens.find(id).await?.ok_or(RotateTokenError::Unknown)?;
        let lifetime = lifetime.or_else(|| Some(old.expires_at? - old.created_at));
        let (token, record) = self.new_token(old.name, old.grant, lifetime);
        let now = record.created_at;
        let until = now.checked_add_signed(overlap).unwrap_or(DateTime::<Utc>::MAX_UTC).trunc_subsecs(6);
        let until = old.expires_at.map_or(until, |end| end.min(until));
        if self.tokens.rotate(id, record.clone(), until).await? {
            Ok(Rotation { token, record, until })
        } else {
            Err(RotateTokenError::Over)
        }
    }

    fn new_token(&self, name: String, grant: Grant, lifetime: Option<TimeDelta>) -> (Token, TokenRecord) {
        let token = Token::new(self.ids.token_id(), self.ids.token_secret());
        let now = self.clock.now().trunc_subsecs(6);
        let record = TokenRecord {
            id: token.id().to_owned(),
            name,
            secret_hash: token.secret_hash(),
            grant,
            created_at: now,
            // A lifetime beyond the end of the calendar is none.
            expires_at: lifetime
                .and_then(|lifetime| now.checked_add_signed(lifetime))
                .map(|end| end.trunc_subsecs(6)),
            revoked_at: None,
            last_used_on: None,
        };
        (token, record)
    }

    /// All tokens, the oldest first.
    pub async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError> {
        self.tokens.list().await
    }

    /// Removes the tokens that were revoked or expired longer than `age` ago, and returns how many.
    pub async fn prune(&self, age: TimeDelta) -> Result<u64, RepositoryError> {
        let end = self.clock.now().checked_sub_signed(age).unwrap_or(DateTime::<Utc>::MIN_UTC);
        self.tokens.prune(end.trunc_subsecs(6)).await
    }

    /// Revokes a token and tells whether there is such a token.
    pub async fn revoke(&self, id: &str) -> Result<bool, RepositoryError> {
        self.tokens.revoke(id, self.clock.now()).await
    }
}
