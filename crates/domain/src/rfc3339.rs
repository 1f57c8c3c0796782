//! Reads dates and times of RFC 3339, section 5.6, and the forms beside it that programs write.
//!
//! chrono's own reader takes a Unicode minus sign and a leap second in any minute, and does not take the other forms.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// Reads `full-date`: exactly `YYYY-MM-DD`, and a day that exists.
pub(crate) fn full_date(text: &str) -> Option<NaiveDate> {
    let mut reader = Reader(text.as_bytes());
    let date = reader.date()?;
    reader.at_end().then_some(date)
}

/// Reads `date-time`, and cuts its fraction off after the microseconds.
///
/// Beside the grammar of the RFC it reads:
///
/// - a space in the place of the `T` (the note in section 5.6), as PostgreSQL writes it;
/// - a time without seconds, as Java's `OffsetDateTime` writes whole minutes;
/// - an offset as `+hhmm` or `+hh` (ISO 8601), as PostgreSQL and many loggers write it;
/// - suffixes of RFC 9557, such as `[Europe/Berlin]`. They are ignored, since the offset stands before them; one that is
///   marked as critical (`[!…]`) is rejected, as section 3.3 of that RFC demands of a reader that does not act on it.
///
/// A leap second is read as the second that follows it, and accepted only if there can be one: at 23:59:60 UTC.
pub(crate) fn date_time(text: &str) -> Option<DateTime<Utc>> {
    let mut reader = Reader(text.as_bytes());
    let date = reader.date()?;
    reader.one_of(b"Tt ")?;
    let (hour, minute) = reader.hour_and_minute()?;
    let (second, micros) = reader.second_and_fraction()?;
    let offset = reader.offset()?;
    reader.suffixes()?;
    if !reader.at_end() {
        return None;
    }
    let leap = second == 60;
    let time = NaiveTime::from_hms_micro_opt(hour, minute, if leap { 59 } else { second }, micros)?;
    let instant = date.and_time(time).and_utc().checked_sub_signed(offset)?;
    if !leap {
        return Some(instant);
    }
    let last_minute = NaiveTime::from_hms_opt(23, 59, 0)?;
    if instant.time() < last_minute { None } else { instant.checked_add_signed(TimeDelta::seconds(1)) }
}

