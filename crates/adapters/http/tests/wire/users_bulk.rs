use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Wire};

const PATH: &str = "/v1/users/bulk";

fn send(wire: &Wire, method: &str, headers: &str, body: &str) -> Answer {
    wire.send(&format!("{method} {PATH}"), &format!("content-type: application/json\r\n{headers}"), body)
}

/// Index, id and status of each result, with the places and codes of what is wrong.
fn told(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let results = answer.json()["results"].as_array().unwrap().clone();
    let mut told = Vec::new();
    for (index, result) in results.iter().enumerate() {
        assert_eq!(result["index"], index);
        assert_ne!(result.get("user").is_some(), result.get("error").is_some());
        let mut line = format!("{} {}", result["id"].as_str().unwrap_or("-"), result["status"]);
        if let Some(error) = result.get("error") {
            assert_eq!(error["status"], result["status"]);
            let instance = error["instance"].as_str().unwrap();
            assert!(instance.starts_with("/v1/users/bulk#/") && instance.ends_with(&format!("s/{index}")));
            assert_eq!(error["request_id"], answer.header("x-request-id").unwrap());
            assert_eq!(error["type"], format!("/docs/errors#{}", error["code"].as_str().unwrap()));
            let errors = error["errors"].as_array().cloned().unwrap_or_default();
            let places: Vec<_> = errors
                .iter()
                .map(|e| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap()))
                .collect();
            line.push(' ');
            line.push_str(&places.join(", "));
        }
        told.push(line.trim_end().to_owned());
    }
    let succeeded = results.iter().filter(|result| result.get("user").is_some()).count();
    assert_eq!(answer.json()["succeeded"], succeeded);
    assert_eq!(answer.json()["failed"], results.len() - succeeded);
    told
}

fn status_of(wire: &Wire, id: &str) -> u16 {
    wire.get(&format!("/v1/users/{id}")).status
}

#[test]
fn users_are_created_each_by_itself() {
    let wire = Wire::start();
    let body = r#"{"items":[{"id":"x","username":"X"},{"id":"ada"},{"id":"y","username":"x"},{"id":"y","bio":7,"a":1},[],
        {"id":"z","first_name":"Z"},{"id":"a b"},{"bio":null},{"id":"v","id":"w"},{"id":"z"}]}"#;
    let answer = send(&wire, "POST", "", body);
    assert_eq!(
        told(&answer),
        [
            "x 201",
            "ada 409 /id ALREADY_TAKEN",
            "y 409 /username ALREADY_TAKEN",
            "y 422 /bio INVALID_TYPE, /a UNKNOWN_MEMBER",
            "- 422  INVALID_TYPE",
            "z 201",
            "- 422 /id INVALID_FORMAT",
            "00000000-0000-7000-8000-000000000001 201",
            "- 400 /id DUPLICATE_MEMBER",
            "z 409 /id ALREADY_TAKEN",
        ]
    );
    assert_eq!(answer.json()["results"][5]["user"], wire.get("/v1/users/z").json());
    assert_eq!(status_of(&wire, "y"), 404);
}

#[test]
fn a_bulk_answer_has_no_more_headers_than_it_needs() {
    let answer = send(&Wire::start(), "PUT", "", r#"{"updates":[{"id":"eve","data":{}}]}"#);
    let body = concat!(
        r#"{"results":[{"index":0,"id":"eve","status":404,"error":{"type":"/docs/errors#RESOURCE_NOT_FOUND","#,
        r#""title":"Not found","status":404,"detail":"There is no user with this id.","#,
        r#""instance":"/v1/users/bulk#/updates/0","code":"RESOURCE_NOT_FOUND","#,
        r#""message":"There is no user with this id.","request_id":"test-0"}}],"succeeded":0,"failed":1}"#,
    );
    assert_eq!(answer.body, body);
    assert_eq!(
        answer.headers,
        [
            "cache-control: no-store".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", body.len()),
            "content-type: application/json".to_owned(),
            "x-request-id: test-0".to_owned(),
        ]
    );
}

#[test]
fn users_are_updated_each_by_itself_and_in_their_order() {
    let wire = Wire::start();
    let body = r#"{"updates":[{"id":"bob","data":{"title":"1","bio":"b"}},{"id":"eve","data":{}},
        {"id":"ada","data":{"email":"x","nick":1}},{"id":"bob","data":{"title":"2"}},{"id":"bob","data":{"username":"ADA"}},
        {"data":{}},{"id":"bob"},{"id":"bob","data":7},{"id":"bob","data":{"id":"eve"}},{"id":null,"x":1,"data":{"bio":1}},
        {"id":8,"data":{"first_name":"","firstName":""}},"bob"]}"#;
    let answer = send(&wire, "PUT", "", body);
    assert_eq!(
        told(&answer),
        [
            "bob 200",
            "eve 404",
            "ada 422 /data/email INVALID_FORMAT, /data/nick UNKNOWN_MEMBER",
            "bob 200",
            "bob 409 /data/username ALREADY_TAKEN",
            "- 422 /id MISSING_MEMBER",
            "bob 422 /data MISSING_MEMBER",
            "bob 422 /data INVALID_TYPE",
            "bob 422 /data/id IMMUTABLE",
            "- 422 /x UNKNOWN_MEMBER, /id NOT_NULLABLE, /data/bio INVALID_TYPE",
            "8 400 /data/firstName DUPLICATE_MEMBER",
            "- 422  INVALID_TYPE",
        ]
    );
    let bob = wire.get("/v1/users/bob").json();
    assert_eq!((&bob["title"], &bob["bio"]), (&json!("2"), &json!("b")));
}

