//! Deletions, patches, trials, and requests that take effect once.

use std::sync::Barrier;
use std::thread;

use serde_json::json;
use users_tests::{Answer, Client, Database, Service, TestDatabase, on_both_databases};

on_both_databases!(
    a_deleted_user_is_gone_and_its_name_is_free,
    a_dry_run_leaves_no_trace,
    of_32_copies_one_takes_effect,
    a_key_holds_across_a_crash,
    a_key_holds_across_copies_of_the_service,
    a_key_belongs_to_one_request_of_one_token,
    patches_among_updates_lose_nothing,
);

const JSON: &str = "content-type: application/json";
const JSON_PATCH: &str = "content-type: application/json-patch+json";
const KEY: &str = "idempotency-key: 8e03978e-40d5-43dd-bc93-6894a57f9324";

fn total(client: &Client) -> serde_json::Value {
    client.get("/v1/users?include_total=true").json()["pagination"]["total"].clone()
}

/// Runs it so many times at the same time, each with its number.
fn at_once(count: usize, run: impl Fn(usize) -> Answer + Sync) -> Vec<Answer> {
    let (barrier, run) = (&Barrier::new(count), &run);
    thread::scope(|scope| {
        let threads = (0..count).map(|number| {
            scope.spawn(move || {
                barrier.wait();
                run(number)
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn a_deleted_user_is_gone_and_its_name_is_free(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let created = client.create(r#"{"id":"ada","username":"Ada","bio":"x"}"#);
    let stale = client.send("DELETE /v1/users/ada", &["if-match: \"0000000000000000\""], "");
    assert_eq!((stale.status, stale.etag()), (412, created.etag()));

    let condition = format!("if-match: {}", created.etag());
    let answers = at_once(8, |_| client.send("DELETE /v1/users/ada", &[&condition], ""));
    let (deleted, missing): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(deleted.len(), 1, "{answers:?}");
    assert_eq!((&deleted[0].body, deleted[0].etag()), (&created.body, created.etag()));
    assert!(missing.iter().all(|answer| answer.status == 404), "{answers:?}");

    let again = client.create(r#"{"id":"ada","username":"ADA"}"#);
    assert_ne!(again.etag(), created.etag());
}

fn a_dry_run_leaves_no_trace(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada","username":"ada"}"#);
    let before = client.get("/v1/users/ada");
    let patch = r#"[{"op":"replace","path":"/username","value":"bob"}]"#;
    let trials = [
        client.send("PUT /v1/users/ada?dry_run=true", &[JSON], r#"{"username":"bob"}"#),
        client.send("PATCH /v1/users/ada?dry_run=true", &[JSON_PATCH], patch),
        client.send("DELETE /v1/users/ada?dry_run=true", &[], ""),
        client.send("POST /v1/users?dry_run=true", &[JSON], r#"{"username":"bob"}"#),
    ];
    let bulk = [
        ("POST", r#"{"items":[{"id":"x"}]}"#),
        ("PUT", r#"{"updates":[{"id":"ada","data":{"bio":"x"}}]}"#),
        ("DELETE", r#"{"ids":["ada"]}"#),
    ];
    for (method, body) in bulk {
        let answer = client.send(&format!("{method} /v1/users/bulk?dry_run=true"), &[JSON, KEY], body);
        assert_eq!((answer.status, &answer.json()["succeeded"]), (200, &1.into()), "{answer:?}");
    }
    let statuses = trials.each_ref().map(|answer| answer.status);
    assert_eq!(statuses, [200, 200, 200, 201], "{trials:?}");
    for (trial, username) in trials.iter().zip(["bob", "bob", "ada", "bob"]) {
        assert_eq!(trial.json()["username"], username);
        assert_eq!((trial.header("dry-run"), trial.header("etag")), (Some("true"), None));
    }
    // Version and time of change are in the headers. No key is kept either: it may be used for the first time.
    assert_eq!(client.get("/v1/users/ada"), before);
    assert_eq!(total(&client), 1);
    let first = client.send("PUT /v1/users/ada", &[JSON, KEY], "{}");
    assert_eq!((first.status, first.header("idempotency-replayed")), (200, None));
    let taken = client.send("POST /v1/users?dry_run=true", &[JSON], r#"{"username":"ADA"}"#);
    assert_eq!(taken.status, 409);
    assert_eq!(client.post(r#"{"username":"bob"}"#).status, 201);
}

fn of_32_copies_one_takes_effect(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let answers = at_once(32, |_| client.send("POST /v1/users", &[JSON, KEY], r#"{"bio":"x"}"#));
    let first = |answer: &&Answer| answer.status == 201 && answer.header("idempotency-replayed").is_none();
    let first: Vec<_> = answers.iter().filter(first).collect();
    assert_eq!(first.len(), 1, "{answers:?}");
    for answer in &answers {
        if answer.status == 201 {
            assert_eq!(answer.body, first[0].body);
        } else {
            assert_eq!((answer.status, answer.header("retry-after")), (409, Some("1")), "{answer:?}");
            assert_eq!(answer.json()["code"], "IDEMPOTENCY_KEY_IN_USE");
        }
    }
    assert_eq!(total(&client), 1);
}

fn a_key_holds_across_a_crash(database: Database) {
    let mut service = Service::start(database);
    let send = |client: &Client, body: &str| client.send("POST /v1/users", &[JSON, KEY], body);
    let first = send(&service.client(), r#"{"bio":"x"}"#);
    service.kill();
    service.start_again();
    let client = service.client();
    let again = send(&client, r#"{"bio":"x"}"#);
    assert_eq!((again.status, again.header("idempotency-replayed")), (201, Some("true")));
    assert_eq!((&again.body, again.etag()), (&first.body, first.etag()));
    for header in ["location", "last-modified"] {
        assert_eq!(again.header(header), first.header(header));
    }
    let other = send(&client, r#"{"bio":"y"}"#);
    assert_eq!((other.status, &other.json()["code"]), (422, &"IDEMPOTENCY_KEY_REUSED".into()));
    assert_eq!(total(&client), 1);
    assert!(!service.log().text().contains("8e03978e"), "the log tells a key");
}

/// Two processes on one database, each of which gets half of the copies of each of several requests.
fn a_key_holds_across_copies_of_the_service(database: Database) {
    let service = Service::start(database);
    let other = Service::start_on(TestDatabase::at(service.database().url().to_owned()), &[]);
    other.wait_until_ready();
    let clients = [service.client(), service.client_at(other.address())];
    clients[0].create(r#"{"id":"ada"}"#);
    let requests = [
        ("POST /v1/users", JSON, r#"{"bio":"x"}"#),
        ("POST /v1/users/bulk", JSON, r#"{"items":[{"bio":"x"},{"bio":"y"}]}"#),
        (
            "PATCH /v1/users/ada",
            JSON_PATCH,
            r#"[{"op":"test","path":"/bio","value":null},{"op":"add","path":"/bio","value":"x"}]"#,
        ),
        ("DELETE /v1/users/ada", JSON, ""),
    ];
    for (request, content_type, body) in requests {
        let key = format!("idempotency-key: {}", request.replace([' ', '/'], "-"));
        let send = |client: &Client| client.send(request, &[content_type, &key], body);
        let answers = at_once(32, |number| send(&clients[number % 2]));
        let taken: Vec<_> = answers.iter().filter(|answer| answer.status != 409).collect();
        let first = |answer: &&&Answer| answer.header("idempotency-replayed").is_none();
        assert_eq!(taken.iter().filter(first).count(), 1, "{request}: {answers:?}");
        let again = clients.each_ref().map(send);
        assert!(
            again.iter().all(|answer| answer.header("idempotency-replayed") == Some("true")),
            "{again:?}"
        );
        for answer in taken.into_iter().chain(&again) {
            assert_eq!((answer.status, &answer.body), (again[0].status, &again[0].body), "{request}");
            for header in ["etag", "last-modified", "location", "content-type"] {
                assert_eq!(answer.header(header), again[0].header(header), "{request}");
            }
        }
    }
    assert_eq!(total(&clients[1]), 3);
}

fn a_key_belongs_to_one_request_of_one_token(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    client.create(r#"{"id":"bob"}"#);
    assert_eq!(client.send("PUT /v1/users/ada", &[JSON, KEY], r#"{"bio":"x"}"#).status, 200);
    for (request, body) in [
        ("PUT /v1/users/ada", r#"{"bio":"y"}"#),
        ("PUT /v1/users/bob", r#"{"bio":"x"}"#),
        ("POST /v1/users", r#"{"bio":"x"}"#),
        ("DELETE /v1/users/ada", r#"{"bio":"x"}"#),
        ("POST /v1/users/bulk", r#"{"items":[{"bio":"x"}]}"#),
    ] {
        let answer = client.send(request, &[JSON, KEY], body);
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (422, &"IDEMPOTENCY_KEY_REUSED".into()),
            "{request}"
        );
    }
    assert_eq!(total(&client), 2);
    let stranger = service.anonymous().authorized(&format!("Token {}", service.create_token("users:write")));
    let answer = stranger.send("PUT /v1/users/bob", &[JSON, KEY], r#"{"bio":"x"}"#);
    assert_eq!((answer.status, answer.header("idempotency-replayed")), (200, None));
}

/// Half of the writers patch one member each, half update another one each: all of them must be there in the end.
fn patches_among_updates_lose_nothing(database: Database) {
    const MEMBERS: [&str; 10] = [
        "bio",
        "location",
        "title",
        "regions",
        "organization",
        "avatar",
        "firstName",
        "lastName",
        "country",
        "username",
    ];
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    let answers = at_once(MEMBERS.len(), |number| {
        let (member, value) = (MEMBERS[number], format!("value-{number}"));
        if number % 2 == 0 {
            return client.put("/v1/users/ada", json!({ member: value }).to_string());
        }
        let patch = json!([
            {"op": "test", "path": format!("/{member}"), "value": null},
            {"op": "replace", "path": format!("/{member}"), "value": value},
        ]);
        client.send("PATCH /v1/users/ada", &[JSON_PATCH], patch.to_string())
    });
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let user = client.get("/v1/users/ada").json();
    for (number, member) in MEMBERS.iter().enumerate() {
        assert_eq!(user[member], format!("value-{number}"), "{user}");
    }
}
