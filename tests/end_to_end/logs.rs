//! The log tells what happened. What it must not tell is in `personal_data.rs`.

use serde_json::json;
use users_tests::{Database, Service, TestDatabase, on_both_databases, until};

on_both_databases!(a_request_is_one_line);

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

/// The log lines of requests, once there are so many.
fn requests(service: &Service, count: usize) -> Vec<serde_json::Value> {
    until("the requests are logged", || {
        let all = service.log().all();
        let lines = all.iter().filter(|line| line.contains("\"route\":\"/v1/users/{id}\""));
        let lines: Vec<_> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
        Some(lines).filter(|lines| lines.len() == count)
    })
}

/// What the log has of the client's address, with the status of the answer.
fn addresses(service: &Service, count: usize) -> Vec<(u64, Option<String>)> {
    let told = |line: &serde_json::Value| {
        let address = line.get("client.address").map(|it| it.as_str().unwrap().to_owned());
        (line["status"].as_u64().unwrap(), address)
    };
    requests(service, count).iter().map(told).collect()
}

#[test]
fn who_is_turned_away_is_named_by_address() {
    let service =
        Service::start_on(TestDatabase::create(Database::Sqlite), &["--trusted-proxies", "127.0.0.1"])
            .with_token();
    let reader = service.create_token("users:read");
    service.client().get("/v1/users/nobody");
    service.anonymous().send("GET /v1/users/nobody", &["x-forwarded-for: 192.0.2.7"], "");
    let reader = service.anonymous().authorized(&format!("Token {reader}"));
    reader.send("PUT /v1/users/nobody", &["x-forwarded-for: 2001:db8::7"], "{}");
    let told = |address: &str| Some(address.to_owned());
    assert_eq!(addresses(&service, 3), [(404, None), (401, told("192.0.2.7")), (403, told("2001:db8::7"))]);
}

#[test]
fn every_line_has_the_address_if_that_is_wanted() {
    let service =
        Service::start_on(TestDatabase::create(Database::Sqlite), &["--log-addresses"]).with_token();
    service.client().get("/v1/users/nobody");
    // Nobody is believed who is no proxy.
    service.client().send("GET /v1/users/nobody", &["x-forwarded-for: 192.0.2.7"], "");
    let own = || (404, Some("127.0.0.1".to_owned()));
    assert_eq!(addresses(&service, 2), [own(), own()]);
}

#[test]
fn a_service_that_nobody_can_use_says_so() {
    let service = Service::start_on(TestDatabase::create(Database::Sqlite), &[]);
    let warns = |service: &Service| service.log().find("there is no valid token").is_some();
    until("the warning is logged", || warns(&service).then_some(()));

    let mut service = service.with_token();
    service.terminate();
    service.wait();
    service.start_again();
    service.wait_until_ready();
    assert!(!warns(&service), "{}", service.log().text());
}

/// SIGHUP is sent to have settings read again. Without certificates there are none to read, but the service must not end.
#[test]
fn a_hangup_ends_nothing() {
    let service = Service::start_on(TestDatabase::create(Database::Sqlite), &[]).with_token();
    service.signal("HUP");
    until("it is logged", || service.log().find("SIGHUP does nothing without TLS"));
    assert_eq!(service.client().post("{}").status, 201);
}
