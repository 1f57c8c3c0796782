/// Why a repository could not do what it was asked, for reasons that lie in the repository.
///
/// The texts are for the log of whoever runs the service; they never reach a client.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RepositoryError {
    /// The store cannot be reached, or did not answer in time. It is unknown whether a write took effect.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// More is waiting for the store than it can serve. Nothing was done.
    #[error("more requests are waiting for the store than it can serve")]
    Overloaded,
    /// The store answered with something that it should never answer with. A fault of the service.
    #[error("the store failed: {0}")]
    Internal(String),
}
