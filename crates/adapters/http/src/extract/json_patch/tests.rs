use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use users_domain::{Bio, Change, Email, PersonName, UserUpdate};
use users_testkit::{bio_update, full_user, minimal_user, noon};

use super::{JsonPatch, engine, operations};
use crate::PublicUrl;
use crate::extract::Preferences;
use crate::problem::Problem;

/// Pointer and code of every error of a refusal.
fn told(problem: &Problem) -> Vec<String> {
    let json: Value = serde_json::from_slice(&problem.to_json(&PublicUrl::default(), "/", "x")).unwrap();
    let errors = json["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    errors.iter().map(|error| format!("{} {}", text(&error["pointer"]), text(&error["code"]))).collect()
}

/// What the patch makes of the document, or what is wrong with it.
fn carried_out(mut document: Value, patch: &str) -> Result<Value, Vec<String>> {
    let operations = operations::read(patch.as_bytes()).map_err(|problem| told(&problem))?;
    engine::apply(&mut document, &operations)
        .map(|()| document)
        .map_err(|error| vec![format!("{} {}", error.pointer, error.code)])
}

/// The examples of RFC 6902, appendix A, and the corners that other implementations have stumbled over.
#[test]
fn the_cases_come_to_what_they_should() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("cases.json")).unwrap();
    assert!(cases.len() > 60);
    for case in cases {
        let found = carried_out(case["doc"].clone(), &case["patch"].to_string());
        let expected = match case.get("error") {
            Some(error) => Err(vec![error.as_str().unwrap().to_owned()]),
            None => Ok(case["expected"].clone()),
        };
        assert_eq!(found, expected, "{}", case["comment"]);
    }
}

fn update(patch: &Value) -> Result<UserUpdate, Vec<String>> {
    update_of_text(&patch.to_string(), Preferences::default())
}

fn update_of_text(patch: &str, preferences: Preferences) -> Result<UserUpdate, Vec<String>> {
    let patch = JsonPatch::parse(patch.as_bytes()).map_err(|problem| told(&problem))?;
    patch.update_of(&full_user("ada"), None, preferences, noon()).map_err(|problem| told(&problem))
}

#[test]
fn what_differs_is_an_update() {
    let patch = json!([
        {"op": "test", "path": "/username", "value": "Ada"},
        {"op": "replace", "path": "/bio", "value": "x"},
        {"op": "remove", "path": "/phone"},
        {"op": "move", "from": "/firstName", "path": "/lastName"},
        {"op": "copy", "from": "/email", "path": "/title"},
        {"op": "add", "path": "/title", "value": "Countess"},
        {"op": "replace", "path": "/active", "value": false},
    ]);
    let expected = UserUpdate {
        bio: Change::Set(Bio::parse("x").unwrap()),
        phone: Change::Clear,
        first_name: Change::Clear,
        last_name: Change::Set(PersonName::parse("Ada").unwrap()),
        active: Some(false),
        ..UserUpdate::default()
    };
    assert_eq!(update(&patch), Ok(expected));
}

#[rstest]
#[case::nothing(json!([]))]
#[case::what_is_there(json!([{"op": "replace", "path": "/bio", "value": "Mathematician.\nWrote the first program."}]))]
#[case::there_and_back(json!([{"op": "remove", "path": "/bio"}, {"op": "add", "path": "/bio", "value": "Mathematician.\nWrote the first program."}]))]
#[case::the_same_id(json!([{"op": "replace", "path": "/id", "value": "ada"}]))]
fn a_patch_may_change_nothing(#[case] patch: Value) {
    assert_eq!(update(&patch), Ok(UserUpdate::default()));
}

