use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rstest::rstest;
use users_http::{RateLimitSettings, RateLimits};
use users_ports::{MockProcessMetrics, MockStoreMetrics, ProcessUsage, StoreUsage};
use users_testkit::{MemoryStore, noon};

use crate::support::{Answer, Parts, Wire, token};

/// The service under limits, and the seconds that its clock shows.
struct Limited {
    wire: Wire,
    seconds: Arc<AtomicU64>,
}

impl Limited {
    fn start(token: &str, address: &str, failures: &str) -> Self {
        let rate = |text: &str| (text != "off").then(|| text.parse().unwrap());
        let settings = RateLimitSettings {
            token: rate(token),
            address: rate(address),
            failures: rate(failures),
            trusted_proxies: "127.0.0.0/8".parse().unwrap(),
        };
        let seconds = Arc::new(AtomicU64::new(0));
        let read = Arc::clone(&seconds);
        let limits = RateLimits::new(settings, move || Duration::from_secs(read.load(Relaxed)));
        let store = Arc::new(MemoryStore::default());
        let parts = Parts { request_timeout: Duration::from_secs(5), ..Parts::of(&store) };
        Self { wire: Wire::start_limited(store, parts, limits), seconds }
    }

    /// Reads a user with this token, from this address.
    fn get(&self, id: &str, address: &str) -> Answer {
        let headers = format!("authorization: Token {}\r\nx-forwarded-for: {address}\r\n", token(id));
        self.wire.send_as("GET /v1/users/ada", &headers, "")
    }

    fn statuses<const N: usize>(&self, id: &str, address: &str) -> [u16; N] {
        [(); N].map(|()| self.get(id, address).status)
    }
}

/// What an answer tells of limits, and when to try again.
fn told(answer: &Answer) -> Vec<&str> {
    let names = ["ratelimit", "retry-after", "x-ratelimit"];
    let lines = answer.headers.iter().map(String::as_str);
    lines.filter(|line| names.iter().any(|name| line.starts_with(name))).collect()
}

