use rstest::rstest;

use crate::support::{FIRST_TAG, Wire};

const SECOND_TAG: &str = "\"00065f35c4cfd241\"";

#[test]
fn an_update_sets_clears_and_leaves() {
    let wire = Wire::start();
    wire.clock.advance(chrono::TimeDelta::seconds(5));
    let answer = wire.put(
        "/v1/users/ada",
        r#"{"bio": null, "title": "Mathematician", "last_seen": "2026-11-01T13:00:00.5+01:00"}"#,
    );
    let body = concat!(
        r#"{"id":"ada","active":true,"avatar":"https://example.org/ada.png","bio":null,"birthday":"1915-12-10","#,
        r#""country":"GB","email":"ada@example.org","firstName":"Ada","lastName":"Lovelace","#,
        r#""last_seen":"2026-11-01T12:00:00.500Z","last_typed":"2026-10-31T08:14:00Z","#,
        r#""location":"12 St James's Square, London","organization":"Analytical Engines","phone":"+44 20 7946 0018","#,
        r#""regions":"Europe, Middle East","title":"Mathematician","twitter":"@ada","username":"Ada"}"#,
    );
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers,
        [
            "cache-control: no-store".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", body.len()),
            "content-type: application/json".to_owned(),
            format!("etag: {SECOND_TAG}"),
            "last-modified: Sun, 01 Nov 2026 12:00:05 GMT".to_owned(),
            "x-request-id: test-0".to_owned(),
        ]
    );
    assert_eq!(answer.body, body);
    assert_eq!(wire.get("/v1/users/ada").body, body);
}

#[test]
fn an_update_that_changes_nothing_is_the_same_version() {
    let wire = Wire::start();
    wire.clock.advance(chrono::TimeDelta::seconds(5));
    for body in ["{}", r#"{"title":"Countess"}"#, r#"{"last_seen":"2026-10-31T09:15:30.25+01:00"}"#] {
        let answer = wire.put("/v1/users/ada", body);
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("etag"), Some(FIRST_TAG));
        assert_eq!(answer.header("last-modified"), Some("Sun, 01 Nov 2026 12:00:00 GMT"));
    }
}

#[test]
fn what_get_gave_can_be_put_back() {
    let wire = Wire::start();
    for path in ["/v1/users/ada", "/v1/users/bob"] {
        let got = wire.get(path);
        let put = wire.put(path, &got.body);
        assert_eq!((put.status, put.header("etag")), (200, got.header("etag")));
        assert_eq!(put.body, got.body);
    }
}

#[test]
fn the_sample_of_the_documented_page_is_refused_by_name() {
    let sample = r#"{
      "user_group_id": "example_1",
      "name": "Example 1",
      "mapping": {"40": "213", "134": "386"},
      "properties": {"filterValue": "value"}
  }"#;
    let wire = Wire::start();
    let answer = wire.put("/v1/users/ada", sample);
    let detail = "The body breaks 4 rules; the first: /user_group_id is not a member of a user.";
    let error = |name: &str| {
        format!(r#"{{"pointer":"/{name}","code":"UNKNOWN_MEMBER","detail":"is not a member of a user"}}"#)
    };
    let errors: Vec<_> = ["user_group_id", "name", "mapping", "properties"].map(error).into();
    let expected = format!(
        concat!(
            r##"{{"type":"/docs/errors#VALIDATION_ERROR","title":"The request breaks a rule","status":422,"##,
            r#""detail":"{detail}","instance":"/v1/users/ada","code":"VALIDATION_ERROR","message":"{detail}","#,
            r#""request_id":"test-0","errors":[{errors}]}}"#
        ),
        detail = detail,
        errors = errors.join(",")
    );
    assert_eq!(answer.body, expected);
    assert_eq!(answer.code(), "VALIDATION_ERROR");

    let headers = "content-type: application/json\r\nprefer: handling=lenient\r\n";
    let lenient = wire.send("PUT /v1/users/ada", headers, sample);
    assert_eq!((lenient.status, lenient.header("etag")), (200, Some(FIRST_TAG)));
    assert_eq!(lenient.header("preference-applied"), Some("handling=lenient"));
}

#[test]
fn leniency_is_confirmed_also_where_nothing_was_unknown() {
    let answer = Wire::start().send("PUT /v1/users/ada", "prefer: handling=lenient\r\n", "{}");
    assert_eq!(answer.header("preference-applied"), Some("handling=lenient"));
}

