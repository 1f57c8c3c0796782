//! What is measured of the real service, on the address that is for it alone.

use users_tests::{Client, Database, Service, TestDatabase, on_both_databases};

on_both_databases!(what_was_done_is_on_the_page);

fn what_was_done_is_on_the_page(database: Database) {
    let flags = ["--metrics-listen", "127.0.0.1:0"];
    let service = Service::start_on(TestDatabase::create(database), &flags).with_token();
    let line = service.log().find(r#""message":"listening""#).unwrap();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let metrics = Client::new(line["metrics.address"].as_str().unwrap().parse().unwrap());
    let sample = |name: &str| {
        let page = metrics.get("/metrics").body;
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map(|value| value.parse::<f64>().unwrap())
    };

    let client = service.client();
    let written = || sample(r#"users_store_batch_size_sum{queue="write"}"#).unwrap();
    let before = written();
    client.create(r#"{"id":"ada"}"#);
    for bio in ["one", "two", "three"] {
        assert_eq!(client.put("/v1/users/ada", format!(r#"{{"bio":"{bio}"}}"#)).status, 200);
    }
    let read = || sample(r#"users_store_batch_size_count{queue="read"}"#);
    // The token was looked up there.
    assert_eq!(read(), Some(1.0));
    assert_eq!(client.get("/v1/users/eve").status, 404);

    let answered = |labels| sample(&format!("users_http_request_duration_seconds_count{{{labels}}}"));
    assert_eq!(answered(r#"route="/v1/users/{id}",method="PUT",status="2xx""#), Some(3.0));
    assert_eq!(answered(r#"route="/v1/users",method="POST",status="2xx""#), Some(1.0));
    assert_eq!(answered(r#"route="/v1/users/{id}",method="GET",status="4xx""#), Some(1.0));
    assert!(written() - before >= 4.0);
    assert_eq!(read(), Some(2.0));
    assert_eq!(sample("users_http_requests_in_flight"), Some(0.0));
    assert!(sample("users_store_connections") >= Some(2.0));
    assert!(sample("process_resident_memory_bytes") > Some(1_000_000.0));
    assert_eq!(client.get("/metrics").status, 404);
}