#[test]
fn a_removed_member_is_null_and_a_whole_user_may_be_put() {
    let patch =
        json!([{"op": "replace", "path": "", "value": {"id": "ada", "active": true, "email": "a@b"}}]);
    let update = update(&patch).unwrap();
    assert_eq!((update.email, update.bio), (Change::Set(Email::parse("a@b").unwrap()), Change::Clear));
    let patch = JsonPatch::parse(br#"[{"op":"remove","path":"/bio"}]"#).unwrap();
    let update = patch.update_of(&minimal_user("ada"), None, Preferences::default(), noon());
    assert_eq!(update.unwrap(), UserUpdate::default());
}

#[rstest]
#[case::a_value(json!([{"op": "replace", "path": "/email", "value": "@"}]), &["/0/value INVALID_FORMAT"])]
#[case::the_last_one_counts(
    json!([{"op": "replace", "path": "/email", "value": "@"}, {"op": "add", "path": "/email", "value": "!"}]),
    &["/1/value INVALID_FORMAT"]
)]
#[case::a_type(json!([{"op": "add", "path": "/email", "value": {"x": [1]}}]), &["/0/value INVALID_TYPE"])]
#[case::copied(json!([{"op": "copy", "from": "/bio", "path": "/email"}]), &["/0 CONTROL_CHARACTER"])]
#[case::removed(json!([{"op": "remove", "path": "/active"}]), &["/0 NOT_NULLABLE"])]
#[case::moved_away(json!([{"op": "move", "from": "/active", "path": "/bio"}]), &["/0 NOT_NULLABLE", "/0 INVALID_TYPE"])]
#[case::id(json!([{"op": "test", "path": "/id", "value": "ada"}, {"op": "replace", "path": "/id", "value": "eve"}]), &["/1/value IMMUTABLE"])]
#[case::no_id(json!([{"op": "remove", "path": "/id"}]), &["/0 NOT_NULLABLE"])]
#[case::unknown(json!([{"op": "add", "path": "/nick", "value": "x"}]), &["/0/path UNKNOWN_MEMBER"])]
#[case::all_at_once(
    json!([{"op": "add", "path": "/a~1b", "value": 1}, {"op": "add", "path": "/phone", "value": "x"}]),
    &["/1/value INVALID_FORMAT", "/0/path UNKNOWN_MEMBER"]
)]
#[case::within_a_whole_user(
    json!([{"op": "replace", "path": "", "value": {"id": "ada", "active": true, "email": "@", "x": 1}}]),
    &["/0/value/email INVALID_FORMAT", "/0/value/x UNKNOWN_MEMBER"]
)]
#[case::missing_in_a_whole_user(json!([{"op": "replace", "path": "", "value": {}}]), &["/0/value NOT_NULLABLE", "/0/value NOT_NULLABLE"])]
#[case::no_object(json!([{"op": "replace", "path": "", "value": []}]), &["/0/value INVALID_TYPE"])]
#[case::something_within_a_text(json!([{"op": "add", "path": "/bio/x", "value": 1}]), &["/0/path NO_SUCH_PLACE"])]
#[case::a_failed_test(json!([{"op": "test", "path": "/bio", "value": null}]), &["/0 TEST_FAILED"])]
#[case::every_bad_operation(
    json!([{"op": "add"}, {"op": "test", "path": "/bio", "value": 1}, {"op": "move", "path": "x"}]),
    &["/0/path MISSING_MEMBER", "/0/value MISSING_MEMBER", "/2/from MISSING_MEMBER", "/2/path INVALID_FORMAT"]
)]
fn what_is_wrong_is_told_with_its_place_in_the_patch(#[case] patch: Value, #[case] expected: &[&str]) {
    assert_eq!(update(&patch).unwrap_err(), expected);
}

#[test]
fn unknown_members_are_ignored_where_that_is_preferred_and_aliases_are_known() {
    let patch = r#"[{"op":"add","path":"/nick","value":1},{"op":"add","path":"/first_name","value":"x"}]"#;
    let update = update_of_text(patch, Preferences { lenient: true }).unwrap();
    let first_name = Change::Set(PersonName::parse("x").unwrap());
    assert_eq!(update, UserUpdate { first_name, ..UserUpdate::default() });
}

