use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use governor::nanos::Nanos;
use governor::state::keyed::{DashMapStateStore, ShrinkableKeyedStateStore};
use governor::state::{NotKeyed, StateStore};

/// The most keys that are told apart, some tens of bytes each.
const MAX_KEYS: usize = 100_000;
/// After how many new keys those that are idle are looked for.
const SWEEP_AFTER: u32 = 10_000;

/// What each key has used of its allowance.
///
/// There are never more than [`MAX_KEYS`] and [`SWEEP_AFTER`] together: idle keys, which have their whole allowance
/// again, are dropped, and where that does not help everything is forgotten. Whoever has so many addresses that this
/// happens is not held up by a limit for each address anyway.
#[derive(Clone, Debug, Default)]
pub struct Store(Arc<Keys>);

#[derive(Debug, Default)]
struct Keys {
    states: DashMapStateStore<u64>,
    /// How many keys came since the idle ones were dropped.
    added: AtomicU32,
}

impl Store {
    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.states.len()
    }

    /// Whether it falls to the caller to drop the idle keys: to one of those who ask.
    pub fn is_to_be_swept(&self) -> bool {
        self.0.added.load(Relaxed) >= SWEEP_AFTER && self.0.added.swap(0, Relaxed) >= SWEEP_AFTER
    }

    /// Forgets everything where there are too many keys even without the idle ones.
    pub fn bound(&self) {
        if self.len() > MAX_KEYS {
            self.0.states.clear();
        }
    }
}

impl StateStore for Store {
    type Key = u64;

    fn measure_and_replace<T, F, E>(&self, key: &u64, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        if let Some(state) = self.0.states.get(key) {
            return state.measure_and_replace(&NotKeyed::NonKey, measure);
        }
        self.0.added.fetch_add(1, Relaxed);
        self.0.states.measure_and_replace(key, measure)
    }
}

impl ShrinkableKeyedStateStore<u64> for Store {
    fn retain_recent(&self, drop_below: Nanos) {
        ShrinkableKeyedStateStore::retain_recent(&self.0.states, drop_below);
    }

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn is_empty(&self) -> bool {
        self.0.states.is_empty()
    }
}
