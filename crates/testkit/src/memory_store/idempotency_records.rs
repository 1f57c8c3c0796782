use std::collections::HashMap;

use chrono::{DateTime, SubsecRound, Utc};
use users_ports::{CommandOutcome, IdempotentRequest, KEPT_FOR, RecordUsage, WriteError};

/// What is kept under idempotency records, by the caller and the key.
#[derive(Clone, Debug, Default)]
pub struct RecordTable(HashMap<(String, String), Entry>);

#[derive(Clone, Debug)]
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

impl RecordTable {
    /// What is kept under the idempotency record.
    pub fn recall(
        &self,
        request: &IdempotentRequest,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<CommandOutcome>>, WriteError> {
        let IdempotentRequest { caller, key, fingerprint, .. } = request.clone();
        match self.0.get(&(caller, key)).filter(|kept| !kept.is_expired(now)) {
            None => Ok(None),
            Some(kept) if kept.fingerprint == fingerprint => Ok(Some(kept.outcomes.clone())),
            Some(_) => Err(WriteError::KeyReused),
        }
    }

    /// Keeps the outcomes in place of what was kept under the idempotency record.
    pub fn keep(&mut self, request: IdempotentRequest, outcomes: Vec<CommandOutcome>, now: DateTime<Utc>) {
        let IdempotentRequest { caller, key, fingerprint, .. } = request;
        self.0.insert((caller, key), Entry { fingerprint, kept_at: now.trunc_subsecs(6), outcomes });
    }

    /// The room that each caller's take.
    pub fn usage(&self) -> Vec<RecordUsage> {
        let mut usages: HashMap<&str, RecordUsage> = HashMap::new();
        for ((caller, _), entry) in &self.0 {
            let usage = usages.entry(caller).or_insert_with(|| RecordUsage {
                caller: caller.clone(),
                records: 0,
                bytes: 0,
                oldest: entry.kept_at,
            });
            let users = entry.outcomes.iter().flatten();
            usage.records += 1;
            usage.bytes += users.map(|user| user.profile().text_bytes() as u64).sum::<u64>();
            usage.oldest = usage.oldest.min(entry.kept_at);
        }
        usages.into_values().collect()
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