#[test]
fn every_answer_to_a_token_tells_what_is_left() {
    let limited = Limited::start("6/m:2", "off", "off");
    assert_eq!(
        told(&limited.wire.get("/v1/users/ada")),
        [
            r#"ratelimit-policy: "token";q=2;w=20"#,
            r#"ratelimit: "token";r=1;t=10"#,
            "x-ratelimit-limit: 2",
            "x-ratelimit-remaining: 1",
            "x-ratelimit-reset: 10",
        ]
    );
    let refused = limited.wire.put("/v1/users/eve", "{}");
    assert_eq!(refused.code(), "RESOURCE_NOT_FOUND");
    assert_eq!(refused.header("ratelimit"), Some(r#""token";r=0;t=10"#));
    assert_eq!(refused.header("x-ratelimit-reset"), Some("20"));
}

#[test]
fn beyond_the_limit_of_a_token_is_429_until_there_is_more() {
    let limited = Limited::start("6/m:2", "off", "off");
    assert_eq!(limited.statuses("all", "192.0.2.1"), [200, 200, 429]);
    limited.seconds.store(7, Relaxed);
    let answer = limited.wire.put("/v1/users/ada", r#"{"bio":"new"}"#);
    assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"));
    assert_eq!(
        told(&answer),
        [
            r#"ratelimit-policy: "token";q=2;w=20"#,
            r#"ratelimit: "token";r=0;t=3"#,
            "retry-after: 3",
            "x-ratelimit-limit: 2",
            "x-ratelimit-remaining: 0",
            "x-ratelimit-reset: 13",
        ]
    );
    limited.seconds.store(10, Relaxed);
    let answer = limited.wire.get("/v1/users/ada");
    assert_eq!(answer.status, 200);
    assert_ne!(answer.json()["bio"], "new");
}

#[test]
fn a_noisy_token_does_not_slow_a_quiet_one() {
    let limited = Limited::start("2/h", "off", "off");
    assert_eq!(limited.statuses("all", "192.0.2.1"), [200, 200, 429, 429, 429, 429]);
    assert_eq!(limited.statuses("read", "192.0.2.1"), [200, 200, 429]);
}

#[test]
fn a_token_is_counted_from_wherever_it_is_used() {
    let limited = Limited::start("2/h", "off", "off");
    let statuses = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|address| limited.get("all", address).status);
    assert_eq!(statuses, [200, 200, 429]);
}

#[test]
fn a_token_without_the_scope_is_counted_too() {
    let limited = Limited::start("2/h", "off", "off");
    assert_eq!(limited.statuses("write", "192.0.2.1"), [403, 403, 429]);
}

#[test]
fn an_address_is_limited_whatever_it_asks_for() {
    let limited = Limited::start("off", "2/h", "off");
    assert_eq!(limited.statuses("all", "192.0.2.1"), [200, 200, 429]);
    assert_eq!(limited.statuses("all", "192.0.2.2"), [200, 200, 429]);
    let from = "x-forwarded-for: 192.0.2.1\r\n";
    for request in ["GET /v1/users", "GET /secret", "GET /docs", "DELETE /livez/x", "OPTIONS /v1/users"] {
        let answer = limited.wire.send_as(request, from, "");
        assert_eq!((answer.status, answer.code().as_str()), (429, "RATE_LIMITED"), "{request}");
        assert_eq!(answer.header("ratelimit"), Some(r#""address";r=0;t=1800"#));
    }
    // Without what a proxy says, the address of the connection counts.
    assert_eq!([(); 3].map(|()| limited.wire.get("/v1/users/ada").status), [200, 200, 429]);
}

#[test]
fn health_is_told_however_often() {
    let limited = Limited::start("1/h", "1/h", "1/h");
    for path in ["/livez", "/readyz"] {
        assert_eq!([(); 4].map(|()| limited.wire.send_as(&format!("GET {path}"), "", "").status), [200; 4]);
    }
}

#[rstest]
#[case::none("")]
#[case::malformed("authorization: Basic YTpi\r\n")]
#[case::unknown(&format!("authorization: Token {}\r\n", token("nobody")))]
#[case::revoked(&format!("authorization: Token {}\r\n", token("revoked")))]
#[case::expired(&format!("authorization: Token {}\r\n", token("expired")))]
fn an_address_that_fails_to_authenticate_is_refused_soon(#[case] authorization: &str) {
    let limited = Limited::start("off", "off", "2/h");
    let try_from = |address: &str| {
        let headers = format!("{authorization}x-forwarded-for: {address}\r\n");
        limited.wire.send_as("GET /v1/users/ada", &headers, "")
    };
    assert_eq!([(); 3].map(|()| try_from("192.0.2.1").status), [401, 401, 429]);
    let answer = try_from("192.0.2.1");
    assert_eq!(answer.code(), "RATE_LIMITED");
    assert_eq!(answer.header("retry-after"), Some("1800"));
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""failures";q=2;w=3600"#));
    assert_eq!(try_from("192.0.2.2").status, 401);
}

#[test]
fn who_was_in_before_is_let_in_where_others_fail() {
    let limited = Limited::start("off", "off", "3/h");
    assert_eq!(limited.get("all", "192.0.2.1").status, 200);
    assert_eq!(limited.statuses("nobody", "192.0.2.1"), [401, 401, 429, 429]);
    assert_eq!(limited.get("all", "192.0.2.1").status, 200);
    // The record is read anew, and the token is met all the same.
    limited.wire.clock.advance(chrono::TimeDelta::seconds(60));
    assert_eq!(limited.get("all", "192.0.2.1").status, 200);
    // A token that was never met would have to be looked up.
    assert_eq!(limited.get("read", "192.0.2.1").status, 429);
    assert_eq!(limited.get("read", "192.0.2.2").status, 200);
}

#[test]
fn without_limits_nothing_is_told_of_them() {
    let wire = Wire::start();
    assert_eq!(told(&wire.get("/v1/users/ada")), [""; 0]);
}

#[test]
fn refusals_are_measured_by_their_limit() {
    let limited = Limited::start("2/h", "5/h", "2/h");
    assert_eq!(limited.statuses("all", "192.0.2.1"), [200, 200, 429, 429, 429, 429]);
    assert_eq!(limited.statuses("nobody", "192.0.2.2"), [401, 401, 429, 429]);
    let (mut store, mut process) = (MockStoreMetrics::new(), MockProcessMetrics::new());
    store.expect_usage().return_const(StoreUsage::default());
    let (resident_bytes, processor_time) = (None, None);
    process.expect_usage().return_const(ProcessUsage { started_at: noon(), resident_bytes, processor_time });
    let page = limited.wire.start_metrics(store, process).send_as("GET /metrics", "", "").body;
    let samples: Vec<_> = page.lines().filter(|line| line.starts_with("users_rate_limit")).collect();
    assert_eq!(
        samples,
        [
            r#"users_rate_limit_refused_total{limit="token"} 3"#,
            r#"users_rate_limit_refused_total{limit="address"} 1"#,
            r#"users_rate_limit_refused_total{limit="failures"} 2"#,
            r#"users_rate_limit_keys{limit="token"} 1"#,
            r#"users_rate_limit_keys{limit="address"} 2"#,
            r#"users_rate_limit_keys{limit="failures"} 2"#,
        ]
    );
}

/// A count, a total and a page far from the start cost as much as twenty
/// answers do: no token may keep the database busy by asking for them.
#[rstest]
#[case::count("/v1/users/count")]
#[case::total("/v1/users?include_total=true")]
#[case::far("/v1/users?offset=1001")]
fn a_read_that_counts_takes_as_much_as_twenty(#[case] target: &str) {
    let limited = Limited::start("60/m:30", "off", "off");
    let answer = limited.wire.get(target);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("x-ratelimit-remaining"), Some("10"));
    let again = limited.wire.get(target);
    assert_eq!(again.status, 429);
    assert_eq!(again.header("retry-after"), Some("11"));
    assert_eq!(limited.wire.get("/v1/users/ada").status, 200);
    limited.seconds.store(12, Relaxed);
    assert_eq!(limited.wire.get(target).status, 200);
}

/// A limit below twenty would let such a read never through.
#[test]
fn a_read_that_counts_takes_no_more_than_the_limit_holds() {
    let limited = Limited::start("60/m:2", "off", "off");
    assert_eq!(limited.wire.get("/v1/users/count").status, 200);
    assert_eq!(limited.wire.get("/v1/users/count").status, 429);
}
