use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::{Ending, Rejection, RepositoryError, Stamp, UserCommand, WriteError};

use crate::writes::written;
use crate::{Caller, WriteMode, Writes, Written};

/// Updates a user by a patch, whose effect depends on what the user is.
///
/// The user is read, patched, and written on condition that it is still as it was read; where somebody else came in
/// between, all of that begins anew. So no write of anybody else is ever lost, and a patch is judged on the very
/// version that it changes.
#[derive(Clone)]
pub struct PatchUser {
    writes: Writes,
}

/// Why a patch was not carried out; `R` is for what the patch itself has against the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchUserError<R> {
    /// The patch does not fit the user.
    #[error("the patch does not fit the user")]
    Patch(R),
    /// The write did not happen.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// Somebody else came in between each time.
    #[error(
        "in each of {} rounds somebody else changed the user that was to be patched",
        PatchUser::MOST_ROUNDS
    )]
    GivenUp,
}

impl<R> From<Rejection> for PatchUserError<R> {
    fn from(refusal: Rejection) -> Self {
        Self::Write(refusal.into())
    }
}

impl<R> From<RepositoryError> for PatchUserError<R> {
    fn from(error: RepositoryError) -> Self {
        Self::Write(error.into())
    }
}

impl PatchUser {
    /// How often a patch is begun before it is given up, since somebody else came in between each time: so often that a busy
    /// user is patched in the end, also where few rounds succeed. Whoever waits may have a limit that ends it sooner.
    pub const MOST_ROUNDS: usize = 1_000;

    /// The use case over these ports.
    pub const fn new(writes: Writes) -> Self {
        Self { writes }
    }

    /// Carries out the update that `patch` makes of the user, and returns the user after it.
    ///
    /// `patch` may be called several times.
    pub async fn execute<R>(
        &self,
        caller: &Caller,
        id: &UserId,
        patch: impl Fn(&User) -> Result<UserUpdate, R>,
        precondition: &Precondition,
        mode: WriteMode,
    ) -> Result<Written, PatchUserError<R>> {
        let WriteMode::Once(request) = mode else {
            return self.patch(caller, id, patch, precondition, mode.ending().as_ref()).await;
        };
        let idempotency = &self.writes.idempotency;
        let _in_flight = idempotency.enter(&request)?;
        let Stamp { at: now, .. } = self.writes.stamp(caller);
        if let Some(written) = self.writes.recall(&request, now).await? {
            return Ok(written);
        }
        idempotency.check_room(&request, now).inspect_err(|_| idempotency.count_rejection())?;
        let ending = Ending::Once(request.clone());
        let written = self.patch(caller, id, patch, precondition, Some(&ending)).await;
        match written {
            // What rejects the patch may be its own effect, through another process that was sent the same request.
            Err(rejected @ (PatchUserError::Patch(_) | PatchUserError::Write(WriteError::Rejected(_)))) => {
                let Stamp { at: now, .. } = self.writes.stamp(caller);
                self.writes.recall(&request, now).await?.ok_or(rejected)
            }
            other => other,
        }
    }

    async fn patch<R>(
        &self,
        caller: &Caller,
        id: &UserId,
        patch: impl Fn(&User) -> Result<UserUpdate, R>,
        precondition: &Precondition,
        ending: Option<&Ending>,
    ) -> Result<Written, PatchUserError<R>> {
        for _ in 0..Self::MOST_ROUNDS {
            let user = self.writes.users.find(id).await?.ok_or(Rejection::NotFound)?;
            let current = user.version();
            if !precondition.holds(current) {
                return Err(Rejection::PreconditionFailed { current }.into());
            }
            let update = patch(&user).map_err(PatchUserError::Patch)?.into();
            let precondition = Precondition::VersionIn(vec![current]);
            let command = UserCommand::Update { id: id.clone(), update, precondition };
            match self.write(command, &self.writes.stamp(caller), ending).await {
                Err(WriteError::Rejected(Rejection::PreconditionFailed { .. })) => {}
                written => return Ok(written?),
            }
        }
        Err(PatchUserError::GivenUp)
    }

    async fn write(
        &self,
        command: UserCommand,
        stamp: &Stamp,
        ending: Option<&Ending>,
    ) -> Result<Written, WriteError> {
        let Some(ending) = ending else {
            return self.writes.one(command, stamp, WriteMode::Real).await;
        };
        let transacted = self.writes.users.transact(vec![command], stamp, ending.clone()).await?;
        if let Ending::Once(request) = ending
            && !transacted.replayed
        {
            self.writes.idempotency.count_record(request, &transacted.outcomes, stamp.at);
        }
        written(transacted)
    }
}
