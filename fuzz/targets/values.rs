//! Every value object of the domain: nothing makes it panic, and what it accepts keeps the laws of all values.
#![no_main]

use chrono::{DateTime, Datelike as _, NaiveDate};
use libfuzzer_sys::fuzz_target;
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Moment, PersonName, Phone, SearchKey, SearchPrefix, Twitter,
    UserId, Username,
};

macro_rules! texts {
    ($text:expr, $($name:ident),*) => {$(
        if let Ok(value) = $name::parse($text) {
            assert_eq!(value.as_str(), $text);
            assert!($text.chars().count() as u64 <= $name::MAX_LENGTH);
            assert!(!$text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')));
            assert_eq!($name::parse(value.to_string()), Ok(value));
        }
    )*};
}

fuzz_target!(|text: &str| {
    texts!(text, Avatar, Bio, Country, Email, Label, PersonName, Phone, Twitter, UserId, Username);
    if let Ok(name) = Username::parse(text) {
        let key = name.key();
        assert!(Username::parse(key.as_str()).is_ok_and(|again| again.key() == key) || !text.is_ascii());
    }
    let now = users_fuzz::now();
    if let Ok(day) = Birthday::parse(text, now) {
        assert_eq!(day.to_string(), text);
        assert_eq!(NaiveDate::parse_from_str(text, "%Y-%m-%d"), Ok(day.day()));
    }
    if let Ok(moment) = Moment::parse(text, now) {
        assert!((0..=9999).contains(&moment.instant().year()));
        assert_eq!(Moment::parse(&moment.to_string(), now), Ok(moment));
        // chrono reads the same, but for leap seconds and for what is a date alone.
        if let Ok(theirs) = DateTime::parse_from_rfc3339(text) {
            assert!((theirs.to_utc() - moment.instant()).num_microseconds().is_some_and(|apart| (-1_000_000..=0).contains(&-apart)));
        }
    }
    let _ = (SearchPrefix::parse(text), SearchKey::of(text));
});
