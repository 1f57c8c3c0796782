use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use users_ports::{Claim, TransactError};

/// The claims whose requests are under way in this process.
///
/// All use cases that write share one. It refuses the second of two requests with one key without asking the store, which
/// sees to the same between processes.
#[derive(Clone, Debug, Default)]
pub struct InFlight(Arc<Mutex<HashSet<(String, String)>>>);

impl InFlight {
    /// Notes that a request with this claim's caller and key is under way, until what is given back is dropped; also where
    /// the request is given up, or panics.
    pub(crate) fn enter(&self, claim: &Claim) -> Result<UnderWay, TransactError> {
        let key = (claim.caller.clone(), claim.key.clone());
        if !self.keys().insert(key.clone()) {
            return Err(TransactError::KeyInUse);
        }
        Ok(UnderWay { claims: self.clone(), key })
    }

    /// Nothing that can panic is done under the lock, so what a poisoned one holds is whole.
    fn keys(&self) -> MutexGuard<'_, HashSet<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is under way.
#[derive(Debug)]
pub struct UnderWay {
    claims: InFlight,
    key: (String, String),
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.claims.keys().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use users_ports::{Claim, TransactError};

    use super::InFlight;

    fn claim(caller: &str, key: &str, fingerprint: u8) -> Claim {
        Claim { caller: caller.to_owned(), key: key.to_owned(), fingerprint: [fingerprint; 32] }
    }

    #[test]
    fn a_key_is_under_way_once_for_each_caller() {
        let claims = InFlight::default();
        let first = claims.enter(&claim("a", "k", 1)).unwrap();
        for fingerprint in [1, 2] {
            let second = claims.clone().enter(&claim("a", "k", fingerprint));
            assert_eq!(second.map(|_| ()), Err(TransactError::KeyInUse));
        }
        let others = [claims.enter(&claim("b", "k", 1)), claims.enter(&claim("a", "l", 1))];
        assert!(others.iter().all(Result::is_ok));
        drop(first);
        assert!(claims.enter(&claim("a", "k", 1)).is_ok());
    }

    #[test]
    fn a_panic_ends_it() {
        let claims = InFlight::default();
        let panicking = claims.clone();
        let ended = std::thread::spawn(move || {
            let _under_way = panicking.enter(&claim("a", "k", 1)).unwrap();
            panic!("as expected");
        });
        assert!(ended.join().is_err());
        assert!(claims.enter(&claim("a", "k", 1)).is_ok());
    }
}
