use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use users_ports::{Claim, CommandOutcome, KEPT_FOR, TransactError};

/// What is kept under claims, by the caller and the key.
#[derive(Debug, Default)]
pub struct Claims(HashMap<(String, String), Entry>);

#[derive(Debug)]
struct Entry {
    fingerprint: [u8; 32],
    kept_at: DateTime<Utc>,
    outcomes: Vec<CommandOutcome>,
}

impl Entry {
    fn is_expired(&self, now: DateTime<Utc>) -> bool {
        self.kept_at < now.trunc_subsecs(6) - KEPT_FOR
    }
}

impl Claims {
    /// What is kept under the claim.
    pub fn recall(
        &self,
        claim: &Claim,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, TransactError> {
        let Claim { caller, key, fingerprint } = claim.clone();
        match self.0.get(&(caller, key)).filter(|kept| !kept.is_expired(now)) {
            None => Ok(None),
            Some(kept) if kept.fingerprint == fingerprint => Ok(Some(kept.outcomes.clone())),
            Some(_) => Err(TransactError::KeyReused),
        }
    }

    /// Keeps the outcomes in place of what was kept under the claim.
    pub fn keep(&mut self, claim: Claim, outcomes: Vec<CommandOutcome>, now: DateTime<Utc>) {
        let Claim { caller, key, fingerprint } = claim;
        self.0.insert((caller, key), Entry { fingerprint, kept_at: now.trunc_subsecs(6), outcomes });
    }

    /// Forgets up to `most` of those that have expired, and tells how many.
    pub fn forget(&mut self, most: u32, now: DateTime<Utc>) -> u64 {
        let mut forgotten = 0;
        self.0.retain(|_, kept| {
            let keeps = !kept.is_expired(now) || forgotten == u64::from(most);
            forgotten += u64::from(!keeps);
            keeps
        });
        forgotten
    }
}
