//! The log tells what happened. What it must not tell is in `personal_data.rs`.

use serde_json::json;
use users_tests::{Database, Service, on_both_databases, until};

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
