//! Dates in headers (RFC 9110, section 5.6.7).

use std::time::{Duration, SystemTime};

use actix_web::http::header::{HeaderValue, HttpDate};
use chrono::{DateTime, Datelike, Timelike, Utc};

/// Writes an instant as an IMF-fixdate, cut to the second.
pub fn header_value(instant: DateTime<Utc>) -> HeaderValue {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS.into_iter().nth(instant.weekday().num_days_from_monday() as usize).unwrap_or_default();
    let month = MONTHS.into_iter().nth(instant.month0() as usize).unwrap_or_default();
    let text = format!(
        "{day}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
        instant.day(),
        instant.year(),
        instant.hour(),
        instant.minute(),
        instant.second(),
    );
    // Digits and letters alone: always a header's value.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Reads a date in any of the three forms that a recipient must accept.
fn parse(value: &HeaderValue) -> Option<SystemTime> {
    value.to_str().ok()?.trim().parse::<HttpDate>().ok().map(SystemTime::from)
}

/// Whether `instant`, cut to the second, lies after the date in a header; `None` where that is no date.
pub fn is_after(instant: DateTime<Utc>, date: &HeaderValue) -> Option<bool> {
    let date = parse(date)?;
    // Nothing is modified before 1970.
    let seconds = u64::try_from(instant.timestamp()).unwrap_or_default();
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) > date)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::{header_value, is_after, parse};

    #[test]
    fn an_instant_is_written_as_rfc_9110_shows_it() {
        let instant = "1994-11-06T08:49:37.999Z".parse().unwrap();
        assert_eq!(header_value(instant), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn all_three_forms_are_read() {
        let written = parse(&HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert!(written.is_some());
        assert_eq!(parse(&HeaderValue::from_static("Sunday, 06-Nov-94 08:49:37 GMT")), written);
        assert_eq!(parse(&HeaderValue::from_static("Sun Nov  6 08:49:37 1994")), written);
        assert_eq!(parse(&HeaderValue::from_static("yesterday")), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same_second(micros in 0..4_000_000_000_000_000_i64) {
            let instant = DateTime::from_timestamp_micros(micros).unwrap();
            let value = header_value(instant);
            prop_assert_eq!(is_after(instant, &value), Some(false));
            prop_assert_eq!(is_after(instant + TimeDelta::seconds(1), &value), Some(true));
        }

        #[test]
        fn no_value_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let _ = is_after(DateTime::UNIX_EPOCH, &value);
            }
        }
    }
}
