//! Every header that the service reads; the first byte says which, and on which request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use users_fuzz::Service;

const NAMES: [&str; 18] = [
    "authorization",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "prefer",
    "idempotency-key",
    "content-type",
    "content-encoding",
    "accept",
    "forwarded",
    "x-forwarded-for",
    "x-request-id",
    "traceparent",
    "connection",
    "upgrade",
    "expect",
    "host",
];
const REQUESTS: [(&str, &[u8]); 4] = [
    ("GET /v1/users/ada", b""),
    ("PUT /v1/users/bob?dry_run=true", br#"{"title":"A","x":1}"#),
    ("DELETE /v1/users/bob?dry_run=true", b""),
    ("GET /v1/users", b""),
];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, value)) = bytes.split_first() else { return };
    let first = usize::from(*first);
    // What ends a line is for the target `connections`; an expectation is answered twice.
    if value.contains(&b'\n') || value.contains(&b'\r') || value.to_ascii_lowercase().windows(3).any(|it| it == b"100") {
        return;
    }
    let (request, body) = REQUESTS[first / NAMES.len() % REQUESTS.len()];
    Service::with(|service| service.send(request, &[(NAMES[first % NAMES.len()], value)], body));
});