#[test]
fn users_are_deleted_each_by_itself_and_given_as_they_were() {
    let wire = Wire::start();
    wire.post(r#"{"id":"8","title":"Eight"}"#);
    let answer = send(&wire, "DELETE", "", r#"{"ids":["ada","eve","ada",8,7.0,null,"a b",{},"\ud800"]}"#);
    assert_eq!(
        told(&answer),
        [
            "ada 200",
            "eve 404",
            "ada 404",
            "8 200",
            "- 422  INVALID_TYPE",
            "- 422  NOT_NULLABLE",
            "- 422  INVALID_FORMAT",
            "- 422  INVALID_TYPE",
            "- 422  INVALID_FORMAT",
        ]
    );
    assert_eq!(answer.json()["results"][3]["user"]["title"], "Eight");
    assert_eq!((status_of(&wire, "ada"), status_of(&wire, "8"), status_of(&wire, "bob")), (404, 404, 200));
}

#[rstest]
#[case("POST", "{", 400, &[])]
#[case("POST", r#"{"items":[{]}"#, 400, &[])]
#[case("POST", "[]", 422, &[" INVALID_TYPE"])]
#[case("POST", "{}", 422, &["/items MISSING_MEMBER"])]
#[case("POST", r#"{"items":[]}"#, 422, &["/items OUT_OF_RANGE"])]
#[case("POST", r#"{"items":{"id":"x"}}"#, 422, &["/items INVALID_TYPE"])]
#[case("PUT", r#"{"items":[]}"#, 422, &["/updates MISSING_MEMBER", "/items UNKNOWN_MEMBER"])]
#[case("DELETE", r#"{"ids":[1],"ids":[2]}"#, 400, &["/ids DUPLICATE_MEMBER"])]
fn a_body_that_has_no_items_is_refused(
    #[case] method: &str,
    #[case] body: &str,
    #[case] status: u16,
    #[case] errors: &[&str],
) {
    let answer = send(&Wire::start(), method, "", body);
    answer.code();
    assert_eq!(answer.status, status);
    assert_eq!(answer.errors(), errors);
}

#[test]
fn a_thousand_items_are_taken_and_no_more() {
    let wire = Wire::start();
    let ids =
        |count: usize| json!({ "ids": (0..count).map(|n| format!("n{n}")).collect::<Vec<_>>() }).to_string();
    assert_eq!(told(&send(&wire, "DELETE", "", &ids(1_000))).len(), 1_000);
    assert_eq!(send(&wire, "DELETE", "", &ids(1_001)).errors(), ["/ids OUT_OF_RANGE"]);
}

#[test]
fn a_body_may_have_4_mib_here() {
    let wire = Wire::start();
    let body = |length: usize| {
        let (begin, end) = (r#"{"ids":["eve"]"#, "}");
        format!("{begin}{}{end}", " ".repeat(length - begin.len() - end.len()))
    };
    assert_eq!(told(&send(&wire, "DELETE", "", &body(4 * 1024 * 1024))), ["eve 404"]);
    let answer = send(&wire, "DELETE", "", &body(4 * 1024 * 1024 + 1));
    assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[test]
fn a_dry_run_judges_every_item_and_writes_nothing() {
    let wire = Wire::start();
    let request = format!("POST {PATH}?dry_run=true");
    let answer = wire.send(&request, "", r#"{"items":[{"id":"x"},{"id":"x"},{"id":"ada"},{"bio":1}]}"#);
    let expected =
        ["x 201", "x 409 /id ALREADY_TAKEN", "ada 409 /id ALREADY_TAKEN", "- 422 /bio INVALID_TYPE"];
    assert_eq!(told(&answer), expected);
    assert_eq!((answer.header("dry-run"), status_of(&wire, "x")), (Some("true"), 404));
}

#[test]
fn a_request_with_a_key_takes_effect_once() {
    let wire = Wire::start();
    // The answers tell the id of the request at hand, and are otherwise the same.
    let key = "idempotency-key: k\r\nx-request-id: mine\r\n";
    let body = r#"{"items":[{"title":"new"},{"id":"ada"},{"bio":1}]}"#;
    let first = send(&wire, "POST", key, body);
    assert_eq!(told(&first)[1..], ["ada 409 /id ALREADY_TAKEN", "- 422 /bio INVALID_TYPE"]);
    let again = send(&wire, "POST", key, body);
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, Some("true")));
    assert_eq!(first.header("idempotency-replayed"), None);
    assert_eq!(wire.get("/v1/users/count").json()["count"], 3);
    let other = send(&wire, "POST", key, r#"{"items":[{"title":"other"}]}"#);
    assert_eq!((other.status, other.code().as_str()), (422, "IDEMPOTENCY_KEY_REUSED"));
}

#[test]
fn leniency_is_for_all_levels() {
    let wire = Wire::start();
    let body = r#"{"updates":[{"id":"bob","data":{"nick":1,"title":"T"},"x":1}],"y":1}"#;
    let answer = send(&wire, "PUT", "prefer: handling=lenient\r\n", body);
    assert_eq!(told(&answer), ["bob 200"]);
    assert_eq!(answer.header("preference-applied"), Some("handling=lenient"));
    assert_eq!(answer.json()["results"][0]["user"]["title"], Value::from("T"));
}

#[test]
fn a_condition_never_holds_for_many() {
    let wire = Wire::start();
    let body = r#"{"ids":["ada"]}"#;
    for condition in ["if-match: \"x\"\r\n", "if-none-match: *\r\n"] {
        let answer = send(&wire, "DELETE", condition, body);
        assert_eq!((answer.status, answer.code().as_str()), (412, "PRECONDITION_FAILED"));
    }
    assert_eq!(status_of(&wire, "ada"), 200);
    assert_eq!(told(&send(&wire, "DELETE", "if-match: *\r\n", body)), ["ada 200"]);
}

#[rstest]
#[case("POST", "write", 200)]
#[case("PUT", "write", 200)]
#[case("DELETE", "write", 403)]
#[case("POST", "read", 403)]
fn each_kind_needs_its_scope(#[case] method: &str, #[case] token: &str, #[case] status: u16) {
    let wire = Wire::start();
    let body = r#"{"items":[{}]}"#.replace("items", if method == "PUT" { "updates" } else { "items" });
    let authorization = format!("authorization: Token {}\r\n", crate::support::token(token));
    let answer = wire.send_as(&format!("{method} {PATH}"), &authorization, &body);
    assert_eq!(answer.status, status);
}

#[test]
fn every_status_is_in_the_document() {
    let wire = Wire::start();
    let document: Value = serde_json::from_str(&users_http::openapi_json()).unwrap();
    for (method, member) in [("post", "items"), ("put", "updates"), ("delete", "ids")] {
        let method_in_capitals = method.to_uppercase();
        let (body, large) = (format!(r#"{{"{member}":[1]}}"#), " ".repeat(4 * 1024 * 1024 + 1));
        let asked = [
            send(&wire, &method_in_capitals, "", &body),
            send(&wire, &method_in_capitals, "", "{"),
            send(&wire, &method_in_capitals, "", "{}"),
            send(&wire, &method_in_capitals, "", &large),
            send(&wire, &method_in_capitals, "if-match: x\r\n", &body),
            send(&wire, &method_in_capitals, "content-encoding: gzip\r\n", &body),
            wire.send_as(&format!("{method_in_capitals} {PATH}"), "", &body),
        ];
        let responses = document["paths"][PATH][method]["responses"].as_object().unwrap();
        assert_eq!(asked.each_ref().map(|answer| answer.status), [200, 400, 422, 413, 412, 415, 401]);
        assert!(asked.iter().all(|answer| responses.contains_key(&answer.status.to_string())));
    }
}

#[test]
fn no_user_has_the_path_as_id() {
    let answer = Wire::start().get(PATH);
    assert_eq!((answer.status, answer.header("allow")), (405, Some("DELETE, OPTIONS, POST, PUT")));
}
