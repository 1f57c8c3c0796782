//! What a client may do with a connection: several requests at once, half-closing, asking for another protocol.

use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use rstest::rstest;

use crate::support::{Answer, Wire, token};

const LAST: &str = "GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// Splits what came over a connection into answers, by the methods that were asked.
fn answers(mut text: &str, methods: &[&str]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for method in methods {
        let (head, rest) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer but {text:?}"));
        let head = format!("{head}\r\n\r\n");
        let length =
            Answer::parse(&head).header("content-length").map_or(0, |length| length.parse().unwrap());
        let (body, rest) = rest.split_at(if *method == "HEAD" { 0 } else { length });
        answers.push(Answer::parse(&(head + body)));
        text = rest;
    }
    assert_eq!(text, "", "there is more than was asked for");
    answers
}

/// Sends these bytes in pieces of this size, and reads everything until the service closes the connection.
fn all(wire: &Wire, bytes: &[u8], piece: usize) -> String {
    let mut stream = wire.connect();
    stream.set_nodelay(true).unwrap();
    for piece in bytes.chunks(piece) {
        stream.write_all(piece).unwrap();
    }
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn request(line: &str, lines: &str, body: &str) -> String {
    let token = token("all");
    format!("{line} HTTP/1.1\r\nhost: x\r\nauthorization: Token {token}\r\n{lines}\r\n{body}")
}

#[test]
fn what_is_no_request_ends_the_connection_and_is_told_so_also_after_one_that_was() {
    let wire = Wire::start();
    let text = all(&wire, (request("GET /v1/users/ada", "", "") + "GET\r\n\r\n").as_bytes(), usize::MAX);
    let [user, refusal] = answers(&text, &["GET", "GET"]).try_into().unwrap();
    assert_eq!((user.status, user.header("connection")), (200, None));
    assert_eq!((refusal.status, refusal.header("connection")), (400, Some("close")));
}

#[rstest]
#[case::in_one_piece(usize::MAX)]
#[case::in_pieces(100)]
#[case::in_small_pieces(7)]
fn each_of_many_requests_at_once_is_answered_by_its_own_method(#[case] piece: usize) {
    let wire = Wire::start();
    let get = request("GET /v1/users/ada", "", "");
    let head = request("HEAD /v1/users/ada", "", "");
    let put = request("PUT /v1/users/bob", "content-length: 13\r\n", r#"{"title":"A"}"#);
    let chunked = request(
        "PUT /v1/users/bob",
        "transfer-encoding: chunked\r\n",
        "6\r\n{\"bio\"\r\n7;x=y\r\n:\"a\\n\"}\r\n0\r\ntrailer: x\r\n\r\n",
    );
    // What is refused before its body is read; in chunks, so that the connection can be kept.
    let refused =
        "PUT /v1/users/bob HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let lost = request("HEAD /v1/users/nobody", "", "");
    let order = [
        (&get, "GET", 200),
        (&head, "HEAD", 200),
        (&get, "GET", 200),
        (&put, "PUT", 200),
        (&head, "HEAD", 200),
        (&chunked, "PUT", 200),
        (&lost, "HEAD", 404),
        (&refused.to_owned(), "PUT", 401),
        (&head, "HEAD", 200),
        (&LAST.to_owned(), "GET", 200),
    ];
    let bytes: String = order.iter().map(|(request, ..)| request.as_str()).collect();
    let text = all(&wire, bytes.as_bytes(), piece);
    let answers = answers(&text, &order.map(|(_, method, _)| method));
    for (answer, (_, method, status)) in answers.iter().zip(order) {
        assert_eq!((answer.status, answer.body.is_empty()), (status, method == "HEAD"), "{answer:?}");
    }
    assert_eq!(answers[0].header("content-length"), answers[1].header("content-length"));
    assert!(answers[3].body.contains(r#""title":"A""#) && answers[5].body.contains(r#""bio":"a\n""#));
}

#[test]
fn hundreds_of_requests_at_once_are_answered_in_their_order() {
    let wire = Wire::start();
    let numbers = 0..300;
    let requests = numbers.clone().fold(String::new(), |requests, number| {
        let get = format!("GET /livez HTTP/1.1\r\nhost: x\r\nx-request-id: r{number}\r\n\r\n");
        requests + &get + "HEAD /docs HTTP/1.1\r\nhost: x\r\n\r\n"
    });
    let text = all(&wire, (requests + LAST).as_bytes(), usize::MAX);
    let methods: Vec<_> = numbers.clone().flat_map(|_| ["GET", "HEAD"]).chain(["GET"]).collect();
    let answers = answers(&text, &methods);
    for (number, pair) in numbers.zip(answers.chunks(2)) {
        assert_eq!(pair[0].header("x-request-id"), Some(format!("r{number}").as_str()));
    }
}

#[test]
fn nothing_is_read_of_a_connection_that_was_to_be_closed() {
    let wire = Wire::start();
    let put = request("PUT /v1/users/bob", "content-length: 13\r\n", r#"{"title":"A"}"#);
    let text = all(&wire, format!("{LAST}{put}").as_bytes(), usize::MAX);
    assert_eq!(answers(&text, &["GET"])[0].status, 200);
    assert!(!wire.get("/v1/users/bob").body.contains(r#""title":"A""#));
}

#[rstest]
#[case::after_the_head("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n", 200)]
#[case::nothing("", 0)]
#[case::an_empty_line("\r\n", 0)]
#[case::in_the_method("GE", 400)]
#[case::in_the_path("GET /liv", 400)]
#[case::after_the_first_line("GET /livez HTTP/1.1\r\n", 400)]
#[case::in_a_header("GET /livez HTTP/1.1\r\nhost: x", 400)]
#[case::in_the_last_line("GET /livez HTTP/1.1\r\nhost: x\r\n\r", 400)]
#[case::in_a_tunnel("CONNECT x:1 HTTP/1.1\r\nhost: x", 400)]
#[case::behind_no_length("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\nx:", 400)]
#[case::in_a_head_of_line_feeds("GET /livez HTTP/1.1\nhost: x\n\n", 200)]
fn a_request_that_is_cut_off_is_answered(#[case] start: &str, #[case] status: u16) {
    let wire = Wire::start();
    let mut stream = wire.connect();
    stream.write_all(start.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    if status == 0 {
        assert_eq!(text, "");
        return;
    }
    let answer = Answer::parse(&text);
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(status < 400 || answer.code() == "MALFORMED_REQUEST");
}

#[rstest]
#[case::by_length("content-length: 10\r\n", "{")]
#[case::in_a_chunk("transfer-encoding: chunked\r\n", "5\r\n{")]
#[case::after_a_chunk("transfer-encoding: chunked\r\n", "2\r\n{}\r\n")]
#[case::in_the_size("transfer-encoding: chunked\r\n", "2\r\n{}\r\n0")]
#[case::in_the_end("transfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n")]
fn a_body_that_is_cut_off_is_refused(#[case] lines: &str, #[case] start: &str) {
    let wire = Wire::start();
    let mut stream = wire.connect();
    stream.write_all(request("PUT /v1/users/bob", lines, start).as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.code().as_str()), (400, "MALFORMED_REQUEST"));
}

#[test]
fn whoever_asks_for_another_protocol_is_answered_in_this_one() {
    let wire = Wire::start();
    let started = Instant::now();
    for lines in [
        "connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 13\r\n",
        "connection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\ncontent-length: 13\r\n",
        "upgrade: websocket\r\ncontent-length: 13\r\n",
    ] {
        let put = request("PUT /v1/users/bob", lines, r#"{"title":"A"}"#);
        let answer = wire.exchange(put.as_bytes());
        assert_eq!((answer.status, answer.json()["title"].as_str()), (200, Some("A")), "{answer:?}");
        assert_eq!(answer.header("upgrade"), None);
    }
    // What stands behind a body that is not one is a request of its own, for the service as for any proxy before it.
    let upgrade =
        request("GET /v1/users/bob", "connection: keep-alive, Upgrade\r\nupgrade: websocket\r\n", "");
    let text = all(&wire, format!("{upgrade}{upgrade}{LAST}").as_bytes(), usize::MAX);
    for answer in &answers(&text, &["GET"; 3])[..2] {
        assert_eq!((answer.status, answer.header("connection")), (200, None));
    }
    assert!(started.elapsed() < Duration::from_secs(4));
}

/// RFC 9110, section 10.1.1, lets a server say so before it knows whether it will refuse. The library does.
#[test]
fn who_waits_to_be_told_to_go_on_is_told_to_before_anything_is_checked() {
    let wire = Wire::start();
    let lines = "expect: 100-continue\r\ncontent-length: 13\r\n";
    for (head, status) in [
        (request("PUT /v1/users/bob", lines, ""), 200),
        (format!("PUT /v1/users/bob HTTP/1.1\r\nhost: x\r\n{lines}\r\n"), 401),
    ] {
        let mut stream = wire.connect();
        stream.write_all(head.as_bytes()).unwrap();
        let mut told = [0; 25];
        stream.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        let _ = stream.write_all(br#"{"title":"A"}"#);
        assert_eq!(Answer::read(&mut stream).status, status);
    }
    let other = wire.send("PUT /v1/users/bob", "expect: 200-ok\r\n", "{}");
    assert_eq!(other.status, 200, "an expectation that nobody knows is ignored");
}

#[test]
fn a_request_that_comes_byte_by_byte_is_answered() {
    let wire = Wire::start();
    let put = request("PUT /v1/users/bob", "connection: close\r\ncontent-length: 13\r\n", r#"{"title":"A"}"#);
    let mut stream = wire.connect();
    stream.set_nodelay(true).unwrap();
    for byte in put.bytes() {
        stream.write_all(&[byte]).unwrap();
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(Answer::read(&mut stream).status, 200);
}

/// A client that has gone costs nothing: what it asked for is carried out, and the answer is dropped.
#[test]
fn a_client_that_does_not_wait_for_its_answer_harms_nobody() {
    let wire = Wire::start();
    for _ in 0..50 {
        let mut stream = wire.connect();
        stream.write_all(request("GET /v1/users/ada", "", "").repeat(20).as_bytes()).unwrap();
        drop(stream);
    }
    assert_eq!(wire.get("/v1/users/ada").status, 200);
    let mut idle = wire.connect();
    idle.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let waits = idle.read(&mut [0]).unwrap_err().kind();
    assert!(matches!(waits, ErrorKind::WouldBlock | ErrorKind::TimedOut), "an idle connection is kept");
}

#[test]
fn nobody_waits_without_end_for_what_has_begun() {
    let wire = Wire::start();
    let chunked = "PUT /v1/users/bob HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}";
    let next = "GET /livez HTTP/1.1\r\nhost: x\r\n\r\nGET /livez HTTP/1.1\r\nhos";
    let started = Instant::now();
    let [mut refused, mut waits, mut drips] = [chunked, next, next].map(|bytes| {
        let mut stream = wire.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    });
    let mut drip = drips.try_clone().unwrap();
    std::thread::spawn(move || {
        while drip.write_all(b"t").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    for (stream, expected) in
        [(&mut refused, &[401][..]), (&mut waits, &[200, 400]), (&mut drips, &[200, 400])]
    {
        // What came before a connection was reset counts.
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let text = String::from_utf8(bytes).unwrap();
        let statuses: Vec<_> =
            answers(&text, &["GET"; 2][..expected.len()]).iter().map(|it| it.status).collect();
        assert_eq!(statuses, expected);
    }
    assert!(started.elapsed() < Duration::from_secs(18), "{:?}", started.elapsed());
}
