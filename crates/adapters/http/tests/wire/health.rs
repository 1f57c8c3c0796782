use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::json;
use users_ports::{MockHealthCheck, SchemaState, Trouble, Unhealthy};
use users_testkit::MemoryStore;

use crate::support::{Parts, Wire};

#[test]
fn a_service_that_is_well_says_so() {
    let wire = Wire::start();
    let ready = r#"{"status":"ready","checks":{"database":{"status":"ok"},"schema":{"status":"ok"}}}"#;
    for (path, body) in [("/livez", r#"{"status":"ok"}"#), ("/readyz", ready)] {
        let answer = wire.send_as(&format!("GET {path}"), "", "");
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

const SAID: &str = "connection to server at 10.0.0.7 failed";

fn in_trouble(trouble: Trouble) -> Unhealthy {
    Unhealthy::Database { trouble, said: SAID.to_owned() }
}

/// A service whose store says this of itself.
fn service(health: Result<SchemaState, Unhealthy>) -> Wire {
    let mut check = MockHealthCheck::new();
    check.expect_check().returning(move || health.clone());
    let store = Arc::new(MemoryStore::default());
    let users = Arc::clone(&store) as _;
    let parts = Parts {
        users,
        health: Arc::new(check),
        request_timeout: Duration::from_secs(5),
        ..Parts::of(&store)
    };
    Wire::start_with(store, parts)
}

#[test]
fn a_service_without_its_database_is_alive_but_not_ready() {
    let wire = service(Err(in_trouble(Trouble::Unreachable)));
    assert_eq!(wire.send_as("GET /livez", "", "").status, 200);
    let answer = wire.send_as("GET /readyz", "", "");
    assert_eq!((answer.status, answer.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.json()["detail"], "The service is not ready: the database does not answer.");
    assert!(!answer.body.contains(SAID), "what the database says is for the log alone: {}", answer.body);
}

#[rstest]
#[case(in_trouble(Trouble::AccessRefused), "failed", "access_refused", "unknown", "")]
#[case(in_trouble(Trouble::TimedOut), "failed", "timed_out", "unknown", "")]
#[case(in_trouble(Trouble::ReadOnly), "failed", "read_only", "unknown", "")]
#[case(in_trouble(Trouble::DiskFull), "failed", "disk_full", "unknown", "")]
#[case(Unhealthy::Overloaded, "failed", "overloaded", "unknown", "")]
#[case(Unhealthy::SchemaMissing, "ok", "", "failed", "missing")]
#[case(Unhealthy::SchemaBehind, "ok", "", "failed", "behind")]
fn a_service_that_is_not_ready_tells_the_cause(
    #[case] unhealthy: Unhealthy,
    #[case] database: &str,
    #[case] database_cause: &str,
    #[case] schema: &str,
    #[case] schema_cause: &str,
) {
    let check = |status: &str, cause: &str| match cause {
        "" => json!({ "status": status }),
        cause => json!({ "status": status, "cause": cause }),
    };
    let answer = service(Err(unhealthy)).send_as("GET /readyz", "", "");
    assert_eq!(answer.status, 503);
    let expected =
        json!({ "database": check(database, database_cause), "schema": check(schema, schema_cause) });
    assert_eq!(answer.json()["checks"], expected);
}

#[test]
fn a_schema_of_a_later_version_is_told_and_no_hindrance() {
    let answer = service(Ok(SchemaState::Ahead)).send_as("GET /readyz", "", "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.json()["checks"]["schema"], json!({ "status": "ok", "cause": "ahead" }));
}
