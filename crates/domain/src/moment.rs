use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Datelike, NaiveTime, SecondsFormat, TimeDelta, Utc};

use crate::{BrokenRule, MemberValue, RuleCode, rfc3339, text};

/// An instant at which something about the user was noticed, to the microsecond.
///
/// It is kept and written in UTC, so `{}` may look unlike what was read: `2026-11-01T13:00:00+01:00` becomes
/// `2026-11-01T12:00:00Z`. The fraction has 0, 3 or 6 digits, as few as will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// How far a moment may lie ahead of the clock: enough for clocks that go wrong, and for a date alone.
    pub const MAX_AHEAD: TimeDelta = TimeDelta::hours(24);

    /// Reads an RFC 3339 date-time with any offset, or a date alone (midnight UTC).
    ///
    /// - The grammar is that of section 5.6, and the forms that programs write beside it: a space in the place of the `T`,
    ///   a time without seconds, offsets as `+hhmm` and `+hh`, and suffixes of RFC 9557 (`[Europe/Berlin]`), which are
    ///   ignored unless they are marked as critical.
    /// - What is finer than a microsecond is cut off, toward the past.
    /// - A leap second (23:59:60 UTC) is read as the second that follows it.
    /// - In UTC the year must be one of 0000 to 9999, the only ones that RFC 3339 can write.
    pub fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, BrokenRule> {
        text::no_control(text)?;
        let instant = rfc3339::full_date(text)
            .map(|day| day.and_time(NaiveTime::MIN).and_utc())
            .or_else(|| rfc3339::date_time(text))
            .ok_or_else(|| {
                let detail = "must be a date-time as in RFC 3339, or a date as YYYY-MM-DD";
                BrokenRule::new(RuleCode::InvalidFormat, detail)
            })?;
        let latest = now.checked_add_signed(Self::MAX_AHEAD).unwrap_or(now);
        if instant > latest || !(0..=9999).contains(&instant.year()) {
            let ahead = Self::MAX_AHEAD.num_hours();
            let detail = format!("must lie between the year 0000 and {ahead} hours from now");
            return Err(BrokenRule::new(RuleCode::OutOfRange, detail));
        }
        Ok(Self(instant))
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

impl MemberValue for Moment {
    fn read(text: String, now: DateTime<Utc>) -> Result<Self, BrokenRule> {
        Self::parse(&text, now)
    }

    fn text(&self) -> Cow<'_, str> {
        self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
    }

    fn restore(text: String) -> Option<Self> {
        text.parse().ok().map(Self::from_stored)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::Moment;
    use crate::RuleCode;

    const NOW: &str = "2026-11-01T12:00:00Z";

    fn parse(text: &str, now: &str) -> Result<String, RuleCode> {
        Moment::parse(text, now.parse().unwrap()).map(|moment| moment.to_string()).map_err(|rule| rule.code())
    }

    #[rstest]
    #[case("2026-11-01", "2026-11-01T00:00:00Z")]
    #[case("2026-11-02", "2026-11-02T00:00:00Z")]
    #[case("2026-11-01T13:00:00+01:00", "2026-11-01T12:00:00Z")]
    #[case("2026-11-01T11:00:00.500000000z", "2026-11-01T11:00:00.500Z")]
    #[case("2026-11-01T11:00:00.0001Z", "2026-11-01T11:00:00.000100Z")]
    #[case("2026-11-01T11:00:00.1234569Z", "2026-11-01T11:00:00.123456Z")]
    #[case("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z")]
    #[case("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")]
    #[case("2024-01-15 10:30:00+00", "2024-01-15T10:30:00Z")]
    #[case("2024-01-15T10:30+0530[Asia/Kolkata]", "2024-01-15T05:00:00Z")]
    #[case("0000-01-01", "0000-01-01T00:00:00Z")]
    #[case("0000-01-01T00:00:00-23:59", "0000-01-01T23:59:00Z")]
    #[case("2026-11-02T12:00:00Z", "2026-11-02T12:00:00Z")]
    fn accepts(#[case] text: &str, #[case] written: &str) {
        assert_eq!(parse(text, NOW), Ok(written.to_owned()));
    }

    #[rstest]
    #[case("2026-11-02T12:00:00.000001Z", RuleCode::OutOfRange)]
    #[case("2026-11-03", RuleCode::OutOfRange)]
    #[case("9999-12-31T23:59:59Z", RuleCode::OutOfRange)]
    #[case("0000-01-01T00:00:00+00:01", RuleCode::OutOfRange)]
    #[case("2026-11-01T12:00:00Z[!Europe/Berlin]", RuleCode::InvalidFormat)]
    #[case("2026-11-01T12:00:00", RuleCode::InvalidFormat)]
    #[case("2026-11", RuleCode::InvalidFormat)]
    #[case("now", RuleCode::InvalidFormat)]
    #[case("", RuleCode::InvalidFormat)]
    #[case("2026-11-01T12:00:00Z\0", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(parse(text, NOW), Err(code));
    }

    #[test]
    fn no_year_is_accepted_that_cannot_be_written() {
        // Within 24 hours of the clock, and in UTC already in the year 10000.
        assert_eq!(parse("9999-12-31T23:00:00-02:00", "9999-12-31T23:30:00Z"), Err(RuleCode::OutOfRange));
        assert_eq!(parse("9999-12-31T23:59:60Z", "9999-12-31T23:30:00Z"), Err(RuleCode::OutOfRange));
        assert!(parse("9999-12-31T23:59:59.999999Z", "9999-12-31T23:30:00Z").is_ok());
        assert!(Moment::parse("9999-12-31", DateTime::<Utc>::MAX_UTC).is_ok());
        assert!(Moment::parse("0000-01-01", DateTime::<Utc>::MIN_UTC).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_the_same_moment(
            micros in -62_167_219_200_000_000..=253_402_300_799_999_999_i64
        ) {
            let moment = Moment::from_stored(DateTime::from_timestamp_micros(micros).unwrap());
            let written = moment.to_string();
            prop_assert_eq!(Moment::parse(&written, moment.instant()), Ok(moment));
            prop_assert!([20, 24, 27].contains(&written.len()), "{}", written);
        }

        #[test]
        fn what_is_accepted_can_be_written_and_is_cut_to_the_microsecond(
            text in prop_oneof![
                any::<String>(),
                concat!(
                    "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]",
                    r"(\.[0-9]{1,12})?[+-][0-2][0-9]:[0-5][0-9]"
                ),
            ]
        ) {
            if let Ok(moment) = Moment::parse(&text, "2026-11-01T12:00:00Z".parse().unwrap()) {
                prop_assert_eq!(moment.instant().timestamp_subsec_nanos() % 1000, 0);
                prop_assert_eq!(Moment::parse(&moment.to_string(), moment.instant()), Ok(moment));
            }
        }
    }
}
