//! What is logged of a request: one line, with what helps whoever runs the service, and nothing personal.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by a panic")]

#[path = "wire/support.rs"]
#[expect(dead_code, reason = "shared with the other tests, which use all of it")]
mod support;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use support::{Parts, Wire, token};
use tracing_subscriber::fmt::MakeWriter;
use users_ports::{MockUsers, RepositoryError};
use users_testkit::MemoryStore;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Level and fields of the one line of the request with this id, the duration left out.
    fn line_of(&self, request_id: &str) -> Value {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        lines.retain(|line| line["fields"]["request_id"] == request_id);
        assert_eq!(lines.len(), 1, "{text}");
        let mut line = lines.remove(0);
        assert!(line["fields"]["duration_ms"].as_f64().is_some_and(|duration| duration < 10_000.0));
        line["fields"].as_object_mut().unwrap().remove("duration_ms");
        json!([line["level"], line["fields"]])
    }

    fn contains(&self, text: &str) -> bool {
        String::from_utf8_lossy(&self.0.lock().unwrap()).contains(text)
    }
}

/// One test: a process has one log.
#[test]
fn a_request_is_logged_in_one_line() {
    let log = Log::default();
    tracing_subscriber::fmt().json().with_writer(log.clone()).init();
    let wire = Wire::start();

    wire.send(
        "PUT /v1/users/ada?email=secret@example.org",
        "x-request-id: put\r\n",
        r#"{"email":"secret@example.org"}"#,
    );
    assert_eq!(
        log.line_of("put"),
        json!(["INFO", {
            "message": "request", "request_id": "put", "method": "PUT", "route": "/v1/users/{id}", "status": 200,
            "user.id": "ada", "token.id": "all",
        }])
    );

    wire.send("PUT /v1/users/ada", "x-request-id: refused\r\n", r#"{"email":"secret"}"#);
    assert_eq!(
        log.line_of("refused"),
        json!(["INFO", {
            "message": "request", "request_id": "refused", "method": "PUT", "route": "/v1/users/{id}", "status": 422,
            "user.id": "ada", "token.id": "all", "code": "VALIDATION_ERROR",
        }])
    );

    wire.send_as("GET /secret", "x-request-id: unknown\r\n", "");
    assert_eq!(
        log.line_of("unknown"),
        json!(["INFO", {
            "message": "request", "request_id": "unknown", "method": "GET", "route": "unknown", "status": 404,
            "code": "RESOURCE_NOT_FOUND",
        }])
    );

    wire.send_as("GET /v1/users/secret", "x-request-id: stranger\r\n", "");
    wire.send("GET /v1/users/secret%20", "x-request-id: no-id\r\n", "");
    for (request, status, code, token) in
        [("stranger", 401, "MISSING_API_KEY", None), ("no-id", 404, "RESOURCE_NOT_FOUND", Some("all"))]
    {
        let [_, fields] = <[Value; 2]>::try_from(log.line_of(request).as_array().unwrap().clone()).unwrap();
        assert_eq!((&fields["status"], &fields["code"]), (&status.into(), &code.into()));
        assert_eq!((fields.get("user.id"), fields["token.id"].as_str()), (None, token));
    }

    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Err(RepositoryError::Internal("the disk is full".to_owned())));
    let store = Arc::new(MemoryStore::default());
    let parts =
        Parts { users: Arc::new(users), request_timeout: Duration::from_secs(5), ..Parts::of(&store) };
    Wire::start_with(store, parts).send("GET /v1/users/ada", "x-request-id: failed\r\n", "");
    assert_eq!(
        log.line_of("failed"),
        json!(["ERROR", {
            "message": "request failed", "request_id": "failed", "method": "GET", "route": "/v1/users/{id}",
            "status": 500, "user.id": "ada", "token.id": "all", "cause": "the store failed: the disk is full",
        }])
    );

    assert!(!log.contains("secret"));
    assert!(!log.contains(&token("all")));
}
