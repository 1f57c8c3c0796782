use chrono::{DateTime, Utc};
use proptest::prelude::*;
use rstest::rstest;
use users_domain::{Change, UserId, UserUpdate};

use super::{IdSource, UserDocument};
use crate::PublicUrl;
use crate::extract::Preferences;
use crate::problem::Problem;

const STRICT: Preferences = Preferences { lenient: false };
const LENIENT: Preferences = Preferences { lenient: true };

fn now() -> DateTime<Utc> {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

fn put(body: &[u8], preferences: Preferences) -> Result<UserUpdate, Problem> {
    let mut document = UserDocument::parse(body)?;
    document.require_id(&UserId::parse("8").unwrap(), IdSource::Path);
    document.validate(preferences, now())
}

fn post(body: &str) -> Result<Option<UserId>, Problem> {
    let mut document = UserDocument::parse(body.as_bytes())?;
    let id = document.new_id();
    document.validate(STRICT, now()).map(|_| id)
}

/// What a refusal tells: its code, its detail, and pointer and code of each error.
fn told(problem: &Problem) -> (String, String, Vec<String>) {
    let body: serde_json::Value =
        serde_json::from_slice(&problem.to_json(&PublicUrl::default(), "/", "x")).unwrap();
    let errors = body["errors"].as_array().cloned().unwrap_or_default();
    let errors =
        errors.iter().map(|e| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()));
    (body["code"].as_str().unwrap().to_owned(), body["detail"].as_str().unwrap().to_owned(), errors.collect())
}

fn invalid(body: &str) -> Vec<String> {
    let (code, _, errors) = told(&put(body.as_bytes(), STRICT).unwrap_err());
    assert_eq!(code, "VALIDATION_ERROR");
    errors
}

#[test]
fn present_null_and_absent_are_three_things() {
    let update = put(br#"{"bio":"x","phone":null,"active":false}"#, STRICT).unwrap();
    assert_eq!(update.bio.set().map(users_domain::Bio::as_str), Some("x"));
    assert_eq!(update.phone, Change::Clear);
    assert_eq!(update.email, Change::Keep);
    assert_eq!(update.active, Some(false));
}

#[rstest]
#[case::empty_object("{}")]
#[case::whitespace(" \t\r\n{ \n } \r\n")]
#[case::own_id(r#"{"id":"8"}"#)]
#[case::own_id_as_a_number(r#"{"id":8}"#)]
fn what_changes_nothing_is_no_error(#[case] body: &str) {
    assert_eq!(put(body.as_bytes(), STRICT).unwrap(), UserUpdate::default());
}

#[test]
fn members_are_read_under_their_aliases() {
    let update = put(br#"{"first_name":"Ada","last_name":null}"#, STRICT).unwrap();
    assert_eq!(update.first_name.set().map(users_domain::PersonName::as_str), Some("Ada"));
    assert_eq!(update.last_name, Change::Clear);
}

#[rstest]
#[case::number(r#"{"bio":1}"#, &["/bio INVALID_TYPE"])]
#[case::huge_number(r#"{"bio":1e400}"#, &["/bio INVALID_TYPE"])]
#[case::list(r#"{"email":["a@b"]}"#, &["/email INVALID_TYPE"])]
#[case::boolean_text(r#"{"active":"true"}"#, &["/active INVALID_TYPE"])]
#[case::active_null(r#"{"active":null}"#, &["/active NOT_NULLABLE"])]
#[case::other_id(r#"{"id":"9"}"#, &["/id IMMUTABLE"])]
#[case::other_number(r#"{"id":80}"#, &["/id IMMUTABLE"])]
#[case::padded_number(r#"{"id":-8}"#, &["/id IMMUTABLE"])]
#[case::float_id(r#"{"id":8.0}"#, &["/id INVALID_TYPE"])]
#[case::null_id(r#"{"id":null}"#, &["/id NOT_NULLABLE"])]
#[case::alias(r#"{"first_name":1,"lastName":2}"#, &["/first_name INVALID_TYPE", "/lastName INVALID_TYPE"])]
#[case::alias_of_a_broken_rule(r#"{"last_name":" "}"#, &["/last_name BLANK"])]
#[case::unknown(r#"{"a/b~c":1,"":2}"#, &["/a~1b~0c UNKNOWN_MEMBER", "/ UNKNOWN_MEMBER"])]
#[case::other_case(r#"{"Email":null}"#, &["/Email UNKNOWN_MEMBER"])]
#[case::everything(
    r#"{"nickname":1,"username":2,"email":"@","active":null,"id":3}"#,
    &["/id IMMUTABLE", "/active NOT_NULLABLE", "/email INVALID_FORMAT", "/username INVALID_TYPE", "/nickname UNKNOWN_MEMBER"],
)]
#[case::list_of_users("[]", &[" INVALID_TYPE"])]
#[case::text("\"x\"", &[" INVALID_TYPE"])]
#[case::null("null", &[" INVALID_TYPE"])]
#[case::number_alone(" 1 ", &[" INVALID_TYPE"])]
fn every_violation_is_told_with_its_place(#[case] body: &str, #[case] expected: &[&str]) {
    assert_eq!(invalid(body), expected);
}

