use std::sync::Barrier;

use rstest::rstest;

use crate::support::{Answer, FIRST_TAG, Wire};

const MERGE: &str = "content-type: application/merge-patch+json\r\n";
const SECOND_TAG: &str = "\"00065f35c4cfd241\"";

fn merge(wire: &Wire, path: &str, body: &str) -> Answer {
    wire.send(&format!("PATCH {path}"), MERGE, body)
}

#[test]
fn both_formats_do_what_a_put_does() {
    let put = Wire::start().put("/v1/users/ada", r#"{"bio":null,"title":"Mathematician"}"#);
    let merged = merge(&Wire::start(), "/v1/users/ada", r#"{"bio":null,"title":"Mathematician"}"#);
    let patch = r#"[{"op":"test","path":"/title","value":"Countess"},{"op":"remove","path":"/bio"},
        {"op":"replace","path":"/title","value":"Mathematician"}]"#;
    let patched = Wire::start().patch("/v1/users/ada", patch);
    assert_eq!((put.status, put.header("etag")), (200, Some(SECOND_TAG)));
    assert_eq!(merged, put);
    assert_eq!(patched, put);
}

#[test]
fn a_patch_that_changes_nothing_is_the_same_version() {
    let wire = Wire::start();
    wire.clock.advance(chrono::TimeDelta::seconds(5));
    let answers = [
        merge(&wire, "/v1/users/ada", "{}"),
        wire.patch("/v1/users/ada", "[]"),
        wire.patch("/v1/users/ada", r#"[{"op":"move","from":"/bio","path":"/title"},{"op":"move","from":"/title","path":"/bio"},{"op":"add","path":"/title","value":"Countess"}]"#),
    ];
    for answer in answers {
        assert_eq!((answer.status, answer.header("etag")), (200, Some(FIRST_TAG)));
        assert_eq!(answer.header("last-modified"), Some("Sun, 01 Nov 2026 12:00:00 GMT"));
    }
}

#[rstest]
#[case::none("")]
#[case::json("content-type: application/json\r\n")]
#[case::text("content-type: text/plain\r\n")]
#[case::charset("content-type: application/merge-patch+json; charset=latin1\r\n")]
fn another_type_is_refused_with_those_that_there_are(#[case] headers: &str) {
    let answer = Wire::start().send("PATCH /v1/users/ada", headers, "{}");
    assert_eq!((answer.status, answer.code().as_str()), (415, "UNSUPPORTED_MEDIA_TYPE"));
    for header in ["accept", "accept-patch"] {
        let types = "application/merge-patch+json, application/json-patch+json";
        assert_eq!(answer.header(header), Some(types));
    }
}

#[test]
fn a_refused_patch_tells_the_operation_and_changes_nothing() {
    let wire = Wire::start();
    let patch = r#"[{"op":"remove","path":"/title"},{"op":"test","path":"/bio","value":"x"}]"#;
    let answer = wire.patch("/v1/users/ada", patch);
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(answer.errors(), ["/1 TEST_FAILED"]);
    let detail = "The body breaks a rule: /1 must find the value that it tests for.";
    assert_eq!(answer.json()["detail"], detail);
    assert_eq!(wire.get("/v1/users/ada").header("etag"), Some(FIRST_TAG));

    let answer = wire.patch("/v1/users/ada", r#"[{"op":"add","path":"/email","value":"@"}]"#);
    assert_eq!((answer.status, answer.errors()), (422, vec!["/0/value INVALID_FORMAT".to_owned()]));
    let taken = wire.patch("/v1/users/bob", r#"[{"op":"add","path":"/username","value":"ADA"}]"#);
    assert_eq!((taken.status, taken.errors()), (409, vec!["/username ALREADY_TAKEN".to_owned()]));
}

#[rstest]
#[case::no_json("[", 400)]
#[case::an_object("{}", 422)]
#[case::no_operation("[1]", 422)]
fn what_is_no_patch_is_refused(#[case] body: &str, #[case] status: u16) {
    assert_eq!(Wire::start().patch("/v1/users/ada", body).status, status);
}

#[test]
fn conditions_and_preferences_are_those_of_an_update() {
    let wire = Wire::start();
    for kind in ["merge", "json"] {
        let body = if kind == "merge" { r#"{"x":1}"# } else { r#"[{"op":"add","path":"/x","value":1}]"# };
        let json = format!("content-type: application/{kind}-patch+json\r\n");
        let send = |headers: &str| wire.send("PATCH /v1/users/ada", &format!("{json}{headers}"), body);
        let lenient = send("prefer: handling=lenient\r\n");
        assert_eq!((lenient.status, lenient.header("preference-applied")), (200, Some("handling=lenient")));
        let lenient = "prefer: handling=lenient\r\n";
        let stale = send(&format!("{lenient}if-match: \"0000000000000000\"\r\n"));
        assert_eq!((stale.status, stale.header("etag")), (412, Some(FIRST_TAG)));
        assert_eq!(send(&format!("{lenient}if-match: {FIRST_TAG}\r\n")).status, 200);
        let never = send(&format!("{lenient}if-none-match: *\r\n"));
        assert_eq!(never.json()["detail"], "If-None-Match never holds for a write. Use If-Match.");
        assert_eq!(wire.send("PATCH /v1/users/eve", &format!("{json}{lenient}"), body).status, 404);
    }
}

#[test]
fn patches_at_the_same_time_lose_nothing() {
    let wire = Wire::start();
    wire.put("/v1/users/ada", r#"{"bio":"0"}"#);
    let barrier = Barrier::new(16);
    // Each counts on, from whatever it finds, and tries again where its test fails.
    let count_on = || {
        barrier.wait();
        loop {
            let bio: u32 = wire.get("/v1/users/ada").json()["bio"].as_str().unwrap().parse().unwrap();
            let (test, next) = (bio.to_string(), (bio + 1).to_string());
            let patch = serde_json::json!([
                {"op": "test", "path": "/bio", "value": test},
                {"op": "replace", "path": "/bio", "value": next},
            ]);
            match wire.patch("/v1/users/ada", &patch.to_string()).status {
                200 => break,
                status => assert_eq!(status, 422),
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(count_on);
        }
    });
    assert_eq!(wire.get("/v1/users/ada").json()["bio"], "16");
}
