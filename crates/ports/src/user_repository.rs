use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use users_domain::{
    Precondition, SearchPage, SearchQuery, User, UserFilter, UserId, UserPage, UserQuery, UserUpdate, Version,
};

use crate::{
    CommandOutcome, Ending, IdempotentRequest, RepositoryError, TransactError, Transacted, UserCommand,
};

/// Where users are kept.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync {
    /// Keeps a new user and gives back what is kept.
    ///
    /// - It MUST refuse with [`CreateUserError::IdTaken`] a user whose id is kept already, and leave that one as it
    ///   is.
    /// - It MUST refuse with [`CreateUserError::UsernameTaken`] a user whose username has the key of another's. A
    ///   taken id goes before it.
    /// - Of several at once that idempotency record one id or one username key, exactly one MUST be kept.
    async fn create(&self, user: User) -> Result<User, CreateUserError>;

    /// Finds a user by its id; `None` where there is no such user.
    ///
    /// - It MUST see every write that was answered before the call.
    /// - It MUST give back every member exactly as it was kept.
    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError>;

    /// Carries out an update as [`User::apply`] means it, and gives back the user after it.
    ///
    /// - It MUST be atomic: nobody sees a part of it, and whatever else happens to the user at the same time
    ///   happens wholly before or wholly after it.
    /// - It MUST leave every member that the update keeps as it is at that very moment, not as it was before.
    /// - It MUST judge the precondition on the version that it changes, and refuse with
    ///   [`UpdateUserError::PreconditionFailed`] where it does not hold. That goes before a taken username.
    /// - It MUST write nothing where the update changes nothing, and then give back the user as it is.
    /// - It MUST answer [`UpdateUserError::NotFound`] for an unknown id, and create nothing.
    /// - It MUST refuse with [`UpdateUserError::UsernameTaken`] a username whose key is another user's; the
    ///   user's own is none.
    /// - Updates of one user that are handed over one after the other MUST take effect in that order.
    /// - An update that is refused MUST NOT make any other one fail.
    async fn update(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, UpdateUserError>;

    /// Deletes a user and gives back what it was.
    ///
    /// - It MUST be atomic, and judge the precondition on the very version that it deletes; where it does not hold, it
    ///   MUST refuse with [`DeleteUserError::PreconditionFailed`] and delete nothing.
    /// - It MUST answer [`DeleteUserError::NotFound`] for an unknown id; of several at once, exactly one MUST get the user.
    /// - Afterwards the id and the username MUST be free.
    /// - It MUST come after the updates of the user that were handed over before it.
    /// - It MUST revoke the user's self-service tokens as of `now`, in the same transaction: otherwise they would be good for
    ///   the next user with the id. Tokens that are revoked already keep their time.
    async fn delete(
        &self,
        id: &UserId,
        precondition: Precondition,
        now: DateTime<Utc>,
    ) -> Result<User, DeleteUserError>;

    /// Carries out commands in one transaction, one after the other in their order, as of `now`.
    ///
    /// - Each command MUST have the same outcome as if it were handed over by itself after those before it. One that is
    ///   refused MUST NOT keep the others from being carried out.
    /// - Where the repository fails, none of them MUST have happened.
    /// - With [`Ending::RollBack`] nothing MUST be changed by it for anybody to see, whatever the outcomes are.
    /// - With [`Ending::Once`], where nothing is kept under the idempotency record's caller and key, the idempotency record and the outcomes MUST be
    ///   kept in the same transaction, unless all commands were refused: then nothing is kept.
    /// - Where something is kept, no command MUST be carried out: its outcomes MUST be given back exactly as they
    ///   were, if the fingerprint is the same, and [`TransactError::KeyReused`] otherwise. What was kept
    ///   before `now` - [`KEPT_FOR`] MUST be taken for nothing.
    /// - Of several at once with the same caller and key, one at most MUST be carried out; the others MUST get its
    ///   outcomes, or [`TransactError::KeyInUse`] at once.
    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        ending: Ending,
        now: DateTime<Utc>,
    ) -> Result<Transacted, TransactError>;

    /// What is kept under an idempotency record: the outcomes, `None` where there is nothing, or [`TransactError::KeyReused`] where the
    /// fingerprint is another.
    async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, TransactError>;

    /// Removes idempotency records that were stored before `now` - [`KEPT_FOR`], the oldest first, and returns how many.
    ///
    /// - It MUST NOT remove more than `most`.
    /// - It MUST return 0 only if there is none to remove, or `most` is 0. It SHOULD stop at [`PORTION_BYTES`], so that
    ///   other writes do not wait long.
    async fn forget_records(&self, most: u32, now: DateTime<Utc>) -> Result<u64, RepositoryError>;

    /// The room that the idempotency records of each caller take, expired ones that are still stored included.
    ///
    /// - It MUST list each caller that has a record once, and no other.
    async fn record_usage(&self) -> Result<Vec<RecordUsage>, RepositoryError>;

    /// Gives a page of the users that a search finds, as [`SearchQuery::place_of`] means it.
    ///
    /// - It MUST give them in the order of their places, each user once.
    /// - It MUST give as many as there are, up to the query's limit, and the place of the last where there are more.
    /// - It MUST see every write that was answered before the call, and one state of the store.
    /// - It MUST take as long at any depth, and however many users are found.
    async fn search(&self, query: &SearchQuery) -> Result<SearchPage, RepositoryError>;

    /// Gives a page of the users that the query's filter [fits](UserFilter::fits).
    ///
    /// - It MUST give them in the order of their ids, compared byte by byte, in the query's direction.
    /// - It MUST begin behind the query's id, whether there is a user with it or not, and leave out as many as the
    ///   query says.
    /// - It MUST give as many as there are, up to the query's limit, and tell whether there are more.
    /// - It MUST give back every member exactly as it was kept, and see every write that was answered before the call.
    /// - It MUST see one state of the store: of what is written at the same time, it sees each write wholly or not at
    ///   all, and none without those that were answered before it.
    /// - Page after page, each begun behind the last user of the one before, MUST give every user that is there and
    ///   fits all the time, and none twice, whatever is written in the meantime.
    /// - Without an offset it MUST take as long at any depth.
    async fn list(&self, query: &UserQuery) -> Result<UserPage, RepositoryError>;

    /// Counts the users that the filter [fits](UserFilter::fits).
    ///
    /// - It MUST see every write that was answered before the call, and one state of the store.
    async fn count(&self, filter: &UserFilter) -> Result<u64, RepositoryError>;
}

/// Why a user was not created.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CreateUserError {
    /// There is a user with this id.
    #[error("the id is taken")]
    IdTaken,
    /// There is another user with this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// The size of outcomes, in bytes, at which a portion of expired idempotency records is large enough: 8 MiB.
pub const PORTION_BYTES: u64 = 8 << 20;

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

/// How long an idempotency record holds: 24 hours.
pub const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// Why a user was not deleted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeleteUserError {
    /// There is no user with this id.
    #[error("there is no such user")]
    NotFound,
    /// The precondition does not hold.
    #[error("the user is in another version than the deletion was meant for")]
    PreconditionFailed {
        /// The version that the user is in.
        current: Version,
    },
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}

/// Why an update was not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpdateUserError {
    /// There is no user with this id.
    #[error("there is no such user")]
    NotFound,
    /// The precondition does not hold.
    #[error("the user is in another version than the update was meant for")]
    PreconditionFailed {
        /// The version that the user is in.
        current: Version,
    },
    /// There is another user with this username.
    #[error("the username is taken")]
    UsernameTaken,
    /// The repository failed.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
}
