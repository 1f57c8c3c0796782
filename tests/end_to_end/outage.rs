//! A PostgreSQL that is away: the service starts without it, says so, and heals without being started again.

use users_testkit::PrivatePostgres;
use users_tests::{Answer, Client, Service, TestDatabase, until};

use crate::expected::Refusal;

#[track_caller]
fn assert_unavailable(answer: &Answer, detail: &str, instance: &str) {
    let (code, title) = ("SERVICE_UNAVAILABLE", "The service cannot do its work now");
    let refusal = Refusal { status: 503, code, title, detail, instance, errors: &[] };
    refusal.assert_is(answer, &["retry-after: 1"]);
}

fn assert_not_ready(service: &Service, request_id: &str) {
    let header = format!("x-request-id: {request_id}");
    let answer = service.anonymous().send("GET /readyz", &[header.as_str()], "").json();
    assert_eq!(answer["detail"], "The service is not ready: the database does not answer.");
    let checks = serde_json::json!({
        "database": { "status": "failed", "cause": "unreachable" },
        "schema": { "status": "unknown" },
    });
    assert_eq!((&answer["status"], &answer["checks"]), (&503.into(), &checks));
    // In the log alone: what the database, or libpq in its place, said of it.
    let line = until("the refusal is logged", || service.log().find(request_id));
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let said = line["cause"].as_str().unwrap().strip_prefix("the database does not answer: ").unwrap();
    assert!(said.contains("connection"), "{said}");
}

const AWAY: &str = "The database is not available. Try again.";

#[test]
fn the_service_starts_without_its_database_and_heals() {
    let postgres = PrivatePostgres::builder().start();
    let database = TestDatabase::at(postgres.create_database());
    postgres.stop();

    // Sooner than a request is given up for taking too long.
    let service = Service::start_on(database, &["--connect-timeout", "1s"]);
    assert_eq!(service.anonymous().get("/livez").status, 200);
    assert_not_ready(&service, "while-starting");
    let stranger = service.anonymous().authorized(&format!("Token usr_a_{}", "0".repeat(64)));
    assert_unavailable(&stranger.put("/v1/users/ada", "{}"), AWAY, "/v1/users/ada");

    postgres.start();
    let service = service.with_token();
    service.client().create(r#"{"id":"ada"}"#);
    let first = service.client().put("/v1/users/ada", r#"{"title":"Countess"}"#);
    assert_eq!(first.status, 200);

    // The database may go at any time, in good order or not: what was answered is there when it is back.
    postgres.stop();
    assert_not_ready(&service, "while-serving");
    assert_unavailable(&service.client().put("/v1/users/ada", "{}"), AWAY, "/v1/users/ada");
    postgres.start();
    let second = put_when_back(&service.client(), r#"{"bio":"x"}"#);
    assert_eq!(second.json()["title"], "Countess");
    postgres.kill();
    postgres.start();
    assert_eq!(put_when_back(&service.client(), "{}"), second);
}

/// Updates the user as soon as the service has found its database again.
fn put_when_back(client: &Client, body: &str) -> Answer {
    until("the service has found its database again", || {
        let answer = client.put("/v1/users/ada", body);
        assert!(matches!(answer.status, 200 | 503), "{answer:?}");
        (answer.status == 200).then_some(answer)
    })
}