#[test]
fn one_violation_is_told_in_full_and_several_by_their_number() {
    let detail = |body: &[u8]| told(&put(body, STRICT).unwrap_err()).1;
    assert_eq!(detail(br#"{"bio":1}"#), "The body breaks a rule: /bio must be a string or null.");
    assert_eq!(
        detail(br#"{"bio":1,"x":2}"#),
        "The body breaks 2 rules; the first: /bio must be a string or null."
    );
    assert_eq!(detail(b"[]"), "The body breaks a rule: the body must be a JSON object.");
}

#[rstest]
#[case::open("{", 1, 1)]
#[case::trailing("{}x", 1, 3)]
#[case::two("{}{}", 1, 3)]
#[case::trailing_comma(r#"{"bio":"x",}"#, 1, 12)]
#[case::single_quotes("{'bio':1}", 1, 2)]
#[case::nan(r#"{"bio":NaN}"#, 1, 8)]
#[case::leading_zero(r#"{"id":01}"#, 1, 8)]
#[case::control_character("{\"bio\":\"a\nb\"}", 1, 9)]
#[case::second_line("{\n\"bio\" 1}", 2, 7)]
#[case::broken_list("[1", 1, 2)]
#[case::byte_order_mark("\u{feff}{}", 1, 1)]
fn what_is_not_json_is_told_with_its_place(#[case] body: &str, #[case] line: usize, #[case] column: usize) {
    let (code, detail, errors) = told(&put(body.as_bytes(), STRICT).unwrap_err());
    assert_eq!(code, "MALFORMED_JSON");
    assert_eq!(detail, format!("The body is not valid JSON: look at line {line}, column {column}."));
    assert!(errors.is_empty());
}

#[test]
fn what_is_not_utf_8_is_not_json() {
    for body in
        [&b"{\"bio\":\"\xff\"}"[..], b"{\"\xff\":1}", b"{\"unknown\":\"\xc3\"}", b"\xff\xfe{\x00}\x00"]
    {
        assert_eq!(told(&put(body, LENIENT).unwrap_err()).0, "MALFORMED_JSON");
    }
}

#[rstest]
#[case::same_name(r#"{"bio":"a","bio":"a"}"#, "/bio DUPLICATE_MEMBER")]
#[case::alias(r#"{"firstName":"a","first_name":"a"}"#, "/firstName DUPLICATE_MEMBER")]
#[case::escaped(r#"{"bio":"a","\u0062io":"a"}"#, "/bio DUPLICATE_MEMBER")]
#[case::with_a_wrong_type(r#"{"bio":1,"bio":"a"}"#, "/bio DUPLICATE_MEMBER")]
#[case::unknown(r#"{"x":1,"y":2,"x":3}"#, "/x DUPLICATE_MEMBER")]
fn a_member_that_stands_twice_is_refused(#[case] body: &str, #[case] expected: &str) {
    for preferences in [STRICT, LENIENT] {
        let (code, _, errors) = told(&put(body.as_bytes(), preferences).unwrap_err());
        assert_eq!((code.as_str(), errors), ("MALFORMED_JSON", vec![expected.to_owned()]));
    }
}

#[test]
fn leniency_ignores_unknown_members_and_nothing_else() {
    assert_eq!(put(br#"{"nickname":1,"mapping":{"40":"213"}}"#, LENIENT).unwrap(), UserUpdate::default());
    assert!(put(br#"{"nickname":1,"bio":1}"#, LENIENT).is_err());
}

#[test]
fn deep_nesting_is_only_a_wrong_type() {
    let deep = format!(
        "{{\"bio\":{}{},\"x\":{}1{}}}",
        "[".repeat(10_000),
        "]".repeat(10_000),
        "{\"a\":".repeat(10_000),
        "}".repeat(10_000)
    );
    assert_eq!(invalid(&deep), ["/bio INVALID_TYPE", "/x UNKNOWN_MEMBER"]);
    let top = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(told(&put(top.as_bytes(), STRICT).unwrap_err()).0, "VALIDATION_ERROR");
}

#[test]
fn a_flood_of_unknown_members_is_told_in_100_entries() {
    let members: Vec<_> = (0..20_000).map(|i| format!("\"m{i}\":0")).collect();
    let errors = invalid(&format!("{{\"bio\":1,{}}}", members.join(",")));
    assert_eq!(errors.len(), 100);
    assert_eq!(
        (errors[0].as_str(), errors[98].as_str(), errors[99].as_str()),
        ("/bio INVALID_TYPE", "/m97 UNKNOWN_MEMBER", " UNKNOWN_MEMBER")
    );
}

#[rstest]
#[case::absent("{}", None)]
#[case::null(r#"{"id":null}"#, None)]
#[case::text(r#"{"id":"ada"}"#, Some("ada"))]
#[case::number(r#"{"id":123456789012345678901234567890}"#, Some("123456789012345678901234567890"))]
fn a_new_user_may_have_an_id(#[case] body: &str, #[case] expected: Option<&str>) {
    assert_eq!(post(body).unwrap().as_ref().map(UserId::as_str), expected);
}

#[rstest]
#[case::empty(r#"{"id":""}"#)]
#[case::space(r#"{"id":"a b"}"#)]
#[case::reserved(r#"{"id":"search"}"#)]
#[case::float(r#"{"id":1.5}"#)]
fn a_new_user_may_not_have_any_id(#[case] body: &str) {
    let (code, _, errors) = told(&post(body).unwrap_err());
    assert_eq!((code.as_str(), errors.len()), ("VALIDATION_ERROR", 1));
    assert!(errors[0].starts_with("/id "));
}

/// JSON of any shape, with the names of members among its names.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".*".prop_map(Into::into),
    ];
    let name =
        prop_oneof!["id", "active", "email", "firstName", "first_name", "last_seen", "username", ".{0,4}"];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::hash_map(name.clone(), inner, 0..6)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_body_makes_it_panic_or_fail(body in prop::collection::vec(any::<u8>(), 0..200), lenient: bool) {
        if let Err(problem) = put(&body, Preferences { lenient }) {
            prop_assert!(problem.code().status().is_client_error());
        }
    }

    #[test]
    fn no_json_is_malformed(body in json(), lenient: bool) {
        let aliased = ["first_name", "firstName"].iter().all(|name| body.get(name).is_some());
        if let Err(problem) = put(body.to_string().as_bytes(), Preferences { lenient }) {
            prop_assert_eq!(problem.code().status().as_u16(), if aliased { 400 } else { 422 });
        }
    }

    #[test]
    fn any_text_is_kept_as_it_was_sent(bio in "\\PC{0,200}") {
        let body = serde_json::json!({ "bio": bio }).to_string();
        let update = put(body.as_bytes(), STRICT).unwrap();
        prop_assert_eq!(update.bio.set().map(users_domain::Bio::as_str), Some(bio.as_str()));
    }

    #[test]
    fn what_was_sent_is_not_told(secret in "[a-z]{12}") {
        let body = serde_json::json!({ "birthday": secret, "email": secret, "active": secret }).to_string();
        let (_, detail, _) = told(&put(body.as_bytes(), STRICT).unwrap_err());
        prop_assert!(!detail.contains(&secret));
    }
}
