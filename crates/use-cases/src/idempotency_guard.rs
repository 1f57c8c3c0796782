use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use users_ports::{CommandOutcome, IdempotentRequest, RecordUsage, WriteError};

use crate::IdempotencyLimits;
use crate::idempotency_quota::{Quota, Stored};

/// Guards requests with idempotency keys: only one with the same key is carried out at a time, and their records have
/// only so much room.
///
/// All use cases that write share one. Other processes are kept from carrying out the same request by the store.
#[derive(Clone, Debug, Default)]
pub struct IdempotencyGuard(Arc<State>);

#[derive(Debug, Default)]
struct State {
    in_flight: Mutex<HashSet<(String, String)>>,
    quota: Mutex<Quota>,
    rejected: AtomicU64,
}

/// The size of a record beyond the texts of its users, roughly, in bytes.
const FIXED_BYTES: usize = 200;

impl IdempotencyGuard {
    /// A guard with these limits.
    pub fn new(limits: IdempotencyLimits) -> Self {
        Self(Arc::new(State { quota: Mutex::new(Quota::new(limits)), ..State::default() }))
    }

    /// Marks a request as in flight until the result is dropped, also if the request is given up or panics.
    pub(crate) fn enter(&self, request: &IdempotentRequest) -> Result<InFlight, WriteError> {
        let key = (request.caller.clone(), request.key.clone());
        if !lock(&self.0.in_flight).insert(key.clone()) {
            return Err(WriteError::KeyInUse);
        }
        Ok(InFlight { guard: self.clone(), key })
    }

    /// Rejects a request for whose record there is no room.
    pub(crate) fn check_room(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<(), WriteError> {
        lock(&self.0.quota).check(request, now).map_err(|retry_after| WriteError::NoRoom { retry_after })
    }

    /// Counts a request that was rejected since there is no room.
    pub(crate) fn count_rejection(&self) {
        self.0.rejected.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts the record of a request that was carried out just now, if there is one.
    pub(crate) fn count_record(
        &self,
        request: &IdempotentRequest,
        outcomes: &[CommandOutcome],
        now: DateTime<Utc>,
    ) {
        let users: Vec<_> = outcomes.iter().flatten().collect();
        if !users.is_empty() {
            let bytes: usize = users.iter().map(|user| user.profile().text_bytes() + FIXED_BYTES).sum();
            lock(&self.0.quota).add(&request.caller, bytes as u64, now);
        }
    }

    /// Takes over what the store says of the room that records take.
    pub(crate) fn refresh(&self, usages: Vec<RecordUsage>) {
        lock(&self.0.quota).replace(usages);
    }

    /// The records that are stored, as far as this process knows.
    pub fn stored(&self) -> Stored {
        lock(&self.0.quota).total()
    }

    /// How many requests were rejected since there was no room for their records.
    pub fn rejected(&self) -> u64 {
        self.0.rejected.load(Ordering::Relaxed)
    }
}

/// Nothing that can panic is done under these locks, so what a poisoned one holds is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request that is in flight.
#[derive(Debug)]
pub struct InFlight {
    guard: IdempotencyGuard,
    key: (String, String),
}

impl Drop for InFlight {
    fn drop(&mut self) {
        lock(&self.guard.0.in_flight).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use users_ports::{IdempotentRequest, WriteError};

    use super::IdempotencyGuard;

    fn request(caller: &str, key: &str, fingerprint: u8) -> IdempotentRequest {
        let (caller, key) = (caller.to_owned(), key.to_owned());
        IdempotentRequest { caller, is_self_service: false, key, fingerprint: [fingerprint; 32] }
    }

    #[test]
    fn the_second_of_one_caller_and_key_is_rejected_until_the_first_ends() {
        let guard = IdempotencyGuard::default();
        let first = guard.enter(&request("a", "k", 1)).unwrap();
        for fingerprint in [1, 2] {
            let second = guard.clone().enter(&request("a", "k", fingerprint));
            assert_eq!(second.map(|_| ()), Err(WriteError::KeyInUse));
        }
        let others = [guard.enter(&request("b", "k", 1)), guard.enter(&request("a", "l", 1))];
        assert!(others.iter().all(Result::is_ok));
        drop(first);
        assert!(guard.enter(&request("a", "k", 1)).is_ok());
    }

    #[test]
    fn a_panic_ends_it() {
        let guard = IdempotencyGuard::default();
        let panicking = guard.clone();
        let ended = std::thread::spawn(move || {
            let _in_flight = panicking.enter(&request("a", "k", 1)).unwrap();
            panic!("as expected");
        });
        assert!(ended.join().is_err());
        assert!(guard.enter(&request("a", "k", 1)).is_ok());
    }
}
