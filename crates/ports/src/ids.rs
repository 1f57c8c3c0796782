use users_domain::UserId;

/// Makes up what nobody may guess or meet twice.
#[cfg_attr(feature = "mock", mockall::automock)]
pub trait IdGenerator: Send + Sync {
    /// An id for a new user: a `UUIDv7` (RFC 9562, section 5.7), so that new users lie together in the index.
    fn user_id(&self) -> UserId;

    /// An id for a new token: short, of `a–z 0–9` alone.
    fn token_id(&self) -> String;

    /// A secret for a new token: 256 bits from a cryptographically secure source.
    fn token_secret(&self) -> [u8; 32];
}
