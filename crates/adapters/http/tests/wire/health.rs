use std::sync::Arc;
use std::time::Duration;

use users_ports::{MockHealthCheck, Unhealthy};
use users_testkit::MemoryStore;

use crate::support::{Parts, Wire};

#[test]
fn a_service_that_is_well_says_so() {
    let wire = Wire::start();
    for (path, body) in [("/livez", r#"{"status":"ok"}"#), ("/readyz", r#"{"status":"ready"}"#)] {
        let answer = wire.send_as(&format!("GET {path}"), "", "");
        assert_eq!((answer.status, answer.body.as_str()), (200, body));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[test]
fn a_service_without_its_database_is_alive_but_not_ready() {
    let mut health = MockHealthCheck::new();
    health.expect_check().returning(|| Err(Unhealthy::Unreachable));
    let store = Arc::new(MemoryStore::default());
    let parts = Parts {
        users: Arc::clone(&store) as _,
        health: Arc::new(health),
        request_timeout: Duration::from_secs(5),
    };
    let wire = Wire::start_with(store, parts);
    assert_eq!(wire.send_as("GET /livez", "", "").status, 200);
    let answer = wire.send_as("GET /readyz", "", "");
    assert_eq!((answer.status, answer.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    assert_eq!(answer.json()["detail"], "The service is not ready: the database does not answer.");
}
