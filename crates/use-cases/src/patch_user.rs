use std::sync::Arc;

use users_domain::{Precondition, User, UserId, UserUpdate};
use users_ports::{
    Clock, CommandRefusal, Ending, IdempotentRequest, RepositoryError, TransactError, UserCommand,
    UserRepository,
};

use crate::write_mode::{written_before, written_in, written_now};
use crate::{IdempotencyGuard, WriteMode, WriteUserError, Written};

/// Updates a user by a patch, whose effect depends on what the user is.
///
/// The user is read, patched, and written on condition that it is still as it was read; where somebody else came in
/// between, all of that begins anew. So no write of anybody else is ever lost, and a patch is judged on the very
/// version that it changes.
#[derive(Clone)]
pub struct PatchUser {
    users: Arc<dyn UserRepository>,
    clock: Arc<dyn Clock>,
    idempotency: IdempotencyGuard,
}

/// Why a patch was not carried out; `R` is for what the patch itself has against the user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatchUserError<R> {
    /// The patch does not fit the user.
    #[error("the patch does not fit the user")]
    Patch(R),
    /// The write did not happen.
    #[error(transparent)]
    Write(#[from] WriteUserError),
    /// Somebody else came in between each time.
    #[error(
        "in each of {} rounds somebody else changed the user that was to be patched",
        PatchUser::MOST_ROUNDS
    )]
    GivenUp,
}

impl<R> From<CommandRefusal> for PatchUserError<R> {
    fn from(refusal: CommandRefusal) -> Self {
        Self::Write(refusal.into())
    }
}

impl<R> From<RepositoryError> for PatchUserError<R> {
    fn from(error: RepositoryError) -> Self {
        Self::Write(error.into())
    }
}

impl<R> From<TransactError> for PatchUserError<R> {
    fn from(error: TransactError) -> Self {
        Self::Write(error.into())
    }
}

impl PatchUser {
    /// How often a patch is begun before it is given up, since somebody else came in between each time: so often that a busy
    /// user is patched in the end, also where few rounds succeed. Whoever waits may have a limit that ends it sooner.
    pub const MOST_ROUNDS: usize = 1_000;

    /// The use case over these ports, and what is under way in this process.
    pub fn new(users: Arc<dyn UserRepository>, clock: Arc<dyn Clock>, idempotency: IdempotencyGuard) -> Self {
        Self { users, clock, idempotency }
    }

    /// Carries out the update that `patch` makes of the user, and gives back the user after it.
    ///
    /// `patch` may be asked several times.
    pub async fn execute<R>(
        &self,
        id: &UserId,
        patch: impl Fn(&User) -> Result<UserUpdate, R>,
        precondition: &Precondition,
        mode: WriteMode,
    ) -> Result<Written, PatchUserError<R>> {
        let WriteMode::Once(request) = mode else {
            return self.patch(id, patch, precondition, mode.ending().as_ref()).await;
        };
        let _in_flight = self.idempotency.enter(&request)?;
        if let Some(written) = self.recall(&request).await? {
            return Ok(written);
        }
        self.idempotency
            .check_room(&request, self.clock.now())
            .inspect_err(|_| self.idempotency.count_rejection())?;
        let ending = Ending::Once(request);
        let refused = match self.patch(id, patch, precondition, Some(&ending)).await {
            Err(error @ (PatchUserError::Patch(_) | PatchUserError::Write(WriteUserError::Refused(_)))) => {
                error
            }
            other => return other,
        };
        // What refuses the patch may be its own effect, through another process that was sent the same request.
        let Ending::Once(request) = &ending else { return Err(refused) };
        self.recall(request).await?.ok_or(refused)
    }

    async fn recall(&self, request: &IdempotentRequest) -> Result<Option<Written>, WriteUserError> {
        written_before(self.users.recall(request, self.clock.now()).await?)
    }

    async fn patch<R>(
        &self,
        id: &UserId,
        patch: impl Fn(&User) -> Result<UserUpdate, R>,
        precondition: &Precondition,
        ending: Option<&Ending>,
    ) -> Result<Written, PatchUserError<R>> {
        for _ in 0..Self::MOST_ROUNDS {
            let user = self.users.find(id).await?.ok_or(CommandRefusal::NotFound)?;
            let current = user.version();
            if !precondition.holds(current) {
                return Err(CommandRefusal::PreconditionFailed { current }.into());
            }
            let update = patch(&user).map_err(PatchUserError::Patch)?;
            let as_read = Precondition::VersionIn(vec![current]);
            match self.write(id, update, as_read, ending).await {
                Err(WriteUserError::Refused(CommandRefusal::PreconditionFailed { .. })) => {}
                written => return Ok(written?),
            }
        }
        Err(PatchUserError::GivenUp)
    }

    async fn write(
        &self,
        id: &UserId,
        update: UserUpdate,
        precondition: Precondition,
        ending: Option<&Ending>,
    ) -> Result<Written, WriteUserError> {
        let now = self.clock.now();
        let Some(ending) = ending else {
            return written_now(self.users.update(id, update, precondition, now).await);
        };
        let command = UserCommand::Update { id: id.clone(), update: update.into(), precondition };
        let transacted = self.users.transact(vec![command], ending.clone(), now).await?;
        if let Ending::Once(request) = ending
            && !transacted.replayed
        {
            self.idempotency.count_record(request, &transacted.outcomes, now);
        }
        written_in(transacted)
    }
}
