//! Deletions, patches, trials, and requests that take effect once.

use std::sync::Barrier;
use std::thread;

use serde_json::json;
use users_tests::{Answer, Client, Database, Service, on_both_databases};

on_both_databases!(
    a_deleted_user_is_gone_and_its_name_is_free,
    a_dry_run_leaves_no_trace,
    of_32_copies_one_takes_effect,
    a_key_holds_across_a_crash,
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
    let statuses = trials.each_ref().map(|answer| answer.status);
    assert_eq!(statuses, [200, 200, 200, 201], "{trials:?}");
    for (trial, username) in trials.iter().zip(["bob", "bob", "ada", "bob"]) {
        assert_eq!(trial.json()["username"], username);
        assert_eq!((trial.header("dry-run"), trial.header("etag")), (Some("true"), None));
    }
    assert_eq!(client.get("/v1/users/ada"), before);
    assert_eq!(total(&client), 1);
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
