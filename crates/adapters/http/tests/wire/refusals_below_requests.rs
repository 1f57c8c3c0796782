use std::io::{Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rstest::rstest;
use users_testkit::MemoryStore;

use crate::support::{Answer, Parts, Wire, token};

#[rstest]
#[case::no_http(b"hello\r\n\r\n", 400, "MALFORMED_REQUEST")]
#[case::tls(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "MALFORMED_REQUEST")]
#[case::no_host(b"GET /livez HTTP/1.1\r\n\r\n", 400, "MALFORMED_REQUEST")]
#[case::two_lengths(
    b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    400,
    "MALFORMED_REQUEST"
)]
#[case::smuggling(
    b"PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    400,
    "MALFORMED_REQUEST"
)]
#[case::http_2(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "MALFORMED_REQUEST")]
fn what_is_no_request_is_refused_by_a_problem(#[case] bytes: &[u8], #[case] status: u16, #[case] code: &str) {
    let answer = Wire::start().exchange(bytes);
    assert_eq!((answer.status, answer.code().as_str()), (status, code));
}

#[test]
fn a_head_that_is_too_large_is_refused_by_a_problem() {
    let wire = Wire::start();
    let long = format!("GET /livez HTTP/1.1\r\nhost: x\r\nx: {}", "x".repeat(200_000));
    let many = format!("GET /livez HTTP/1.1\r\nhost: x\r\n{}\r\n", "x: y\r\n".repeat(100));
    for head in [long, many] {
        let answer = wire.exchange(head.as_bytes());
        assert_eq!((answer.status, answer.code().as_str()), (431, "HEADERS_TOO_LARGE"));
    }
}

#[test]
fn what_was_asked_before_is_answered_before() {
    let wire = Wire::start();
    let mut stream = wire.connect();
    stream.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\nrubbish\r\n\r\n").unwrap();
    let mut both = String::new();
    stream.read_to_string(&mut both).unwrap();
    let (first, second) = both.split_once(r#"{"status":"ok"}"#).unwrap();
    assert_eq!(Answer::parse(first).status, 200);
    assert_eq!(Answer::parse(second).code(), "MALFORMED_REQUEST");
}

#[test]
fn a_head_that_does_not_come_is_refused_by_a_problem() {
    let wire = Wire::start();
    let started = Instant::now();
    let answer = wire.exchange(b"GET /livez HTTP/1.1\r\nhost:");
    assert_eq!((answer.status, answer.code().as_str()), (408, "REQUEST_TIMEOUT"));
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_body_that_does_not_come_is_the_clients_fault() {
    let store = Arc::new(MemoryStore::default());
    let parts = Parts { request_timeout: Duration::from_millis(200), ..Parts::of(&store) };
    let wire = Wire::start_with(store, parts);
    let head = format!(
        "PUT /v1/users/ada HTTP/1.1\r\nhost: x\r\nauthorization: Token {}\r\ncontent-length: 10\r\n\r\n{{",
        token("all")
    );
    let answer = wire.exchange(head.as_bytes());
    assert_eq!((answer.status, answer.code().as_str()), (408, "REQUEST_TIMEOUT"));
    assert_eq!(answer.header("connection"), Some("close"));
}

#[test]
fn a_body_in_broken_chunks_is_refused_by_a_problem() {
    let wire = Wire::start();
    let head = format!(
        "PUT /v1/users/ada HTTP/1.1\r\nhost: x\r\nauthorization: Token {}\r\ntransfer-encoding: chunked\r\n\r\n",
        token("all")
    );
    let answer = wire.exchange(format!("{head}zz\r\n{{}}\r\n0\r\n\r\n").as_bytes());
    assert_eq!((answer.status, answer.header("content-type")), (400, Some("application/problem+json")));
    let answer = wire.exchange(format!("{head}2\r\n{{}}\r\n0\r\n\r\nGET").as_bytes());
    assert_eq!(answer.status, 200);
}

#[test]
fn a_body_in_chunks_is_limited_as_well() {
    let wire = Wire::start();
    let head = format!(
        "PUT /v1/users/ada HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Token {}\r\n\
         transfer-encoding: chunked\r\n\r\n",
        token("all")
    );
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    let fits = format!("{head}2\r\n{{}}\r\n{}0\r\n\r\n", chunk.repeat(15));
    assert_eq!(wire.exchange(fits.as_bytes()).status, 200);
    let answer = wire.exchange(format!("{head}2\r\n{{}}\r\n{}0\r\n\r\n", chunk.repeat(16)).as_bytes());
    assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    // Far more than fits into the buffers between both sides: the answer must come through all the same.
    let answer = wire.exchange(format!("{head}{}0\r\n\r\n", chunk.repeat(4000)).as_bytes());
    assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
}

#[test]
fn a_large_body_that_is_announced_is_refused_and_the_refusal_can_be_read() {
    let wire = Wire::start();
    let answer = wire.put("/v1/users/ada", &" ".repeat(50_000_000));
    assert_eq!((answer.status, answer.code().as_str()), (413, "PAYLOAD_TOO_LARGE"));
    let unauthorized = wire.send_as("PUT /v1/users/ada", "", &" ".repeat(50_000_000));
    assert_eq!((unauthorized.status, unauthorized.code().as_str()), (401, "MISSING_API_KEY"));
}
