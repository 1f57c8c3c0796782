use std::sync::Arc;

use chrono::{DateTime, Utc};
use users_ports::{
    Clock, CommandOutcome, Ending, IdempotencyRecords, IdempotentRequest, RepositoryError, Stamp, Transacted,
    UserCommand, Users, WriteError,
};

use crate::{Caller, IdempotencyGuard, WriteMode, Written};

/// What all use cases that write have in common: where users and idempotency records are, what time it is, and what is in
/// flight in this process.
#[derive(Clone)]
pub struct Writes {
    pub(crate) users: Arc<dyn Users>,
    records: Arc<dyn IdempotencyRecords>,
    clock: Arc<dyn Clock>,
    pub(crate) idempotency: IdempotencyGuard,
}

impl Writes {
    /// Writes to these ports, which `idempotency` guards.
    pub fn new(
        users: Arc<dyn Users>,
        records: Arc<dyn IdempotencyRecords>,
        clock: Arc<dyn Clock>,
        idempotency: IdempotencyGuard,
    ) -> Self {
        Self { users, records, clock, idempotency }
    }

    /// The stamp of what `caller` writes now.
    pub(crate) fn stamp(&self, caller: &Caller) -> Stamp {
        caller.stamp(self.clock.now())
    }

    /// Carries out one command in this mode.
    pub(crate) async fn one(
        &self,
        command: UserCommand,
        stamp: &Stamp,
        mode: WriteMode,
    ) -> Result<Written, WriteError> {
        match mode.ending() {
            None => Ok(Written { user: self.users.write(command, stamp).await?, replayed: false }),
            Some(ending) => written(self.all(vec![command], stamp, ending).await?),
        }
    }

    /// Carries out the commands in one transaction, unless a request with the same key is in flight.
    ///
    /// If there is no room for another record, a request that was carried out before is still answered.
    pub(crate) async fn all(
        &self,
        commands: Vec<UserCommand>,
        stamp: &Stamp,
        ending: Ending,
    ) -> Result<Transacted, WriteError> {
        let Ending::Once(request) = &ending else {
            return self.users.transact(commands, stamp, ending).await;
        };
        let request = request.clone();
        let _in_flight = self.idempotency.enter(&request)?;
        if let Err(no_room) = self.idempotency.check_room(&request, stamp.at) {
            let Some(outcomes) = self.records.recall(&request, stamp.at).await? else {
                self.idempotency.count_rejection();
                return Err(no_room);
            };
            return Ok(Transacted { outcomes, replayed: true });
        }
        let transacted = self.users.transact(commands, stamp, ending).await?;
        if !transacted.replayed {
            self.idempotency.count_record(&request, &transacted.outcomes, stamp.at);
        }
        Ok(transacted)
    }

    /// What was written for a request with one command, if it was carried out before.
    pub(crate) async fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Written>, WriteError> {
        let Some(outcomes) = self.records.recall(request, now).await? else { return Ok(None) };
        written(Transacted { outcomes, replayed: true }).map(Some)
    }
}

/// The outcome of the only command of a transaction.
pub(crate) fn written(transacted: Transacted) -> Result<Written, WriteError> {
    let Transacted { outcomes, replayed } = transacted;
    let [outcome] = <[CommandOutcome; 1]>::try_from(outcomes).map_err(|outcomes| {
        RepositoryError::Internal(format!("one command has {} outcomes", outcomes.len()))
    })?;
    Ok(Written { user: outcome?, replayed })
}
