//! Self-service tokens: what they may set of their own user, and that they learn nothing of any other.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rstest::rstest;
use users_domain::SelfEditable;
use users_ports::{Grant, TokenRecord, TokenRepository};
use users_testkit::{MemoryStore, StuckStore, token_record, user_id};

use crate::support::{Answer, FIRST_TAG, Parts, Wire, secret_token, token};

const JSON: &str = "content-type: application/json\r\n";
const MERGE: &str = "content-type: application/merge-patch+json\r\n";
const PATCH: &str = "content-type: application/json-patch+json\r\n";

/// A token of `ada`, who may set the usual members, in a store.
fn store() -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::default());
    let grant = Grant::SelfService { user: user_id("ada"), may_set: SelfEditable::default() };
    let record = TokenRecord { secret_hash: secret_token("own").secret_hash(), grant, ..token_record("own") };
    TokenRepository::create(&*store, record).now_or_never().unwrap().unwrap();
    store
}

fn start() -> Wire {
    let store = store();
    let parts = Parts { request_timeout: Duration::from_secs(5), ..Parts::of(&store) };
    Wire::start_with(store, parts)
}

/// Sends a request with the token of `ada`, under an id that is always the same.
fn send(wire: &Wire, request_line: &str, headers: &str, body: &str) -> Answer {
    let own = format!("authorization: Token {}\r\nx-request-id: same\r\n{headers}", token("own"));
    wire.send_as(request_line, &own, body)
}

#[test]
fn the_owner_reads_and_updates_oneself() {
    let wire = start();
    let read = send(&wire, "GET /v1/users/ada", "", "");
    assert_eq!((read.status, read.header("etag")), (200, Some(FIRST_TAG)));
    assert_eq!(read.body, wire.get("/v1/users/ada").body);
    assert_eq!(
        send(&wire, "GET /v1/users/%61da", "", "").status,
        200,
        "the id is read as the router decodes it"
    );
    let not_modified = send(&wire, "GET /v1/users/ada", &format!("if-none-match: {FIRST_TAG}\r\n"), "");
    assert_eq!(not_modified.status, 304);

    let body = r#"{"id":"ada","first_name":"Augusta","bio":null}"#;
    let tried = send(&wire, "PUT /v1/users/ada?dry_run=true", JSON, body);
    assert_eq!((tried.status, tried.header("dry-run")), (200, Some("true")));
    let stale = send(&wire, "PUT /v1/users/ada", &format!("{JSON}if-match: \"x\"\r\n"), body);
    assert_eq!(stale.code(), "PRECONDITION_FAILED");
    let keyed = format!("{JSON}if-match: {FIRST_TAG}\r\nidempotency-key: k\r\n");
    let first = send(&wire, "PUT /v1/users/ada", &keyed, body);
    let again = send(&wire, "PUT /v1/users/ada", &keyed, body);
    assert_eq!((first.status, first.json()["firstName"].as_str()), (200, Some("Augusta")));
    assert_eq!((again.status, again.header("idempotency-replayed")), (200, Some("true")));
    assert_eq!(first.body, again.body);
}

