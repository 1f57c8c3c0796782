//! Every body that an endpoint reads; the first byte says which endpoint.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use users_fuzz::Service;

const JSON: &str = "application/json";
const ENDPOINTS: [(&str, &str); 12] = [
    ("PUT /v1/users/ada", JSON),
    ("PUT /v1/users/ada?lenient", JSON),
    ("PATCH /v1/users/ada", "application/merge-patch+json"),
    ("PATCH /v1/users/ada", "application/json-patch+json"),
    ("PATCH /v1/users/ada?lenient", "application/json-patch+json"),
    ("POST /v1/users?dry_run=true", JSON),
    ("POST /v1/users/bulk?dry_run=true", JSON),
    ("PUT /v1/users/bulk", JSON),
    ("DELETE /v1/users/bulk?dry_run=true", JSON),
    ("GET /v1/users", JSON),
    ("GET /v1/users/search", JSON),
    ("GET /v1/users/count", JSON),
];

/// Members that come back in another form than they were sent.
const TIMES: [&str; 2] = ["last_seen", "last_typed"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let (endpoint, content_type) = ENDPOINTS[usize::from(*first) % ENDPOINTS.len()];
    let prefer: &[u8] = if endpoint.contains("lenient") { b"handling=lenient" } else { b"respond-async" };
    let headers = [("content-type", content_type.as_bytes()), ("prefer", prefer)];
    Service::with(|service| {
        let answer = service.send(endpoint, &headers, body);
        if answer.status != 200 || !endpoint.starts_with("PUT /v1/users/ada") {
            return;
        }
        // What was sent is what there is now.
        assert_eq!(service.send("GET /v1/users/ada", &[], b"").body, answer.body);
        let sent = match serde_json::from_slice::<Value>(body) {
            Ok(sent) => sent,
            // What is ignored may hold escapes that stand for no text.
            Err(_) if endpoint.contains("lenient") => return,
            Err(error) => panic!("{error} in an accepted body"),
        };
        let user: Value = serde_json::from_str(&answer.body).expect("a user");
        for (name, value) in sent.as_object().expect("an object") {
            let name = match name.as_str() {
                "first_name" => "firstName",
                "last_name" => "lastName",
                name => name,
            };
            if let Some(kept) = user.get(name).filter(|_| name != "id" && !TIMES.contains(&name)) {
                assert_eq!(kept, value, "{name}");
            }
        }
    });
});
