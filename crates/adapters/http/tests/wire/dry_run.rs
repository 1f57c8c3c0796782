use rstest::rstest;

use crate::support::{Answer, FIRST_TAG, Wire};

#[test]
fn a_dry_run_shows_what_would_be_and_writes_nothing() {
    let wire = Wire::start();
    let before = wire.get("/v1/users/ada");
    let answers = [
        wire.put("/v1/users/ada?dry_run=true", r#"{"title":"x"}"#),
        wire.patch("/v1/users/ada?dry_run=true", r#"[{"op":"replace","path":"/title","value":"x"}]"#),
    ];
    for answer in answers {
        let mut expected = before.json();
        expected["title"] = "x".into();
        assert_eq!((answer.status, answer.json()), (200, expected));
        assert_is_trial(&answer);
    }
    let deleted = wire.delete("/v1/users/ada?dry_run=true");
    assert_eq!((deleted.status, &deleted.body), (200, &before.body));
    assert_is_trial(&deleted);
    assert_eq!(wire.get("/v1/users/ada").body, before.body);
    assert_eq!(wire.get("/v1/users/ada").header("etag"), Some(FIRST_TAG));

    let created = wire.send("POST /v1/users?dry_run=true", "", r#"{"id":"eve"}"#);
    assert_eq!((created.status, created.json()["id"].as_str()), (201, Some("eve")));
    assert_eq!(created.header("location"), None);
    assert_is_trial(&created);
    assert_eq!(wire.get("/v1/users/eve").status, 404);
}

/// What is in no version has no tag of one.
fn assert_is_trial(answer: &Answer) {
    assert_eq!(answer.header("dry-run"), Some("true"));
    assert_eq!((answer.header("etag"), answer.header("last-modified")), (None, None));
}

#[test]
fn a_dry_run_is_refused_where_the_write_would_be() {
    let wire = Wire::start();
    let refused = [
        (wire.put("/v1/users/eve?dry_run=true", "{}"), 404),
        (wire.put("/v1/users/bob?dry_run=true", r#"{"username":"ada"}"#), 409),
        (wire.put("/v1/users/bob?dry_run=true", r#"{"x":1}"#), 422),
        (wire.send("PUT /v1/users/bob?dry_run=true", "if-match: x\r\n", "{}"), 412),
        (wire.send("POST /v1/users?dry_run=true", "", r#"{"id":"ada"}"#), 409),
        (wire.delete("/v1/users/eve?dry_run=true"), 404),
        (wire.send_as("DELETE /v1/users/ada?dry_run=true", "", ""), 401),
        (wire.patch("/v1/users/ada?dry_run=true", r#"[{"op":"remove","path":"/x"}]"#), 422),
    ];
    for (answer, status) in refused {
        assert_eq!(answer.status, status, "{answer:?}");
        answer.code();
    }
}

#[test]
fn false_is_as_good_as_nothing() {
    let wire = Wire::start();
    let answer = wire.put("/v1/users/ada?dry_run=false&x=1", r#"{"title":"x"}"#);
    assert_eq!((answer.status, answer.header("dry-run")), (200, None));
    assert_eq!(wire.get("/v1/users/ada").json()["title"], "x");
}

#[rstest]
#[case("dry_run=1", "/dry_run INVALID_TYPE")]
#[case("dry_run", "/dry_run INVALID_TYPE")]
#[case("dry_run=true&dry_run=true", "/dry_run DUPLICATE_PARAMETER")]
#[case("dryRun=true", "/dryRun UNKNOWN_PARAMETER")]
fn what_may_have_been_meant_as_one_is_not_carried_out(#[case] query: &str, #[case] error: &str) {
    let wire = Wire::start();
    for request in ["PUT /v1/users/ada", "DELETE /v1/users/ada", "POST /v1/users"] {
        let answer = wire.send(&format!("{request}?{query}"), "", r#"{"title":"x"}"#);
        assert_eq!((answer.status, answer.errors()), (422, vec![error.to_owned()]));
    }
    assert_eq!(wire.get("/v1/users/ada").header("etag"), Some(FIRST_TAG));
}

#[test]
fn a_dry_run_takes_no_key() {
    let wire = Wire::start();
    let key = "idempotency-key: k\r\n";
    for _ in 0..2 {
        let tried = wire.send("PUT /v1/users/ada?dry_run=true", key, r#"{"title":"x"}"#);
        assert_eq!((tried.status, tried.header("idempotency-replayed")), (200, None));
    }
    let real = wire.send("PUT /v1/users/ada", key, r#"{"title":"y"}"#);
    assert_eq!((real.status, real.header("idempotency-replayed")), (200, None));
}
