use chrono::{DateTime, Utc};

use crate::BrokenRule;

/// An instant at which something about the user was noticed, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// Reads an RFC 3339 date-time with any offset, or a date alone (midnight UTC).
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, BrokenRule> {
        let _ = now;
        text.parse().map(Self).map_err(|_| BrokenRule::new(crate::RuleCode::InvalidFormat, "must be a date-time"))
    }

    /// Takes back an instant that `parse` accepted when it was stored.
    pub const fn from_stored(instant: DateTime<Utc>) -> Self {
        Self(instant)
    }

    /// The instant, in UTC.
    pub const fn instant(self) -> DateTime<Utc> {
        self.0
    }
}
