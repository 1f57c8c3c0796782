//! The log tells what happened, and nothing of a person and no token, however much of it there is.

use serde_json::json;
use users_tests::{Client, Database, Service, TestDatabase, on_both_databases, until};

on_both_databases!(nothing_personal_and_no_token_is_logged, a_request_is_one_line);

/// What must not be found in a log: a value for each member, in a form that stands nowhere else.
const CANARIES: [(&str, &str); 16] = [
    ("avatar", "https://canary-avatar.example.org/a.png"),
    ("bio", "canary-bio"),
    ("birthday", "1907-03-14"),
    ("country", "Canaria"),
    ("email", "canary-email@example.org"),
    ("firstName", "Canary-First"),
    ("lastName", "Canary-Last"),
    ("last_seen", "2019-04-05T06:07:08.123456Z"),
    ("last_typed", "2018-04-05T06:07:08.123456Z"),
    ("location", "canary-location"),
    ("organization", "canary-organization"),
    ("phone", "+49 176 0000 4711"),
    ("regions", "canary-regions"),
    ("title", "canary-title"),
    ("twitter", "@canary_twitter"),
    ("username", "Canary-Username"),
];

/// What is sent where it has no business, and must not be found either.
const STRAYS: [&str; 9] = [
    "canary-refused",
    "canary-member",
    "canary-id",
    "canary-scheme",
    "canary-token",
    "canary-query",
    "canary-path",
    "canary-header",
    "canary-prefer",
];

fn nothing_personal_and_no_token_is_logged(database: Database) {
    let mut service = Service::start_on(TestDatabase::create(database), &["--log", "trace"]).with_token();
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    client.create(r#"{"id":"bob"}"#);
    let members = CANARIES.map(|(member, value)| format!(r#""{member}":"{value}""#)).join(",");
    let everything = format!(r#"{{"id":"ada","active":false,{members}}}"#);
    assert_eq!(client.put("/v1/users/ada", &everything).status, 200);
    assert_eq!(client.get("/v1/users/ada").json()["phone"], "+49 176 0000 4711");
    assert_eq!(client.post(&everything).status, 409);
    send_refused(&service, &client, &members);

    service.terminate();
    service.wait();
    until("the last line is logged", || service.log().find(r#""message":"stopped""#));
    let (_, secret) = service.token().rsplit_once('_').unwrap();
    let log = service.log().text().to_lowercase();
    assert!(log.contains("trace") && log.lines().count() > 20, "this is no log at level trace:\n{log}");
    let forbidden = CANARIES.iter().map(|(_, value)| *value).chain(STRAYS).chain([secret]);
    for canary in forbidden {
        let lines = log.lines().filter(|line| line.contains(&canary.to_lowercase()));
        assert_eq!(lines.collect::<Vec<_>>(), Vec::<&str>::new(), "{canary} is in the log");
    }
}

/// Sends the canaries in every way that is refused.
fn send_refused(service: &Service, client: &Client, members: &str) {
    let everything = &format!(r#"{{"id":"ada","active":false,{members}}}"#);
    let put = |body: &str| client.put("/v1/users/bob", body);
    let taken = CANARIES.iter().find(|(member, _)| *member == "username").unwrap().1;
    let wrong = CANARIES.map(|(member, value)| format!(r#""{member}":["{value}"]"#)).join(",");
    // The canaries of another user, but for the name that only one can have.
    let new = format!("{{{members}}}");
    let refused = [
        (409, put(&format!(r#"{{"username":"{taken}"}}"#))),
        (422, put(everything)),
        (422, put(&format!("{{{wrong}}}"))),
        (422, put(r#"{"email":"canary-refused","canary-member":"canary-refused"}"#)),
        (422, put(r#"{"id":"canary-id"}"#)),
        (400, put(&everything.replace('}', ""))),
        (400, put(r#"{"bio":"canary-refused","bio":"canary-refused"}"#)),
        (412, client.send("PUT /v1/users/bob", &["if-match: \"canary-header\""], &new)),
        (415, client.send("PUT /v1/users/bob", &["content-type: canary/header"], everything)),
        (404, client.put("/v1/users/nobody", &new)),
        (404, client.put("/canary-path", everything)),
        (404, client.get("/v1/users/nobody?email=canary-query")),
        (401, service.anonymous().authorized("Token canary-token").put("/v1/users/bob", everything)),
        (401, service.anonymous().authorized("canary-scheme x").put("/v1/users/bob", everything)),
        (401, service.anonymous().put("/v1/users/bob", everything)),
        (401, service.anonymous().authorized(&format!("Basic {}", service.token())).get("/v1/users/bob")),
        (422, client.send("PUT /v1/users/bob", &["prefer: canary-prefer"], r#"{"canary-member":1}"#)),
    ];
    for (status, answer) in refused {
        assert_eq!(answer.status, status, "{answer:?}");
    }
    let broken = client.exchange(b"canary-path canary-query\r\ncanary-header\r\n\r\n");
    assert_eq!(broken.status, 400);
}

fn a_request_is_one_line(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    client.send("PUT /v1/users/ada?x=y", &["x-request-id: my/own=id"], "{}");
    client.send("PUT /v1/users/ada", &["x-request-id: my/own=id"], "{");
    let lines = until("both requests are logged", || {
        let lines = service.log().all().into_iter().filter(|line| line.contains("my/own=id"));
        Some(lines.collect::<Vec<_>>()).filter(|lines| lines.len() == 2)
    });
    let token_id = service.token().split('_').nth(1).unwrap();
    for (line, status) in lines.iter().zip([200, 400]) {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        let fields = line.as_object_mut().unwrap();
        assert!(fields.remove("timestamp").unwrap().as_str().unwrap().ends_with('Z'));
        assert!(fields.remove("duration_ms").unwrap().as_f64().unwrap() > 0.0);
        fields.remove("target").unwrap();
        let code = fields.remove("code");
        assert_eq!(code, (status == 400).then(|| json!("MALFORMED_JSON")));
        let expected = json!({
            "level": "INFO",
            "message": "request",
            "request_id": "my/own=id",
            "method": "PUT",
            "route": "/v1/users/{id}",
            "status": status,
            "user.id": "ada",
            "token.id": token_id,
        });
        assert_eq!(line, expected);
    }
}
