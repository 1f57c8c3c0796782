use std::sync::Barrier;

use chrono::TimeDelta;
use rstest::rstest;

use std::sync::Arc;

use users_testkit::MemoryStore;
use users_use_cases::{IdempotencyGuard, IdempotencyLimits};

use crate::support::{Answer, FIRST_TAG, Parts, Wire, token};

const KEY: &str = "idempotency-key: 8e03978e-40d5-43dd-bc93-6894a57f9324\r\n";
const JSON: &str = "content-type: application/json\r\n";
const JSON_PATCH: &str = "content-type: application/json-patch+json\r\n";

/// The answer without what belongs to the request it answers.
fn essence(answer: &Answer) -> (u16, Vec<String>, &str) {
    let own = |line: &&String| !line.starts_with("x-request-id") && !line.starts_with("idempotency-replayed");
    (answer.status, answer.headers.iter().filter(own).cloned().collect(), &answer.body)
}

#[rstest]
#[case::creation("POST /v1/users", JSON, r#"{"bio":"x"}"#)]
#[case::update("PUT /v1/users/ada", JSON, r#"{"bio":"x"}"#)]
#[case::update_of_nothing("PUT /v1/users/ada", JSON, "{}")]
#[case::update_on_a_condition("PUT /v1/users/ada", "if-match: \"00065f35c4cfd240\"\r\n", r#"{"bio":"x"}"#)]
#[case::patch("PATCH /v1/users/ada", JSON_PATCH, r#"[{"op":"copy","from":"/title","path":"/bio"}]"#)]
#[case::patch_with_a_test(
    "PATCH /v1/users/ada",
    JSON_PATCH,
    r#"[{"op":"test","path":"/title","value":"Countess"},{"op":"remove","path":"/title"}]"#
)]
#[case::deletion("DELETE /v1/users/ada", "", "")]
fn a_request_takes_effect_once_and_is_answered_alike(
    #[case] request: &str,
    #[case] headers: &str,
    #[case] body: &str,
) {
    let wire = Wire::start();
    let send = || wire.send(request, &format!("{headers}{KEY}"), body);
    let first = send();
    assert!([200, 201].contains(&first.status), "{first:?}");
    assert_eq!(first.header("idempotency-replayed"), None);
    let after = wire.get("/v1/users?include_total=true").json();
    // Whatever happens in between, the answer stays.
    wire.clock.advance(TimeDelta::hours(23));
    wire.put("/v1/users/bob", r#"{"title":"x"}"#);
    for _ in 0..2 {
        let again = send();
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(essence(&again), essence(&first));
    }
    let total = |list: &serde_json::Value| list["pagination"]["total"].clone();
    assert_eq!(total(&wire.get("/v1/users?include_total=true").json()), total(&after));
}

#[test]
fn a_replay_brings_back_nothing_that_was_changed_since() {
    let wire = Wire::start();
    let body = r#"{"title":"x"}"#;
    let first = wire.send("PUT /v1/users/ada", KEY, body);
    wire.put("/v1/users/ada", r#"{"title":"y"}"#);
    assert_eq!(wire.send("PUT /v1/users/ada", KEY, body).body, first.body);
    assert_eq!(wire.get("/v1/users/ada").json()["title"], "y");
    wire.delete("/v1/users/ada");
    assert_eq!(wire.send("PUT /v1/users/ada", KEY, body).body, first.body);
    assert_eq!(wire.get("/v1/users/ada").status, 404);
}

#[rstest]
#[case::body("PUT /v1/users/ada", JSON, r#"{"title":"y"}"#)]
#[case::user("PUT /v1/users/bob", JSON, r#"{"title":"x"}"#)]
#[case::method("DELETE /v1/users/ada", JSON, r#"{"title":"x"}"#)]
#[case::merge_patch(
    "PATCH /v1/users/ada",
    "content-type: application/merge-patch+json\r\n",
    r#"{"title":"x"}"#
)]
#[case::json_patch("PATCH /v1/users/ada", JSON_PATCH, "[]")]
#[case::condition(
    "PUT /v1/users/ada",
    "content-type: application/json\r\nif-match: *\r\n",
    r#"{"title":"x"}"#
)]
#[case::query("PUT /v1/users/ada?x=1", JSON, r#"{"title":"x"}"#)]
fn a_key_belongs_to_one_request(#[case] request: &str, #[case] headers: &str, #[case] body: &str) {
    let wire = Wire::start();
    assert_eq!(wire.send("PUT /v1/users/ada", &format!("{JSON}{KEY}"), r#"{"title":"x"}"#).status, 200);
    let answer = wire.send(request, &format!("{headers}{KEY}"), body);
    assert_eq!((answer.status, answer.code().as_str()), (422, "IDEMPOTENCY_KEY_REUSED"));
    assert!(!answer.body.contains("8e03978e"), "{answer:?}");
}

#[test]
fn keys_of_different_tokens_are_different() {
    let wire = Wire::start();
    wire.send("PUT /v1/users/ada", KEY, r#"{"title":"x"}"#);
    let headers = format!("authorization: Token {}\r\n{KEY}", token("write"));
    let answer = wire.send_as("PUT /v1/users/ada", &headers, r#"{"title":"y"}"#);
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (200, None));
}

#[test]
fn a_refusal_is_not_kept() {
    let wire = Wire::start();
    let taken = r#"{"id":"eve","username":"ada"}"#;
    assert_eq!(wire.send("POST /v1/users", KEY, taken).status, 409);
    wire.delete("/v1/users/ada");
    let answer = wire.send("POST /v1/users", KEY, taken);
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (201, None));
}

#[test]
fn a_key_is_free_again_after_24_hours() {
    let wire = Wire::start();
    wire.send("PUT /v1/users/ada", KEY, r#"{"title":"x"}"#);
    wire.clock.advance(TimeDelta::hours(24) + TimeDelta::seconds(1));
    let answer = wire.send("PUT /v1/users/ada", KEY, r#"{"title":"y"}"#);
    assert_eq!((answer.status, answer.json()["title"].as_str()), (200, Some("y")));
    assert_eq!(answer.header("idempotency-replayed"), None);
}

#[test]
fn quotation_marks_make_no_difference() {
    let wire = Wire::start();
    wire.send("PUT /v1/users/ada", "idempotency-key: k\r\n", "{}");
    let again = wire.send("PUT /v1/users/ada", "idempotency-key: \"k\"\r\n", "{}");
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

#[rstest]
#[case::empty("idempotency-key:\r\n".to_owned())]
#[case::space("idempotency-key: a b\r\n".to_owned())]
#[case::open("idempotency-key: \"a\r\n".to_owned())]
#[case::twice(format!("{KEY}{KEY}"))]
#[case::long(format!("idempotency-key: {}\r\n", "k".repeat(256)))]
fn a_key_that_is_none_is_refused_before_anything_happens(#[case] headers: String) {
    let wire = Wire::start();
    let answer = wire.send("DELETE /v1/users/ada", &headers, "");
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("Idempotency-Key must"), "{answer:?}");
    assert_eq!(wire.get("/v1/users/ada").header("etag"), Some(FIRST_TAG));
}

#[test]
fn of_many_at_once_one_takes_effect() {
    let wire = Wire::start();
    let barrier = Barrier::new(32);
    let send = || {
        barrier.wait();
        wire.send("POST /v1/users", KEY, r#"{"bio":"x"}"#)
    };
    let answers: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..32).map(|_| scope.spawn(send)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let first: Vec<_> =
        answers.iter().filter(|it| it.status == 201 && it.header("idempotency-replayed").is_none()).collect();
    assert_eq!(first.len(), 1, "{answers:?}");
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.body, first[0].body);
        } else {
            assert_eq!((answer.status, answer.code().as_str()), (409, "IDEMPOTENCY_KEY_IN_USE"));
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
    assert_eq!(wire.get("/v1/users?include_total=true").json()["pagination"]["total"], 3);
}

/// A token that has used up its room gets 429 for each new key, by every method; what was carried out is still answered.
#[test]
fn records_have_only_so_much_room() {
    let store = Arc::new(MemoryStore::default());
    let idempotency = IdempotencyGuard::new(IdempotencyLimits { records: 8, bytes: 1 << 20 });
    let parts = Parts { idempotency, ..Parts::of(&store) };
    let wire = Wire::start_with(store, parts);
    let keyed = |request: &str, key: &str, body: &str| {
        wire.send(request, &format!("{JSON}idempotency-key: {key}\r\n"), body)
    };
    let body = r#"{"title":"x"}"#;
    for key in ["1", "2"] {
        assert_eq!(keyed("PUT /v1/users/ada", key, body).status, 200);
    }
    for (request, body) in [
        ("PUT /v1/users/ada", body),
        ("POST /v1/users", r#"{"id":"eve"}"#),
        ("DELETE /v1/users/ada", ""),
        ("POST /v1/users/bulk", r#"{"items":[{"id":"eve"}]}"#),
    ] {
        let answer = keyed(request, "3", body);
        assert_eq!((answer.status, answer.code().as_str()), (429, "IDEMPOTENCY_LIMIT_REACHED"), "{request}");
        assert_eq!(answer.header("retry-after"), Some("86400"), "{request}");
    }
    let merge = format!("content-type: application/merge-patch+json\r\n{KEY}");
    assert_eq!(wire.send("PATCH /v1/users/ada", &merge, body).status, 429);
    assert_eq!(wire.get("/v1/users/eve").status, 404);

    let again = keyed("PUT /v1/users/ada", "2", body);
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!(keyed("PUT /v1/users/ada", "2", "{}").code().as_str(), "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(wire.send("PUT /v1/users/ada", JSON, body).status, 200);
    // Another token has room of its own.
    let headers = format!("authorization: Token {}\r\n{KEY}", token("write"));
    assert_eq!(wire.send_as("PUT /v1/users/ada", &headers, body).status, 200);
}
