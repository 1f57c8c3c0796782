//! The service behind nginx and `HAProxy`, each started by the test.

use std::io::{Read as _, Write as _};

use users_tests::{Client, Database, Proxy, Service, TestDatabase};

/// The `location` that docs/operations.md shows, for a service at this address.
fn documented_location(service: &Service) -> String {
    let page = include_str!("../../docs/operations.md");
    let (_, rest) = page.split_once("```nginx\n").unwrap();
    let (location, _) = rest.split_once("```").unwrap();
    assert!(location.contains("http://127.0.0.1:8080/"));
    location.replace("127.0.0.1:8080", &service.address().to_string())
}

/// The entity tag of an answer that may be compressed.
fn tag_if_compressed(client: &Client, path: &str) -> String {
    let mut stream = client.connect().unwrap();
    stream.write_all(&client.head(&format!("GET {path}"), &["accept-encoding: gzip"])).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer);
    let mut lines = answer.lines().filter_map(|line| line.split_once(": "));
    let tag = lines.find(|(name, _)| name.eq_ignore_ascii_case("etag")).unwrap().1;
    tag.to_owned()
}

/// A proxy that compresses makes the entity tag a weak one. The 412 says so, and that nothing was compared.
fn a_weak_tag_is_explained(service: &Service, proxy: &Proxy) {
    let client = service.client_at(proxy.address());
    // Long enough to be compressed.
    let body = format!(r#"{{"id":"ada","bio":"{}"}}"#, "x".repeat(4_000));
    assert_eq!(client.create(&body).status, 201);
    let tag = tag_if_compressed(&client, "/v1/users/ada");
    assert!(tag.starts_with("W/\""), "{tag}");
    let answer = client.send("PUT /v1/users/ada", &[&format!("if-match: {tag}")], r#"{"title":"x"}"#);
    assert_eq!(answer.status, 412);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("weak") && detail.contains("compress"), "{detail}");
}

/// What the service's documentation promises of a proxy that is set up as it says.
fn everything_passes(client: &Client, prefix: &str) {
    let created = client.send(&format!("POST {prefix}/v1/users"), &[], r#"{"id":"a|b","username":"ada"}"#);
    assert_eq!(created.status, 201, "{created:?}");
    assert_eq!(tag_if_compressed(client, &format!("{prefix}/v1/users/a%7Cb")), created.etag());
    let condition = format!("if-match: {}", created.etag());
    let updated = client.send(&format!("PUT {prefix}/v1/users/a%7Cb"), &[&condition], r#"{"title":"x"}"#);
    assert_eq!(updated.status, 200, "{updated:?}");

    let bio = "y".repeat(3_600);
    let items: Vec<_> = (0..1_000).map(|number| format!(r#"{{"id":"u{number}","bio":"{bio}"}}"#)).collect();
    let bulk = format!(r#"{{"items":[{}]}}"#, items.join(","));
    assert!(bulk.len() > 3_600_000);
    let answer = client.send(&format!("POST {prefix}/v1/users/bulk"), &[], &bulk);
    assert_eq!(answer.status, 200, "{}", &answer.body[..200.min(answer.body.len())]);
}

#[test]
fn nginx_that_compresses() {
    let service = Service::start(Database::Sqlite);
    let compress = format!(
        "gzip on; gzip_proxied any; gzip_types *; location / {{ proxy_pass http://{}; }}",
        service.address()
    );
    a_weak_tag_is_explained(&service, &Proxy::nginx(&compress));
}

#[test]
fn haproxy_that_compresses() {
    let service = Service::start(Database::Sqlite);
    let proxy = Proxy::haproxy(service.address(), " compression algo gzip");
    a_weak_tag_is_explained(&service, &proxy);
}

#[test]
fn nginx_as_documented() {
    let public_url = "https://api.example.org/users-api";
    let service = Service::start_on(
        TestDatabase::create(Database::Sqlite),
        &["--public-url", public_url, "--request-timeout", "60s"],
    );
    let service = service.with_token();
    let proxy = Proxy::nginx(&documented_location(&service));
    let client = service.client_at(proxy.address());
    everything_passes(&client, "/users-api");
    let created = client.send("POST /users-api/v1/users", &[], r#"{"id":"b"}"#);
    assert_eq!(created.header("location"), Some("https://api.example.org/users-api/v1/users/b"));
}

#[test]
fn haproxy_without_compression() {
    let service =
        Service::start_on(TestDatabase::create(Database::Sqlite), &["--request-timeout", "60s"]).with_token();
    let proxy = Proxy::haproxy(service.address(), "");
    everything_passes(&service.client_at(proxy.address()), "");
}
