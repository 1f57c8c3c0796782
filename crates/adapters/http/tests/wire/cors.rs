//! What browsers are told of pages that come from elsewhere.

use rstest::rstest;

use crate::support::{Answer, Wire, token};

const PAGE: &str = "https://app.example.org";

/// The headers that browsers decide by.
fn told(answer: &Answer) -> Vec<&str> {
    let decisive = |line: &&str| line.starts_with("access-control-") || line.starts_with("vary: ");
    answer.headers.iter().map(String::as_str).filter(decisive).collect()
}

fn from(origin: &str) -> String {
    format!("origin: {origin}\r\n")
}

/// The question of a browser whether a page may send an update.
fn ask(wire: &Wire, path: &str, origin: &str) -> Answer {
    let headers = "access-control-request-method: PUT\r\naccess-control-request-headers: authorization,content-type\r\n";
    wire.send_as(&format!("OPTIONS {path}"), &(from(origin) + headers), "")
}

const EXPOSED: &str = "access-control-expose-headers: ETag, Last-Modified, Location, Link, Retry-After, Allow, Accept-Patch, \
                       WWW-Authenticate, X-Request-Id, Idempotency-Replayed, Dry-Run, Preference-Applied, RateLimit, \
                       RateLimit-Policy, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

#[test]
fn nothing_is_said_unless_it_is_set() {
    let wire = Wire::start();
    assert_eq!(told(&wire.send("GET /v1/users/ada", &from(PAGE), "")), [""; 0]);
    let mut asked = ask(&wire, "/v1/users/ada", PAGE);
    let mut plain = wire.send_as("OPTIONS /v1/users/ada", "", "");
    for answer in [&mut asked, &mut plain] {
        answer.headers.retain(|line| !line.starts_with("x-request-id: "));
    }
    assert_eq!(asked, plain);
}

#[test]
fn a_page_that_is_listed_may_read_answers_and_refusals() {
    let wire = Wire::start_for_pages("http://localhost:5173,https://app.example.org");
    let origin = format!("access-control-allow-origin: {PAGE}");
    let expected = [origin.as_str(), EXPOSED, "vary: Origin"];
    for (path, status) in
        [("/v1/users/ada", 200), ("/v1/users/eve", 404), ("/nowhere", 404), ("/openapi.json", 200)]
    {
        let answer = wire.send(&format!("GET {path}"), &from(PAGE), "");
        assert_eq!((answer.status, told(&answer)), (status, expected.to_vec()), "{path}");
    }
    let unauthorized = wire.send_as("PUT /v1/users/ada", &from(PAGE), "{}");
    assert_eq!((unauthorized.status, told(&unauthorized)), (401, expected.to_vec()));
    let etag = wire.get("/v1/users/ada").header("etag").unwrap().to_owned();
    let known = wire.send("GET /v1/users/ada", &format!("{}if-none-match: {etag}\r\n", from(PAGE)), "");
    assert_eq!((known.status, told(&known)), (304, expected.to_vec()));
}

#[test]
fn what_is_exposed_is_what_answers_have() {
    let wire = Wire::start_for_pages(PAGE);
    let known = EXPOSED.to_lowercase();
    let created = wire.post(r#"{"id":"eve"}"#);
    let list = wire.get("/v1/users?limit=1");
    let refused = wire.send_as("GET /v1/users/ada", "", "");
    let options = wire.send_as("OPTIONS /v1/users/ada", "", "");
    for name in [
        "etag",
        "last-modified",
        "location",
        "link",
        "www-authenticate",
        "allow",
        "accept-patch",
        "x-request-id",
    ] {
        let answers = [&created, &list, &refused, &options];
        assert!(answers.iter().any(|answer| answer.header(name).is_some()), "no answer has {name}");
        assert!(known.contains(&format!(" {name}")), "{name} is not exposed");
    }
}

#[rstest]
#[case("https://evil.example")]
#[case("https://app.example.org.evil.example")]
#[case("http://app.example.org")]
#[case("https://app.example.org:8443")]
#[case("null")]
fn a_page_that_is_not_listed_is_answered_and_its_browser_told_nothing(#[case] origin: &str) {
    let wire = Wire::start_for_pages(PAGE);
    let answer = wire.send("GET /v1/users/ada", &from(origin), "");
    // A cache must not give this answer to the page that is listed.
    assert_eq!((answer.status, told(&answer)), (200, vec!["vary: Origin"]));
    assert_eq!(told(&ask(&wire, "/v1/users/ada", origin)), ["vary: Origin"]);
    assert_eq!(told(&wire.get("/v1/users/ada")), ["vary: Origin"]);
}

#[test]
fn a_browser_may_ask_first_and_needs_no_token_for_it() {
    let wire = Wire::start_for_pages(PAGE);
    let answer = ask(&wire, "/v1/users/ada", PAGE);
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    assert_eq!(
        told(&answer),
        [
            "access-control-allow-headers: Authorization, Content-Type, If-Match, If-None-Match, If-Modified-Since, \
             If-Unmodified-Since, Idempotency-Key, Prefer, X-Request-Id, Traceparent, Tracestate, Baggage, Sentry-Trace, Cache-Control, Pragma, X-Requested-With",
            "access-control-allow-methods: DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
            &format!("access-control-allow-origin: {PAGE}"),
            "access-control-max-age: 7200",
            "vary: Origin",
        ]
    );
    assert_eq!(answer.header("allow"), Some("DELETE, GET, HEAD, OPTIONS, PATCH, PUT"));
    let health = ask(&wire, "/livez", PAGE);
    assert_eq!(health.header("access-control-allow-methods"), Some("GET, HEAD, OPTIONS"));
}

#[test]
fn with_a_star_every_page_may() {
    let wire = Wire::start_for_pages("*");
    let authorization = format!("authorization: Token {}\r\n", token("all"));
    for origin in [PAGE, "null", "http://localhost"] {
        let answer = wire.send_as("GET /v1/users/ada", &(authorization.clone() + &from(origin)), "");
        assert_eq!((answer.status, told(&answer)), (200, vec!["access-control-allow-origin: *", EXPOSED]));
        assert_eq!(ask(&wire, "/v1/users/ada", origin).header("access-control-allow-origin"), Some("*"));
    }
    // Browsers must not send on their own what they know of the service.
    assert_eq!(wire.get("/v1/users/ada").header("access-control-allow-credentials"), None);
}
