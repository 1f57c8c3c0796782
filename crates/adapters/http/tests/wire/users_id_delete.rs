use rstest::rstest;

use crate::support::{FIRST_TAG, Wire, token};

#[test]
fn a_deletion_gives_the_user_as_it_was_and_frees_its_id_and_name() {
    let wire = Wire::start();
    wire.clock.advance(chrono::TimeDelta::seconds(5));
    let user = wire.get("/v1/users/ada").body;
    let answer = wire.delete("/v1/users/ada");
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers,
        [
            "cache-control: no-store".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", user.len()),
            "content-type: application/json".to_owned(),
            format!("etag: {FIRST_TAG}"),
            "last-modified: Sun, 01 Nov 2026 12:00:00 GMT".to_owned(),
            "x-request-id: test-1".to_owned(),
        ]
    );
    assert_eq!(answer.body, user);
    assert_eq!(wire.get("/v1/users/ada").status, 404);
    assert_eq!(wire.delete("/v1/users/ada").status, 404);
    let again = wire.post(r#"{"id":"ada","username":"Ada"}"#);
    assert_eq!(again.status, 201);
    assert_ne!(again.header("etag"), Some(FIRST_TAG));
}

#[rstest]
#[case::the_current_tag(&format!("if-match: {FIRST_TAG}\r\n"), 200)]
#[case::any(&"if-match: *\r\n".to_owned(), 200)]
#[case::another_tag(&"if-match: \"0000000000000000\"\r\n".to_owned(), 412)]
#[case::malformed(&"if-match: x\r\n".to_owned(), 412)]
#[case::none_match(&"if-none-match: *\r\n".to_owned(), 412)]
fn a_condition_is_judged(#[case] headers: &str, #[case] status: u16) {
    let wire = Wire::start();
    let answer = wire.send("DELETE /v1/users/ada", headers, "");
    assert_eq!((answer.status, answer.header("etag")), (status, Some(FIRST_TAG)));
    assert_eq!(wire.get("/v1/users/ada").status, if status == 200 { 404 } else { 200 });
}

#[test]
fn a_deletion_needs_a_scope_of_its_own() {
    let wire = Wire::start();
    for id in ["read", "write"] {
        let authorization = format!("authorization: Token {}\r\n", token(id));
        let answer = wire.send_as("DELETE /v1/users/ada", &authorization, "");
        assert_eq!((answer.status, answer.code().as_str()), (403, "INSUFFICIENT_PERMISSIONS"));
        assert!(answer.body.contains("users:delete"), "{answer:?}");
    }
    assert_eq!(wire.get("/v1/users/ada").status, 200);
}

#[rstest]
#[case::no_such_user("/v1/users/eve", 404)]
#[case::no_id("/v1/users/a%20b", 404)]
#[case::a_reserved_word("/v1/users/bulk%20", 404)]
fn who_is_not_there_cannot_be_deleted(#[case] path: &str, #[case] status: u16) {
    assert_eq!(Wire::start().delete(path).status, status);
}

#[test]
fn a_body_has_no_meaning() {
    let answer = Wire::start().send("DELETE /v1/users/ada", "content-type: text/plain\r\n", "bob");
    assert_eq!((answer.status, answer.json()["id"].as_str()), (200, Some("ada")));
}
