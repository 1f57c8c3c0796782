use async_trait::async_trait;

/// Tells whether something that the service cannot do without is there.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait HealthCheck: Send + Sync {
    /// Checks, by using it, that it is there.
    ///
    /// - It MUST answer within the store's own time limit, also when the store does not answer at all.
    async fn check(&self) -> Result<(), Unhealthy>;
}

/// What is missing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unhealthy {
    /// The database cannot be reached, or does not answer.
    #[error("the database does not answer")]
    Unreachable,
    /// The database answers, but has not been brought to the schema of this version yet.
    #[error("the database's schema is behind this version of the service: run `users migrate`")]
    SchemaBehind,
}
