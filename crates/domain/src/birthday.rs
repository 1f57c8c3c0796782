use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::{BrokenRule, MemberValue, RuleCode, rfc3339, text};

/// The day the user was born, from [`EARLIEST`](Self::EARLIEST) to today.
///
/// "Today" is the latest date that any place on earth has: nobody is told that their child has not been
/// born yet. `{:?}` does not show the day, since it is personal; `{}` is `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Birthday(NaiveDate);

impl Birthday {
    /// The first day that is accepted, 1900-01-01.
    pub const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(1900, 1, 1).unwrap();

    /// How far the earliest time zone (UTC+14, in the Line Islands) is ahead of UTC.
    const EARLIEST_ZONE: TimeDelta = TimeDelta::hours(14);

    /// Reads `YYYY-MM-DD`; `now` is the present instant, since nobody is born tomorrow.
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, BrokenRule> {
        text::no_control(text)?;
        let detail = "must be a date that exists, as YYYY-MM-DD";
        let day = rfc3339::full_date(text).ok_or_else(|| BrokenRule::new(RuleCode::InvalidFormat, detail))?;
        let today = now.checked_add_signed(Self::EARLIEST_ZONE).unwrap_or(now).date_naive();
        if day < Self::EARLIEST || day > today {
            let detail = format!("must lie between {} and today", Self::EARLIEST);
            return Err(BrokenRule::new(RuleCode::OutOfRange, detail));
        }
        Ok(Self(day))
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

impl MemberValue for Birthday {
    fn read(text: String, now: DateTime<Utc>) -> Result<Self, BrokenRule> {
        Self::parse(&text, now)
    }

    fn text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }

    fn restore(text: String) -> Option<Self> {
        text.parse().ok().map(Self::from_stored)
    }
}

impl fmt::Display for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Birthday {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Birthday(..)")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Birthday {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::Birthday;
    use crate::RuleCode;

    fn parse(text: &str, now: &str) -> Result<Birthday, RuleCode> {
        Birthday::parse(text, now.parse().unwrap()).map_err(|rule| rule.code())
    }

    #[rstest]
    #[case("1900-01-01")]
    #[case("1904-02-29")]
    #[case("2026-11-01")]
    fn accepts(#[case] text: &str) {
        assert_eq!(parse(text, "2026-11-01T09:59:59Z").map(|day| day.to_string()), Ok(text.to_owned()));
    }

    #[rstest]
    #[case("1899-12-31", RuleCode::OutOfRange)]
    #[case("2026-11-02", RuleCode::OutOfRange)]
    #[case("9999-12-31", RuleCode::OutOfRange)]
    #[case("1900-02-29", RuleCode::InvalidFormat)]
    #[case("2000-1-1", RuleCode::InvalidFormat)]
    #[case("", RuleCode::InvalidFormat)]
    #[case("2000-01-01T00:00:00Z", RuleCode::InvalidFormat)]
    #[case("2000-01-01\n", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(parse(text, "2026-11-01T09:59:59Z"), Err(code));
    }

    #[test]
    fn today_begins_where_the_day_begins_first() {
        assert_eq!(parse("2026-11-02", "2026-11-01T09:59:59Z"), Err(RuleCode::OutOfRange));
        assert!(parse("2026-11-02", "2026-11-01T10:00:00Z").is_ok());
    }

    #[test]
    fn debug_does_not_show_the_day() {
        let day = parse("1815-12-10", "2026-11-01T00:00:00Z");
        assert_eq!(day, Err(RuleCode::OutOfRange));
        let day = parse("1915-12-10", "2026-11-01T00:00:00Z").unwrap();
        assert_eq!(format!("{day:?}"), "Birthday(..)");
    }

    #[test]
    fn the_end_of_time_does_not_overflow() {
        assert!(Birthday::parse("2000-01-01", DateTime::<Utc>::MAX_UTC).is_ok());
        assert!(Birthday::parse("2000-01-01", DateTime::<Utc>::MIN_UTC).is_err());
    }

    proptest! {
        #[test]
        fn what_is_accepted_is_written_as_it_was_read(
            text in prop_oneof![any::<String>(), "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]"]
        ) {
            if let Ok(day) = parse(&text, "2026-11-01T00:00:00Z") {
                prop_assert_eq!(day.to_string(), text);
            }
        }
    }
}
