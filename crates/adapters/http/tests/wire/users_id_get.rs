use rstest::rstest;

use crate::support::{FIRST_TAG, Wire};

const BOB: &str = concat!(
    r#"{"id":"bob","active":true,"avatar":null,"bio":null,"birthday":null,"country":null,"email":null,"#,
    r#""firstName":null,"lastName":null,"last_seen":null,"last_typed":null,"location":null,"organization":null,"#,
    r#""phone":null,"regions":null,"title":null,"twitter":null,"username":null}"#,
);

#[test]
fn a_user_has_all_18_members() {
    let answer = Wire::start().get("/v1/users/bob");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers,
        [
            "cache-control: private, no-cache".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", BOB.len()),
            "content-type: application/json".to_owned(),
            format!("etag: {FIRST_TAG}"),
            "last-modified: Sun, 01 Nov 2026 12:00:00 GMT".to_owned(),
            "x-request-id: test-0".to_owned(),
        ]
    );
    assert_eq!(answer.body, BOB);
}

#[test]
fn head_is_get_without_the_body() {
    let wire = Wire::start();
    let mut get = wire.send("GET /v1/users/bob", "x-request-id: same\r\n", "");
    get.body.clear();
    assert_eq!(wire.send("HEAD /v1/users/bob", "x-request-id: same\r\n", ""), get);
}

#[test]
fn head_of_nobody_is_a_404_without_a_body() {
    let answer = Wire::start().send("HEAD /v1/users/eve", "", "");
    assert_eq!((answer.status, answer.body.as_str()), (404, ""));
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
}

#[rstest]
#[case::get("GET")]
#[case::head("HEAD")]
fn a_user_that_the_client_has_is_not_sent_again(#[case] method: &str) {
    let wire = Wire::start();
    let answer = wire.send(
        &format!("{method} /v1/users/bob"),
        &format!("if-none-match: \"x\", W/{FIRST_TAG}\r\n"),
        "",
    );
    assert_eq!((answer.status, answer.body.as_str()), (304, ""));
    assert_eq!(
        answer.headers,
        [
            "cache-control: private, no-cache".to_owned(),
            "connection: close".to_owned(),
            format!("etag: {FIRST_TAG}"),
            "last-modified: Sun, 01 Nov 2026 12:00:00 GMT".to_owned(),
            "x-request-id: test-0".to_owned(),
        ]
    );
}

#[rstest]
#[case::modified_since("if-modified-since: Sun, 01 Nov 2026 12:00:00 GMT", 304)]
#[case::modified_since_before("if-modified-since: Sun, 01 Nov 2026 11:59:59 GMT", 200)]
#[case::star("if-none-match: *", 304)]
#[case::other("if-none-match: \"x\"", 200)]
#[case::match_ours("if-match: *", 200)]
#[case::match_other("if-match: \"x\"", 412)]
#[case::accepts_something_else("accept: text/html", 200)]
fn conditions_are_honoured(#[case] header: &str, #[case] status: u16) {
    let answer = Wire::start().send("GET /v1/users/bob", &format!("{header}\r\n"), "");
    assert_eq!(answer.status, status);
}

#[test]
fn a_failed_condition_tells_the_tag() {
    let answer = Wire::start().send("GET /v1/users/bob", "if-match: \"x\"\r\n", "");
    assert_eq!(answer.code(), "PRECONDITION_FAILED");
    assert_eq!(answer.header("etag"), Some(FIRST_TAG));
}

#[test]
fn nobody_is_not_found() {
    let answer = Wire::start().get("/v1/users/eve");
    assert_eq!((answer.status, answer.code().as_str()), (404, "RESOURCE_NOT_FOUND"));
}
