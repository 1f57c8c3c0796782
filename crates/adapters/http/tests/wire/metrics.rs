use std::io::Write;
use std::time::{Duration, Instant};

use users_ports::{MockProcessMetrics, MockStoreMetrics, ProcessUsage, StoreUsage};
use users_testkit::noon;

use crate::support::{Answer, Wire, token};

fn metrics_of(wire: &Wire) -> Wire {
    let (mut store, mut process) = (MockStoreMetrics::new(), MockProcessMetrics::new());
    store.expect_usage().return_const(StoreUsage::default());
    process.expect_usage().return_const(ProcessUsage {
        started_at: noon(),
        resident_bytes: None,
        processor_time: None,
    });
    wire.start_metrics(store, process)
}

/// The samples of a metric, and the number of each.
fn samples(metrics: &Wire, name: &str) -> Vec<String> {
    let page = metrics.send_as("GET /metrics", "", "").body;
    page.lines().filter(|line| line.starts_with(name)).map(ToOwned::to_owned).collect()
}

#[test]
fn requests_are_counted_by_route_method_and_status() {
    let wire = Wire::start();
    let metrics = metrics_of(&wire);
    wire.put("/v1/users/ada", r#"{"bio":"new"}"#);
    wire.put("/v1/users/bob", "{}");
    wire.put("/v1/users/eve", "{}");
    wire.get("/v1/users/ada");
    wire.send("BREW /v1/users/ada", "", "");
    wire.get("/secret");
    assert_eq!(
        samples(&metrics, "users_http_request_duration_seconds_count"),
        [
            r#"users_http_request_duration_seconds_count{route="/v1/users/{id}",method="GET",status="2xx"} 1"#,
            r#"users_http_request_duration_seconds_count{route="/v1/users/{id}",method="PUT",status="2xx"} 2"#,
            r#"users_http_request_duration_seconds_count{route="/v1/users/{id}",method="PUT",status="4xx"} 1"#,
            r#"users_http_request_duration_seconds_count{route="/v1/users/{id}",method="other",status="4xx"} 1"#,
            r#"users_http_request_duration_seconds_count{route="unknown",method="GET",status="4xx"} 1"#,
        ]
    );
    // All show one token, which is read once.
    assert_eq!(
        samples(&metrics, "users_token_cache_lookups_total"),
        [
            r#"users_token_cache_lookups_total{result="hit"} 3"#,
            r#"users_token_cache_lookups_total{result="miss"} 1"#
        ]
    );
}

#[test]
fn a_request_whose_client_is_gone_is_not_in_flight_for_ever() {
    let wire = Wire::start();
    let metrics = metrics_of(&wire);
    let in_flight = |count| {
        let (expected, started) = ([format!("users_http_requests_in_flight {count}")], Instant::now());
        while samples(&metrics, "users_http_requests_in_flight") != expected {
            assert!(started.elapsed() < Duration::from_secs(10), "never {count} in flight");
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    let mut client = wire.connect();
    let head = format!(
        "PUT /v1/users/ada HTTP/1.1\r\nhost: x\r\nauthorization: Token {}\r\ncontent-length: 2\r\n\r\n{{",
        token("all")
    );
    client.write_all(head.as_bytes()).unwrap();
    in_flight(1);
    drop(client);
    in_flight(0);
}

#[test]
fn metrics_have_an_address_of_their_own() {
    let wire = Wire::start();
    let metrics = metrics_of(&wire);
    assert_eq!(wire.get("/metrics").code(), "RESOURCE_NOT_FOUND");
    assert_eq!(metrics.get("/v1/users/ada").code(), "RESOURCE_NOT_FOUND");
    assert_eq!(metrics.send("PUT /metrics", "", "").code(), "METHOD_NOT_ALLOWED");
    let Answer { status, mut headers, body } =
        metrics.send_as("GET /metrics", "x-request-id: scrape\r\n", "");
    headers.retain(|header| !header.starts_with("content-length: "));
    assert_eq!(status, 200);
    assert_eq!(
        headers,
        [
            "cache-control: no-store",
            "connection: close",
            "content-type: text/plain; version=0.0.4; charset=utf-8",
            "x-request-id: scrape",
        ]
    );
    assert!(body.starts_with("# HELP users_http_request_duration_seconds "), "{body}");
    assert!(body.ends_with('\n'));
    // Whoever reads the metrics does not change them.
    assert!(samples(&metrics, r#"users_http_request_duration_seconds_count{route="/metrics"#).is_empty());
}