/// What is left to be read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    const fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    fn next_if(&mut self, fits: impl Fn(u8) -> bool) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        if !fits(first) {
            return None;
        }
        self.0 = rest;
        Some(first)
    }

    fn one_of(&mut self, set: &[u8]) -> Option<u8> {
        self.next_if(|byte| set.contains(&byte))
    }

    fn digit(&mut self) -> Option<u32> {
        self.next_if(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'))
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        (0..digits).try_fold(0, |number, _| Some(number * 10 + self.digit()?))
    }

    /// `date-fullyear "-" date-month "-" date-mday`
    fn date(&mut self) -> Option<NaiveDate> {
        let year = self.number(4)?;
        self.one_of(b"-")?;
        let month = self.number(2)?;
        self.one_of(b"-")?;
        let day = self.number(2)?;
        NaiveDate::from_ymd_opt(year.try_into().ok()?, month, day)
    }

    /// `time-hour ":" time-minute`
    fn hour_and_minute(&mut self) -> Option<(u32, u32)> {
        let hour = self.number(2)?;
        self.one_of(b":")?;
        let minute = self.number(2)?;
        (hour < 24 && minute < 60).then_some((hour, minute))
    }

    /// `[ ":" time-second [time-secfrac] ]`, the fraction in microseconds.
    fn second_and_fraction(&mut self) -> Option<(u32, u32)> {
        if self.one_of(b":").is_none() {
            return Some((0, 0));
        }
        Some((self.number(2)?, self.fraction()?))
    }

    /// `[ "." 1*DIGIT ]`, in microseconds.
    fn fraction(&mut self) -> Option<u32> {
        if self.one_of(b".").is_none() {
            return Some(0);
        }
        let mut micros = self.digit()? * 100_000;
        let mut unit = 10_000;
        while let Some(digit) = self.digit() {
            micros += digit * unit;
            unit /= 10;
        }
        Some(micros)
    }

    /// `"Z" / ( "+" / "-" ) time-hour [ [ ":" ] time-minute ]`, to be taken from the time for UTC.
    fn offset(&mut self) -> Option<TimeDelta> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(TimeDelta::zero()),
        };
        let hours = self.number(2)?;
        let has_minutes = self.one_of(b":").is_some() || self.0.first().is_some_and(u8::is_ascii_digit);
        let minutes = if has_minutes { self.number(2)? } else { 0 };
        (hours < 24 && minutes < 60).then(|| TimeDelta::minutes(sign * i64::from(hours * 60 + minutes)))
    }

    /// `*( "[" 1*( ALPHA / DIGIT / "_" / "." / "+" / "-" / "/" / ":" / "=" ) "]" )`: suffixes of RFC 9557 that are not critical.
    fn suffixes(&mut self) -> Option<()> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-/:=".contains(&byte);
        while self.one_of(b"[").is_some() {
            self.next_if(fits)?;
            while self.next_if(fits).is_some() {}
            self.one_of(b"]")?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{date_time, full_date};

    #[rstest]
    #[case("2026-11-01T12:00:00Z", "2026-11-01T12:00:00Z")]
    #[case("2026-11-01t12:00:00z", "2026-11-01T12:00:00Z")]
    #[case("2026-11-01T12:00:00+23:59", "2026-10-31T12:01:00Z")]
    #[case("2026-11-01T12:00:00-08:00", "2026-11-01T20:00:00Z")]
    #[case("2026-11-01T12:00:00-00:00", "2026-11-01T12:00:00Z")]
    #[case("2026-11-01T12:00:00.5Z", "2026-11-01T12:00:00.5Z")]
    #[case("2026-11-01T12:00:00.123456999999999Z", "2026-11-01T12:00:00.123456Z")]
    #[case("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z")]
    #[case("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z")]
    #[case("1998-12-31T23:59:60Z", "1999-01-01T00:00:00Z")]
    #[case("1998-12-31T15:59:60.123-08:00", "1999-01-01T00:00:00.123Z")]
    #[case("0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z")]
    #[case("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")]
    #[case("2024-01-15T10:30Z", "2024-01-15T10:30:00Z")]
    #[case("2024-01-15T10:30+01:00", "2024-01-15T09:30:00Z")]
    #[case("2024-01-15T10:30:00+0530", "2024-01-15T05:00:00Z")]
    #[case("2024-01-15T10:30:00-05", "2024-01-15T15:30:00Z")]
    #[case("2024-01-15 10:30:00Z", "2024-01-15T10:30:00Z")]
    #[case("2024-01-15 10:30:00+00", "2024-01-15T10:30:00Z")]
    #[case("2024-01-15 10:30:00.123456+05:30", "2024-01-15T05:00:00.123456Z")]
    #[case("2024-01-15T10:30:00+01:00[Europe/Berlin]", "2024-01-15T09:30:00Z")]
    #[case("2024-01-15T10:30+01:00[Europe/Berlin][u-ca=gregory]", "2024-01-15T09:30:00Z")]
    #[case("2024-01-15T10:30:00Z[Etc/GMT+1]", "2024-01-15T10:30:00Z")]
    #[case("2024-01-15T10:30:00-03:00[-03:00]", "2024-01-15T13:30:00Z")]
    fn reads(#[case] text: &str, #[case] instant: &str) {
        assert_eq!(date_time(text), Some(instant.parse().unwrap()));
    }

    #[rstest]
    #[case("")]
    #[case("2026-11-01")]
    #[case("2026-11-01T")]
    #[case("2026-11-01T12:00:00")]
    #[case("2026-11-01_12:00:00Z")]
    #[case("2026-11-01  12:00:00Z")]
    #[case("2026-11-01\u{A0}12:00:00Z")]
    #[case("2026-11-01T12:00")]
    #[case("2026-11-01T12Z")]
    #[case("2026-11-01T12:00.5Z")]
    #[case("2026-11-01T12:00:Z")]
    #[case("2026-11-01T12:00:00+1")]
    #[case("2026-11-01T12:00:00+01:")]
    #[case("2026-11-01T12:00:00+01:3")]
    #[case("2026-11-01T12:00:00+010")]
    #[case("2026-11-01T12:00:00+2400")]
    #[case("2026-11-01T12:00:00+24")]
    #[case("2026-11-01T12:00:00+0160")]
    #[case("2026-11-01T12:00:00[Europe/Berlin]")]
    #[case("2026-11-01T12:00:00Z[!Europe/Berlin]")]
    #[case("2026-11-01T12:00:00Z[Europe/Berlin][!u-ca=gregory]")]
    #[case("2026-11-01T12:00:00Z[]")]
    #[case("2026-11-01T12:00:00Z[Europe/Berlin")]
    #[case("2026-11-01T12:00:00ZEurope/Berlin]")]
    #[case("2026-11-01T12:00:00Z[Europe Berlin]")]
    #[case("2026-11-01[Europe/Berlin]")]
    #[case("2026-11-01T12:00:00 Z")]
    #[case("2026-11-01T12:00:00.Z")]
    #[case("2026-11-01T12:00:00,5Z")]
    #[case("2026-11-01T12:00:00+24:00")]
    #[case("2026-11-01T12:00:00+01:60")]
    #[case("2026-11-01T12:00:00\u{2212}01:00")]
    #[case("2026-11-01T12:00:00UTC")]
    #[case("2026-11-01T12:00:00Z ")]
    #[case(" 2026-11-01T12:00:00Z")]
    #[case("2026-11-01T24:00:00Z")]
    #[case("2026-11-01T12:60:00Z")]
    #[case("2026-11-01T12:00:61Z")]
    #[case("1998-12-31T23:58:60Z")]
    #[case("1998-12-31T22:59:60Z")]
    #[case("1998-12-31T23:59:60-08:00")]
    #[case("2026-02-29T00:00:00Z")]
    #[case("2026-00-01T00:00:00Z")]
    #[case("+2026-11-01T12:00:00Z")]
    #[case("12026-11-01T12:00:00Z")]
    #[case("２０２６-11-01T12:00:00Z")]
    #[case("20261101T120000Z")]
    #[case("1761998400")]
    fn refuses(#[case] text: &str) {
        assert_eq!(date_time(text), None);
    }

    #[rstest]
    #[case("2026-11-01", true)]
    #[case("2024-02-29", true)]
    #[case("2023-02-29", false)]
    #[case("2026-13-01", false)]
    #[case("2026-04-31", false)]
    #[case("2026-1-1", false)]
    #[case("26-11-01", false)]
    #[case("2026/11/01", false)]
    #[case("20261101", false)]
    #[case("-026-11-01", false)]
    #[case("2026-11-01 ", false)]
    #[case("2026-11-01T00:00:00Z", false)]
    #[case("٢٠٢٦-١١-٠١", false)]
    fn dates(#[case] text: &str, #[case] good: bool) {
        assert_eq!(full_date(text).is_some(), good);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in prop_oneof![any::<String>(), r"[0-9TtZz:+. \[!\]-]{0,40}"]) {
            let _ = (full_date(&text), date_time(&text));
        }

        #[test]
        fn what_is_read_means_what_chrono_says(
            text in concat!(
                "[0-9]{4}-(0[0-9]|1[0-3])-[0-3][0-9][Tt][0-2][0-9]:[0-5][0-9]:[0-5][0-9]",
                r"(\.[0-9]{1,6})?([Zz]|[+-][0-2][0-9]:[0-5][0-9])"
            )
        ) {
            let theirs = DateTime::parse_from_rfc3339(&text).ok().map(|instant| instant.to_utc());
            prop_assert_eq!(date_time(&text), theirs);
        }
    }
}
