use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use crate::{RepositoryError, TokenRecord};

/// Where the tokens that callers authenticate with are kept, each by the hash of its secret alone.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait TokenRepository: Send + Sync {
    /// Keeps a new token.
    ///
    /// - It MUST fail with [`RepositoryError::Internal`] where a token with this id is kept already, and leave that
    ///   one as it is.
    async fn create(&self, token: TokenRecord) -> Result<(), RepositoryError>;

    /// Finds a token by its id, a revoked or expired one too; `None` where there is no such token.
    ///
    /// - It MUST see every write that was answered before the call.
    async fn find(&self, id: &str) -> Result<Option<TokenRecord>, RepositoryError>;

    /// All tokens, the oldest first; tokens of one instant by id.
    async fn list(&self) -> Result<Vec<TokenRecord>, RepositoryError>;

    /// Revokes a token at `now` and tells whether there is such a token.
    ///
    /// - It MUST keep the first time of revocation where the token is revoked already.
    async fn revoke(&self, id: &str, now: DateTime<Utc>) -> Result<bool, RepositoryError>;

    /// Replaces the token `id`: keeps `successor` as a new token, and lets the old one expire at `until`. Tells whether it
    /// did.
    ///
    /// - It MUST do both or nothing, also where the process or the store ends meanwhile.
    /// - It MUST do nothing where there is no token `id`, where that is revoked, and where it has expired by the instant at
    ///   which `successor` was made.
    /// - It MUST keep an expiry that is earlier than `until`.
    /// - It MUST fail with [`RepositoryError::Internal`] where a token with the id of `successor` is kept already, and
    ///   then do nothing.
    async fn rotate(
        &self,
        id: &str,
        successor: TokenRecord,
        until: DateTime<Utc>,
    ) -> Result<bool, RepositoryError>;

    /// Removes the tokens that were revoked, or expired, before `end`, and returns how many.
    ///
    /// - It MUST NOT remove any other token.
    async fn prune(&self, end: DateTime<Utc>) -> Result<u64, RepositoryError>;

    /// Notes that a token was used on `day` (UTC).
    ///
    /// - It MUST keep a later day that is noted already.
    /// - It MUST do nothing where there is no such token.
    async fn mark_used(&self, id: &str, day: NaiveDate) -> Result<(), RepositoryError>;
}