#[test]
fn every_forbidden_member_is_named_before_any_rule_is_judged() {
    let wire = start();
    let body = r#"{"bio":1,"active":true,"email":"@","username":null,"nickname":1,"id":"bob"}"#;
    for (request, headers) in
        [("PUT", JSON), ("PATCH", MERGE), ("PUT", &format!("{JSON}prefer: handling=lenient\r\n"))]
    {
        let answer = send(&wire, &format!("{request} /v1/users/ada"), headers, body);
        assert_eq!((answer.status, answer.code().as_str()), (403, "INSUFFICIENT_PERMISSIONS"));
        assert_eq!(
            answer.errors(),
            ["/active NOT_PERMITTED", "/email NOT_PERMITTED", "/username NOT_PERMITTED"]
        );
        assert_eq!(answer.json()["detail"], "The token does not allow setting 3 of the members.");
        assert_eq!(
            answer.header("www-authenticate"),
            Some(r#"Bearer realm="users", error="insufficient_scope""#)
        );
    }
    let one = send(&wire, "PUT /v1/users/ada", JSON, r#"{"active":false}"#);
    assert_eq!(one.json()["detail"], "The token does not allow setting /active.");
    assert_eq!(wire.get("/v1/users/ada").header("etag"), Some(FIRST_TAG), "nothing was written");

    // The rest of the rules is judged as ever.
    let rules = send(&wire, "PUT /v1/users/ada", JSON, r#"{"bio":1,"nickname":1,"id":"bob"}"#);
    assert_eq!(rules.errors(), ["/id IMMUTABLE", "/bio INVALID_TYPE", "/nickname UNKNOWN_MEMBER"]);
    assert_eq!(send(&wire, "PUT /v1/users/ada", JSON, "{").code(), "MALFORMED_JSON");
}

#[test]
fn a_body_that_names_everything_is_refused_though_nothing_would_change() {
    let wire = start();
    let read = send(&wire, "GET /v1/users/ada", "", "").body;
    let answer = send(&wire, "PUT /v1/users/ada", JSON, &read);
    assert_eq!((answer.status, answer.errors().len()), (403, 7));
    let patch = format!(r#"[{{"op":"replace","path":"","value":{read}}}]"#);
    assert_eq!(send(&wire, "PATCH /v1/users/ada", PATCH, &patch).header("etag"), Some(FIRST_TAG));
}

#[rstest]
#[case::reading(r#"[{"op":"test","path":"/active","value":true},{"op":"copy","from":"/email","path":"/title"}]"#, 200, &[])]
#[case::there_and_back(r#"[{"op":"replace","path":"/active","value":false},{"op":"replace","path":"/active","value":true}]"#, 200, &[])]
#[case::moved_and_put_back(r#"[{"op":"move","from":"/email","path":"/bio"},{"op":"copy","from":"/bio","path":"/email"}]"#, 200, &[])]
#[case::moved_away(r#"[{"op":"move","from":"/email","path":"/title"}]"#, 403, &["/0 NOT_PERMITTED"])]
#[case::removed(r#"[{"op":"remove","path":"/username"}]"#, 403, &["/0 NOT_PERMITTED"])]
#[case::copied_over(r#"[{"op":"copy","from":"/title","path":"/organization"}]"#, 403, &["/0 NOT_PERMITTED"])]
#[case::escaped(r#"[{"op":"add","path":"/\u0061ctive","value":false}]"#, 403, &["/0/value NOT_PERMITTED"])]
#[case::within_the_whole(r#"[{"op":"replace","path":"","value":{"active":false}}]"#, 403,
    &["/0/value/active NOT_PERMITTED", "/0/value NOT_PERMITTED", "/0/value NOT_PERMITTED", "/0/value NOT_PERMITTED",
      "/0/value NOT_PERMITTED", "/0/value NOT_PERMITTED", "/0/value NOT_PERMITTED"])]
#[case::by_the_other_name(r#"[{"op":"add","path":"/first_name","value":"Augusta"}]"#, 200, &[])]
#[case::another_id(r#"[{"op":"replace","path":"/id","value":"bob"}]"#, 422, &["/0/value IMMUTABLE"])]
#[case::a_test_that_fails(r#"[{"op":"test","path":"/email","value":"x"}]"#, 422, &["/0 TEST_FAILED"])]
fn a_json_patch_is_judged_by_what_it_comes_to(
    #[case] patch: &str,
    #[case] status: u16,
    #[case] errors: &[&str],
) {
    let wire = start();
    let before = wire.get("/v1/users/ada").json();
    for query in ["?dry_run=true", ""] {
        let answer = send(&wire, &format!("PATCH /v1/users/ada{query}"), PATCH, patch);
        assert_eq!(
            (answer.status, answer.errors()),
            (status, errors.iter().map(ToString::to_string).collect())
        );
    }
    let after = wire.get("/v1/users/ada").json();
    for forbidden in
        ["id", "active", "email", "last_seen", "last_typed", "organization", "regions", "username"]
    {
        assert_eq!(after[forbidden], before[forbidden], "{forbidden}");
    }
}

/// Everything that may tell one user from another: methods, conditions, keys, good and bad bodies.
fn questions() -> Vec<(String, String, String)> {
    let taken = r#"{"username":"Ada"}"#;
    let put_bodies = [
        "{}",
        r#"{"bio":"x"}"#,
        "",
        "{",
        "[]",
        r#"{"nickname":1}"#,
        r#"{"id":"bob"}"#,
        r#"{"id":"eve"}"#,
        r#"{"active":null}"#,
        r#"{"bio":1}"#,
        taken,
    ];
    let patch_bodies = [
        "[]",
        "{",
        r#"[{"op":"test","path":"/bio","value":null}]"#,
        r#"[{"op":"test","path":"/bio","value":"x"}]"#,
        r#"[{"op":"add","path":"/active","value":false}]"#,
    ];
    let conditions = [
        "",
        "if-match: *\r\n",
        "if-match: \"x\"\r\n",
        "if-none-match: *\r\n",
        "if-modified-since: Sun, 01 Nov 2026 12:00:00 GMT\r\n",
        "if-unmodified-since: Sun, 01 Nov 2026 12:00:00 GMT\r\n",
        "idempotency-key: k\r\n",
        "idempotency-key: \r\n",
        "prefer: handling=lenient\r\n",
    ];
    let mut conditions: Vec<_> = conditions.iter().map(ToString::to_string).collect();
    conditions.extend([format!("if-match: {FIRST_TAG}\r\n"), format!("if-none-match: {FIRST_TAG}\r\n")]);
    let mut questions = Vec::new();
    for condition in &conditions {
        for query in ["", "?dry_run=true", "?dry_run=perhaps"] {
            let mut ask = |method: &str, headers: &str, body: &str| {
                questions.push((
                    format!("{method} /v1/users/{{id}}{query}"),
                    format!("{condition}{headers}"),
                    body.to_owned(),
                ));
            };
            for method in ["GET", "HEAD", "DELETE", "POST", "OPTIONS"] {
                ask(method, "", "");
            }
            for body in put_bodies {
                ask("PUT", JSON, body);
                ask("PUT", "content-type: text/plain\r\n", body);
                ask("PATCH", MERGE, body);
            }
            for body in patch_bodies {
                ask("PATCH", PATCH, body);
            }
        }
    }
    questions
}

#[test]
fn somebody_else_is_as_nobody_to_whatever_is_asked() {
    let wire = start();
    let nobody = wire.send("GET /v1/users/eve", "x-request-id: same\r\n", "");
    let mut asked = 0;
    for (request_line, headers, body) in questions() {
        let [bob, eve] = ["bob", "eve"].map(|id| {
            let mut answer = send(&wire, &request_line.replace("{id}", id), &headers, &body);
            answer.body = answer.body.replace(&format!("/v1/users/{id}"), "/v1/users/eve");
            answer
        });
        assert_eq!(bob, eve, "{request_line} {headers} {body}");
        match request_line.split(' ').next().unwrap() {
            "GET" | "PUT" | "PATCH" => assert_eq!(bob, nobody, "{request_line} {headers} {body}"),
            "HEAD" => assert_eq!((bob.status, bob.headers), (404, nobody.headers.clone())),
            "DELETE" => assert_eq!(bob.code(), "INSUFFICIENT_PERMISSIONS"),
            _ => assert!([204, 405].contains(&bob.status)),
        }
        asked += 1;
    }
    assert_eq!(asked, 11 * 3 * (5 + 11 * 3 + 5));
    assert_eq!(wire.get("/v1/users/bob").header("etag"), Some(FIRST_TAG), "and nothing happened to bob");
}

#[test]
fn nobody_looks_somebody_else_up_for_a_self_service_token() {
    let store = store();
    // Whoever asked this store would wait until the request is given up with 503.
    let parts = Parts {
        users: Arc::new(StuckStore),
        request_timeout: Duration::from_millis(300),
        ..Parts::of(&store)
    };
    let wire = Wire::start_with(store, parts);
    assert_eq!(send(&wire, "GET /v1/users/ada", "", "").status, 503);
    for id in ["bob", "eve"] {
        assert_eq!(send(&wire, &format!("GET /v1/users/{id}"), "", "").status, 404);
        assert_eq!(send(&wire, &format!("PUT /v1/users/{id}"), JSON, r#"{"bio":"x"}"#).status, 404);
        assert_eq!(send(&wire, &format!("PATCH /v1/users/{id}"), PATCH, "[]").status, 404);
    }
}

#[test]
fn a_token_of_somebody_who_is_gone_is_over() {
    let wire = start();
    assert_eq!(wire.delete("/v1/users/ada").status, 200);
    wire.post(r#"{"id":"ada"}"#);
    for (request_line, headers, body) in [
        ("GET /v1/users/ada", "", ""),
        ("PUT /v1/users/ada", JSON, r#"{"bio":"x"}"#),
        ("PATCH /v1/users/ada", PATCH, "[]"),
    ] {
        let answer = send(&wire, request_line, headers, body);
        assert_eq!((answer.status, answer.code().as_str()), (401, "INVALID_API_KEY"));
    }
}