#[rstest]
#[case::any("*", 200)]
#[case::the_version(FIRST_TAG, 200)]
#[case::among_others(r#""x,y", "00065f35c4cfd240""#, 200)]
#[case::stale(r#""00065f35c4cfd23f""#, 412)]
#[case::weak(r#"W/"00065f35c4cfd240""#, 412)]
#[case::foreign(r#""x""#, 412)]
#[case::malformed("00065f35c4cfd240", 412)]
#[case::empty("", 412)]
fn if_match_is_honoured(#[case] tags: &str, #[case] status: u16) {
    let wire = Wire::start();
    let answer = wire.send("PUT /v1/users/ada", &format!("if-match: {tags}\r\n"), r#"{"title":"x"}"#);
    assert_eq!(answer.status, status);
    if status == 412 {
        assert_eq!(answer.code(), "PRECONDITION_FAILED");
        assert_eq!(answer.header("etag"), Some(FIRST_TAG));
        assert_eq!(wire.get("/v1/users/ada").header("etag"), Some(FIRST_TAG));
    }
}

#[test]
fn all_lines_of_if_match_count() {
    let wire = Wire::start();
    let headers = format!("if-match: \"x\"\r\nif-match: {FIRST_TAG}\r\n");
    assert_eq!(wire.send("PUT /v1/users/ada", &headers, "{}").status, 200);
}

#[rstest]
#[case::malformed("if-match: x", "If-Match is not a list of entity tags, so it never holds.")]
#[case::none_match("if-none-match: *", "If-None-Match never holds for a write. Use If-Match.")]
#[case::dates(
    "if-unmodified-since: Sun, 01 Nov 2026 12:00:00 GMT",
    "If-Unmodified-Since never holds for a write. Use If-Match."
)]
fn a_condition_that_cannot_be_checked_is_never_taken_as_met(#[case] header: &str, #[case] detail: &str) {
    let wire = Wire::start();
    let answer = wire.send("PUT /v1/users/ada", &format!("{header}\r\n"), r#"{"title":"x"}"#);
    assert_eq!((answer.status, answer.json()["detail"].as_str()), (412, Some(detail)));
    assert_eq!(answer.code(), "PRECONDITION_FAILED");
    // A user that is not there is not there, whatever the condition.
    assert_eq!(wire.send("PUT /v1/users/eve", &format!("{header}\r\n"), "{}").status, 404);
}

#[rstest]
#[case::weak(r#"W/"00065f35c4cfd240""#, "If-Match has a weak entity tag (W/\"…\"), which never matches")]
#[case::suffix(r#""00065f35c4cfd240-gzip""#, "If-Match has an entity tag with a suffix such as -gzip")]
#[case::foreign(r#""x""#, "If-Match has no entity tag of this service.")]
fn a_tag_that_can_never_match_is_explained(#[case] tag: &str, #[case] detail: &str) {
    let wire = Wire::start();
    for (method, body) in [("PUT", r#"{"title":"x"}"#), ("PATCH", r#"{"title":"x"}"#), ("DELETE", "")] {
        let headers = format!("if-match: {tag}\r\ncontent-type: application/merge-patch+json\r\n");
        let headers = if method == "PUT" { format!("if-match: {tag}\r\n") } else { headers };
        let answer = wire.send(&format!("{method} /v1/users/ada"), &headers, body);
        assert_eq!((answer.status, answer.header("etag")), (412, Some(FIRST_TAG)));
        assert!(answer.json()["detail"].as_str().unwrap().starts_with(detail), "{answer:?}");
    }
}

#[test]
fn a_misspelt_member_is_named_with_the_one_that_was_meant() {
    let answer = Wire::start().put("/v1/users/ada", r#"{"FirstName":"Ada","lastSeen":null,"nickname":"x"}"#);
    assert_eq!(answer.status, 422);
    let details: Vec<_> =
        answer.json()["errors"].as_array().unwrap().iter().map(|it| it["detail"].clone()).collect();
    assert_eq!(
        details,
        [
            "is not a member of a user (did you mean firstName?)",
            "is not a member of a user (did you mean last_seen?)",
            "is not a member of a user",
        ]
    );
}

#[test]
fn half_an_emoji_is_told_with_everything_else() {
    let answer = Wire::start().put("/v1/users/ada", r#"{"email":"x","bio":"a\ud83d"}"#);
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(answer.errors(), ["/bio INVALID_FORMAT", "/email INVALID_FORMAT"]);
}

#[rstest]
#[case::empty("", "The body is empty: it must be JSON.")]
#[case::latin_1(
    "{\"bio\":\"caf\u{1}\"}",
    "The body is not in UTF-8, as JSON must be (RFC 8259, section 8.1): look at line 1, column 12."
)]
#[case::utf_16("\u{2}\u{3}{\0}\0", "The body is in UTF-16: JSON must be in UTF-8 (RFC 8259, section 8.1).")]
fn a_body_that_is_no_json_is_told_for_what_it_is(#[case] body: &str, #[case] detail: &str) {
    // What no text can hold stands in for itself.
    let bytes: Vec<u8> = body
        .bytes()
        .map(|byte| match byte {
            1 => 0xE9,
            2 => 0xFF,
            3 => 0xFE,
            other => other,
        })
        .collect();
    let wire = Wire::start();
    for (method, path, kind) in [
        ("PUT", "/v1/users/ada", "application/json"),
        ("POST", "/v1/users", "application/json"),
        ("PATCH", "/v1/users/ada", "application/merge-patch+json"),
        ("PATCH", "/v1/users/ada", "application/json-patch+json"),
        ("POST", "/v1/users/bulk", "application/json"),
    ] {
        let answer =
            wire.send_bytes(&format!("{method} {path}"), &format!("content-type: {kind}\r\n"), &bytes);
        assert_eq!((answer.status, answer.code().as_str()), (400, "MALFORMED_JSON"), "{method} {kind}");
        assert_eq!(answer.json()["detail"], detail, "{method} {kind}");
    }
}

#[test]
fn a_taken_username_is_told_with_its_place() {
    let wire = Wire::start();
    let answer = wire.put("/v1/users/bob", r#"{"username":"ＡＤＡ"}"#);
    assert_eq!((answer.status, answer.code().as_str()), (409, "RESOURCE_ALREADY_EXISTS"));
    assert_eq!(answer.errors(), ["/username ALREADY_TAKEN"]);
    assert_eq!(wire.put("/v1/users/ada", r#"{"username":"ada"}"#).status, 200);
}

#[rstest]
#[case::unknown("/v1/users/eve")]
#[case::dots("/v1/users/..")]
#[case::encoded_slash("/v1/users/a%2Fb")]
#[case::encoded_percent("/v1/users/ad%2561")]
#[case::broken_percent("/v1/users/ada%zz")]
#[case::not_utf_8("/v1/users/%ff")]
#[case::nul("/v1/users/ada%00")]
fn an_id_that_nobody_has_is_not_found_and_not_made(#[case] path: &str) {
    let wire = Wire::start();
    for _ in 0..2 {
        let answer = wire.put(path, r#"{"title":"x"}"#);
        assert_eq!((answer.status, answer.code().as_str()), (404, "RESOURCE_NOT_FOUND"));
        assert_eq!(answer.json()["instance"], path);
    }
}

#[test]
fn an_id_may_be_percent_encoded() {
    assert_eq!(Wire::start().put("/v1/users/%61d%61", "{}").status, 200);
}

#[rstest]
#[case::absent("", 200)]
#[case::plain("content-type: application/json\r\n", 200)]
#[case::charset("content-type: application/json; charset=utf-8\r\n", 200)]
#[case::latin("content-type: application/json; charset=iso-8859-1\r\n", 415)]
#[case::text("content-type: text/plain\r\n", 415)]
#[case::patch("content-type: application/merge-patch+json\r\n", 415)]
fn only_json_is_read(#[case] header: &str, #[case] status: u16) {
    let answer = Wire::start().send("PUT /v1/users/ada", header, "{}");
    assert_eq!(answer.status, status);
    if status == 415 {
        assert_eq!(answer.code(), "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(answer.header("accept"), Some("application/json"));
        let patches = "application/merge-patch+json, application/json-patch+json";
        assert_eq!(answer.header("accept-patch"), Some(patches));
    }
}

#[test]
fn a_compressed_body_is_refused() {
    let answer = Wire::start().send("PUT /v1/users/ada", "content-encoding: gzip\r\n", "{}");
    assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"));
    assert_eq!(answer.header("accept-encoding"), Some("identity"));
}

#[test]
fn the_checks_have_their_order() {
    let wire = Wire::start();
    let huge = " ".repeat(256 * 1024 + 1);
    let text = "content-type: text/plain\r\n";
    let json = "content-type: application/json\r\n";
    let stale = "if-match: \"x\"\r\n";
    assert_eq!(wire.send_as("PUT /v1/users/eve%20", text, &huge).status, 401);
    assert_eq!(wire.send("PUT /v1/users/eve%20", text, &huge).status, 404);
    assert_eq!(wire.send("PUT /v1/users/eve", text, &huge).status, 415);
    assert_eq!(wire.send("PUT /v1/users/eve", json, &huge).status, 413);
    assert_eq!(wire.send("PUT /v1/users/eve", json, "{").status, 400);
    assert_eq!(wire.send("PUT /v1/users/eve", json, r#"{"x":1}"#).status, 422);
    assert_eq!(wire.send("PUT /v1/users/eve", stale, r#"{"username":"ada"}"#).status, 404);
    assert_eq!(wire.send("PUT /v1/users/bob", stale, r#"{"username":"ada"}"#).status, 412);
    assert_eq!(wire.send("PUT /v1/users/bob", json, r#"{"username":"ada"}"#).status, 409);
}

#[test]
fn a_body_may_have_256_kib_and_no_more() {
    let wire = Wire::start();
    let fits = format!("{{}}{}", " ".repeat(256 * 1024 - 2));
    assert_eq!(wire.put("/v1/users/ada", &fits).status, 200);
    let answer = wire.put("/v1/users/ada", &format!("{fits} "));
    assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}
