use async_trait::async_trait;
use users_domain::{User, UserId};

use crate::{Ending, RepositoryError, Stamp, Transacted, UserCommand, WriteError};

/// Where users are stored: the one door for writes, and the look at one user.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Users: Send + Sync {
    /// Carries out a command as of `stamp.at`, and returns the user after it, or as it was before it was deleted.
    ///
    /// Of every command:
    ///
    /// - It MUST be atomic: nobody sees a part of it, and whatever else happens to the user at the same time
    ///   happens wholly before or wholly after it.
    /// - It MUST judge the precondition on the very version that it changes or deletes, and reject the command with
    ///   [`Rejection::PreconditionFailed`](crate::Rejection::PreconditionFailed) if it does not hold. That goes before a
    ///   taken username.
    /// - An update or a deletion of an unknown id MUST be rejected with
    ///   [`Rejection::NotFound`](crate::Rejection::NotFound), and create nothing.
    /// - Commands for one user that are handed over one after the other MUST take effect in that order.
    /// - A command that is rejected MUST change nothing, and MUST NOT make any other one fail.
    ///
    /// Of a creation:
    ///
    /// - It MUST be rejected with [`Rejection::IdTaken`](crate::Rejection::IdTaken) if there is a user with the id, and
    ///   leave that one as it is.
    /// - It MUST be rejected with [`Rejection::UsernameTaken`](crate::Rejection::UsernameTaken) if the username has the key
    ///   of another user's. A taken id goes before it.
    /// - Of concurrent creations with the same id or username key, exactly one MUST succeed.
    ///
    /// Of an update, which means what [`User::apply`] does:
    ///
    /// - It MUST leave every member that the update does not name as it is at that very moment, not as it was before.
    /// - It MUST write nothing if it changes nothing, and then return the user as it is.
    /// - It MUST be rejected with [`Rejection::UsernameTaken`](crate::Rejection::UsernameTaken) if the username's key is
    ///   another user's; the user's own is none.
    ///
    /// Of a deletion:
    ///
    /// - Of several at once, exactly one MUST get the user.
    /// - Afterwards the id and the username MUST be free.
    /// - It MUST revoke the user's self-service tokens as of `stamp.at`, in the same transaction: otherwise they would be
    ///   good for the next user with the id. Tokens that are revoked already keep their time.
    async fn write(&self, command: UserCommand, stamp: &Stamp) -> Result<User, WriteError>;

    /// Carries out commands in one transaction, one after the other in their order, as of `stamp.at`.
    ///
    /// - Each command MUST have the same outcome as if it were [written](Self::write) by itself after those before it. One
    ///   that is rejected MUST NOT keep the others from being carried out.
    /// - If the store fails, none of them MUST have happened.
    /// - With [`Ending::RollBack`] nothing MUST be changed by it for anybody to see, whatever the outcomes are.
    /// - With [`Ending::Once`], if there is no record of the request's caller and key, the record MUST be stored in the same
    ///   transaction, unless all commands were rejected: then none is stored.
    /// - If there is a record, no command MUST be carried out: its outcomes MUST be returned exactly as they were, if the
    ///   fingerprint is the same, and [`WriteError::KeyReused`] otherwise. A record from before `stamp.at` -
    ///   [`KEPT_FOR`](crate::KEPT_FOR) MUST be taken for none.
    /// - Of several at once with the same caller and key, one at most MUST be carried out; the others MUST get its
    ///   outcomes, or [`WriteError::KeyInUse`] at once.
    async fn transact(
        &self,
        commands: Vec<UserCommand>,
        stamp: &Stamp,
        ending: Ending,
    ) -> Result<Transacted, WriteError>;

    /// Finds a user by its id; `None` if there is no such user.
    ///
    /// - It MUST see every write that was answered before the call.
    /// - It MUST return every member exactly as it was stored.
    async fn find(&self, id: &UserId) -> Result<Option<User>, RepositoryError>;
}
