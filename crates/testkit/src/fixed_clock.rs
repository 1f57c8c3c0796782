use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use users_ports::Clock;

use crate::noon;

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
pub struct FixedClock(Mutex<DateTime<Utc>>);

impl FixedClock {
    /// A clock that stands at `now`.
    pub const fn at(now: DateTime<Utc>) -> Self {
        Self(Mutex::new(now))
    }

    /// Puts the clock to `now`.
    pub fn set(&self, now: DateTime<Utc>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Moves the clock by `delta`; a negative one moves it back.
    pub fn advance(&self, delta: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += delta;
    }
}

impl Default for FixedClock {
    /// A clock that stands at [`noon`].
    fn default() -> Self {
        Self::at(noon())
    }
}

impl Clock for FixedClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use users_ports::Clock;

    use super::FixedClock;
    use crate::noon;

    #[test]
    fn the_clock_moves_only_when_told() {
        let clock = FixedClock::default();
        assert_eq!(clock.now(), noon());
        clock.advance(TimeDelta::seconds(-5));
        assert_eq!(clock.now(), noon() - TimeDelta::seconds(5));
        clock.set(noon());
        assert_eq!(clock.now(), noon());
    }
}
