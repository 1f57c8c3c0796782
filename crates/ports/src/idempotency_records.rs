use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{CommandOutcome, RepositoryError, WriteError};

/// How long an idempotency record holds: 24 hours.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// The size of outcomes, in bytes, at which a portion of expired idempotency records is large enough: 8 MiB.
pub const PORTION_BYTES: u64 = 8 << 20;

/// A request that takes effect once, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotentRequest {
    /// The public id of the caller's token. Keys of different callers have nothing to do with each other.
    pub caller: String,
    /// Whether that is a self-service token, which has room for fewer records.
    pub is_self_service: bool,
    /// The key that the caller has chosen.
    pub key: String,
    /// What the request is: two requests are the same if these bytes are.
    pub fingerprint: [u8; 32],
}

/// The room that the idempotency records of one caller take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordUsage {
    /// The public id of the caller's token.
    pub caller: String,
    /// How many records there are.
    pub records: u64,
    /// The size of their outcomes, in bytes, as they are stored.
    pub bytes: u64,
    /// When the oldest was stored.
    pub oldest: DateTime<Utc>,
}

/// The records of requests that take effect once. [`Users::transact`](crate::Users::transact) stores them.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait IdempotencyRecords: Send + Sync {
    /// The outcomes of a request that was carried out before `now`; `None` if there is no record of it, or
    /// [`WriteError::KeyReused`] if the fingerprint is another.
    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError>;

    /// Removes records that were stored before `now` - [`KEPT_FOR`], the oldest first, and returns how many.
    ///
    /// - It MUST NOT remove more than `most`.
    /// - It MUST return 0 only if there is none to remove, or `most` is 0. It SHOULD stop at [`PORTION_BYTES`], so that
    ///   other writes do not wait long.
    async fn forget(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError>;

    /// The room that the records of each caller take, expired ones that are still stored included.
    ///
    /// - It MUST list each caller that has a record once, and no other.
    async fn usage(&self) -> Result<Vec<RecordUsage>, RepositoryError>;
}
