//! With the feature `serde`: values are written as text, and read with their rules checked.

use chrono::DateTime;
use users_domain::{Birthday, Change, Email, Moment, Precondition, Profile, User, UserId, UserInput};

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

#[test]
fn a_user_is_written_as_the_service_answers_with_it() {
    let profile = Profile { first_name: "Ada".parse().ok(), bio: "a\nb".parse().ok(), ..Profile::default() };
    let user = User::create(UserId::parse("ada").unwrap(), profile, DateTime::UNIX_EPOCH);
    assert_eq!(
        serde_json::to_string(&user).unwrap(),
        r#"{"id":"ada","active":true,"avatar":null,"bio":"a\nb","birthday":null,"country":null,"email":null,"firstName":"Ada","lastName":null,"last_seen":null,"last_typed":null,"location":null,"organization":null,"phone":null,"regions":null,"title":null,"twitter":null,"username":null}"#
    );
}

#[test]
fn an_input_tells_absent_null_and_value_apart() {
    let text = r#"{"active": false, "first_name": "Ada", "bio": null, "birthday": "1815-12-10"}"#;
    let input: UserInput = serde_json::from_str(text).unwrap();
    let expected = UserInput {
        active: Change::Set(false),
        first_name: Change::Set("Ada".to_owned()),
        bio: Change::Clear,
        birthday: Change::Set("1815-12-10".to_owned()),
        ..UserInput::default()
    };
    assert_eq!(input, expected);
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let violations = serde_json::to_string(&input.validate(now).unwrap_err()).unwrap();
    assert_eq!(
        violations,
        r#"[{"place":"birthday","code":"OUT_OF_RANGE","detail":"must lie between 1900-01-01 and today"}]"#
    );
}

#[test]
fn what_is_no_input_is_an_error() {
    for (text, part) in [
        (r#"{"nick": "x"}"#, "unknown field `nick`"),
        (r#"{"id": "ada"}"#, "unknown field `id`"),
        (r#"{"firstName": "a", "first_name": "b"}"#, "duplicate field `firstName`"),
        (r#"{"bio": 1}"#, "expected a string"),
        (r#"{"active": "yes"}"#, "expected a boolean"),
        ("[]", "an object with members of a user"),
    ] {
        let error = serde_json::from_str::<UserInput>(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

/// What one service writes of a user, another one reads as an input that makes the same user, but for the id.
#[test]
fn a_user_that_was_written_can_be_read_as_an_input() {
    let profile = Profile { email: "ada@example.org".parse().ok(), active: false, ..Profile::default() };
    let user = User::create(UserId::parse("ada").unwrap(), profile.clone(), DateTime::UNIX_EPOCH);
    let mut members = serde_json::to_value(&user).unwrap();
    members.as_object_mut().unwrap().remove("id");
    let input: UserInput = serde_json::from_value(members).unwrap();
    let mut copy = User::create(UserId::parse("copy").unwrap(), Profile::default(), DateTime::UNIX_EPOCH);
    let update = input.validate(DateTime::UNIX_EPOCH).unwrap();
    copy.apply(update, &Precondition::Exists, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(copy.profile(), &profile);
}
