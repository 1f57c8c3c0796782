//! With the feature `serde`: values are written as text, and read with their rules checked.

use chrono::DateTime;
use users_domain::{Birthday, Email, Moment, UserId};

#[test]
fn a_text_value_is_its_text() {
    let email: Email = serde_json::from_str(r#""ada@example.org""#).unwrap();
    assert_eq!(serde_json::to_string(&email).unwrap(), r#""ada@example.org""#);
}

#[test]
fn reading_checks_the_rule_and_does_not_repeat_the_value() {
    let error = serde_json::from_str::<Email>(r#""no address""#).unwrap_err().to_string();
    assert!(error.starts_with("must be an email address"), "{error}");
    assert!(!error.contains("no address"), "{error}");
    assert!(serde_json::from_str::<UserId>("8").is_err(), "a number is no text");
}

#[test]
fn a_birthday_is_written_as_a_date() {
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let birthday = Birthday::parse("1990-02-03", now).unwrap();
    assert_eq!(serde_json::to_string(&birthday).unwrap(), r#""1990-02-03""#);
}

#[test]
fn a_moment_is_written_in_utc() {
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let moment = Moment::parse("2023-11-14T23:13:20.25+01:00", now).unwrap();
    assert_eq!(serde_json::to_string(&moment).unwrap(), r#""2023-11-14T22:13:20.250Z""#);
}
