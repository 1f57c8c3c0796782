use chrono::{DateTime, NaiveDate, Utc};

use crate::Grant;

/// A token as it is kept: everything about it but the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRecord {
    /// The public part, by which the token is looked up and named.
    pub id: String,
    /// What the token is for, in its owner's words.
    pub name: String,
    /// SHA-256 of the secret part.
    pub secret_hash: [u8; 32],
    /// What the token allows.
    pub grant: Grant,
    /// When the token was made, to the microsecond.
    pub created_at: DateTime<Utc>,
    /// From when on the token is no longer accepted, to the microsecond; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the token was revoked, to the microsecond; `None`: it was not.
    pub revoked_at: Option<DateTime<Utc>>,
    /// The last day (UTC) on which the token was used; `None`: not yet.
    pub last_used_on: Option<NaiveDate>,
}

impl TokenRecord {
    /// Whether the token is accepted at `now`: it is neither revoked nor expired.
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