#[rstest]
#[case::empty("", 400)]
#[case::cut("[{\"op\"", 400)]
#[case::more("[] []", 400)]
#[case::half_a_pair(r#"[{"op":"add","path":"/bio","value":"\ud800"}]"#, 422)]
#[case::half_a_pair_deeper(r#"[{"op":"test","path":"","value":{"bio":"\ud800"}}]"#, 422)]
#[case::half_a_pair_in_a_name(r#"[{"\ud800":1}]"#, 400)]
#[case::half_a_pair_in_a_path(r#"[{"op":"add","path":"/\ud800","value":""}]"#, 422)]
#[case::op_twice(r#"[{"op":"add","path":"/bio","value":"x","op":"remove"}]"#, 400)]
#[case::an_object("{}", 422)]
#[case::null("null", 422)]
#[case::a_huge_number(r#"[{"op":"add","path":"/bio","value":1e999}]"#, 422)]
fn what_is_no_patch_is_refused(#[case] body: &str, #[case] status: u16) {
    assert_eq!(JsonPatch::parse(body.as_bytes()).unwrap_err().code().status().as_u16(), status);
}

#[test]
fn a_malformed_text_is_found_where_it_stands() {
    let problem = JsonPatch::parse(b"[\n {\"op\":\"add\",\"\\ud800\":\"/bio\"}]").unwrap_err();
    assert!(problem.to_string().contains("line 2, column 21"), "{problem}");
}

#[test]
fn a_patch_has_1000_operations_at_most() {
    let patch = |count| Value::from(vec![json!({"op": "test", "path": "/id", "value": "ada"}); count]);
    assert_eq!(update(&patch(1000)), Ok(UserUpdate::default()));
    assert_eq!(update(&patch(1001)).unwrap_err(), [" TOO_LONG"]);
}

#[test]
fn no_patch_grows_without_bounds() {
    let mut doubling = vec![json!({"op": "add", "path": "/bio", "value": ["x".repeat(1000)]})];
    doubling.resize(100, json!({"op": "copy", "from": "/bio", "path": "/bio/-"}));
    assert_eq!(update(&doubling.into()).unwrap_err(), ["/10 TOO_LONG"]);

    let deeper = |value: Value| {
        let mut patch = vec![json!({"op": "add", "path": "/bio", "value": value})];
        for _ in 0..400 {
            patch.push(json!({"op": "move", "from": "/bio", "path": "/title"}));
            patch.push(json!({"op": "add", "path": "/bio", "value": {}}));
            patch.push(json!({"op": "move", "from": "/title", "path": "/bio/x"}));
        }
        patch.truncate(1000);
        update(&patch.into()).unwrap_err()
    };
    assert_eq!(deeper(json!({})), ["/189 TOO_LONG"]);

    let nested = |depth| {
        let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        update_of_text(&format!(r#"[{{"op":"add","path":"/bio","value":{value}}}]"#), Preferences::default())
    };
    assert_eq!(nested(63).unwrap_err(), ["/0/value INVALID_TYPE"]);
    assert_eq!(nested(64).unwrap_err(), ["/0 TOO_LONG"]);
    assert_eq!(nested(50_000).unwrap_err(), ["/0/value OUT_OF_RANGE"]);
}

#[test]
fn an_update_of_one_member_is_that_of_a_put() {
    let patch = json!([{"op": "replace", "path": "/bio", "value": "x"}]);
    assert_eq!(update(&patch), Ok(bio_update("x")));
}

proptest! {
    #[test]
    fn no_patch_makes_it_panic(
        operations in prop::collection::vec(
            (
                "(add|remove|replace|move|copy|test)",
                "(/(id|bio|active|x|-|0|~0|~|é)){0,3}",
                "(/(id|bio|active|x|-|0)){0,2}",
                r#"(null|true|1|1e400|"x"|"\\u00e9"|\[1,\[\]\]|\{"x":\{"bio":1\}\})"#,
            ),
            0..8,
        ),
        lenient: bool,
    ) {
        let operations: Vec<_> = operations
            .iter()
            .map(|(op, path, from, value)| format!(r#"{{"op":"{op}","path":"{path}","from":"{from}","value":{value}}}"#))
            .collect();
        let body = format!("[{}]", operations.join(","));
        if let Err(errors) = update_of_text(&body, Preferences { lenient }) {
            prop_assert!(!errors.is_empty(), "{body}");
        }
    }

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = JsonPatch::parse(&body);
    }
}
