//! `POST`, `PUT` and `DELETE /v1/users/bulk`.

use std::thread;

use serde_json::{Value, json};
use users_tests::{Answer, Client, Database, Service, on_both_databases};

on_both_databases!(
    a_thousand_users_come_change_and_go,
    an_item_harms_no_other,
    items_of_one_user_take_effect_in_their_order,
    a_key_makes_one_effect_of_many_copies,
    a_dry_run_writes_nothing,
);

fn bulk(client: &Client, method: &str, headers: &[&str], body: &Value) -> Answer {
    let headers = [headers, &["content-type: application/json"]].concat();
    client.send(&format!("{method} /v1/users/bulk"), &headers, body.to_string())
}

/// The status of each result.
fn statuses(answer: &Answer) -> Vec<u64> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let results = answer.json()["results"].as_array().unwrap().clone();
    results.iter().map(|result| result["status"].as_u64().unwrap()).collect()
}

fn count(client: &Client) -> u64 {
    client.get("/v1/users/count").json()["count"].as_u64().unwrap()
}

fn a_thousand_users_come_change_and_go(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let ids: Vec<_> = (0..1_000).map(|number| format!("u{number}")).collect();
    let user = |id: &String| json!({ "id": id, "username": id, "email": format!("{id}@example.org") });
    let created = bulk(&client, "POST", &[], &json!({ "items": ids.iter().map(user).collect::<Vec<_>>() }));
    assert_eq!(statuses(&created), vec![201; 1_000]);
    assert_eq!(count(&client), 1_000);
    assert_eq!(created.json()["results"][7]["user"], client.get("/v1/users/u7").json());

    let update = |id: &String| json!({ "id": id, "data": { "title": id, "email": null } });
    let updated =
        bulk(&client, "PUT", &[], &json!({ "updates": ids.iter().map(update).collect::<Vec<_>>() }));
    assert_eq!(statuses(&updated), vec![200; 1_000]);
    let last = client.get("/v1/users/u999").json();
    assert_eq!(
        (&last["title"], &last["email"], &last["username"]),
        (&json!("u999"), &Value::Null, &json!("u999"))
    );

    let deleted = bulk(&client, "DELETE", &[], &json!({ "ids": ids }));
    assert_eq!(statuses(&deleted), vec![200; 1_000]);
    assert_eq!(deleted.json()["results"][999]["user"], last);
    assert_eq!(count(&client), 0);
}

fn an_item_harms_no_other(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada","username":"Ada"}"#);
    let items =
        json!([{"id": "ada"}, {"id": "x", "username": "ＡＤＡ"}, {"id": "y", "bio": 1}, {"id": "z"}, 7]);
    let answer = bulk(&client, "POST", &[], &json!({ "items": items }));
    assert_eq!(statuses(&answer), [409, 409, 422, 201, 422]);
    assert_eq!((&answer.json()["succeeded"], &answer.json()["failed"]), (&json!(1), &json!(4)));
    assert_eq!(count(&client), 2);
}

fn items_of_one_user_take_effect_in_their_order(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    let update = |number: i32| json!({ "id": "ada", "data": { "title": number.to_string() } });
    let updates = json!({ "updates": (0..300).map(update).collect::<Vec<_>>() });
    let answer = bulk(&client, "PUT", &[], &updates);
    let titles: Vec<_> =
        answer.json()["results"].as_array().unwrap().iter().map(|it| it["user"]["title"].clone()).collect();
    assert_eq!(titles, (0..300).map(|number| json!(number.to_string())).collect::<Vec<_>>());
    assert_eq!(client.get("/v1/users/ada").json()["title"], "299");
    assert_eq!(statuses(&bulk(&client, "DELETE", &[], &json!({ "ids": ["ada", "ada"] }))), [200, 404]);
}

fn a_key_makes_one_effect_of_many_copies(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let body = json!({ "items": [{ "title": "a" }, { "bio": 1 }, { "title": "b" }] });
    let answers: Vec<_> = thread::scope(|scope| {
        let copies: Vec<_> =
            (0..16).map(|_| scope.spawn(|| bulk(&client, "POST", &["idempotency-key: k"], &body))).collect();
        copies.into_iter().map(|copy| copy.join().unwrap()).collect()
    });
    assert!(answers.iter().all(|answer| [200, 409].contains(&answer.status)), "{answers:?}");
    assert_eq!(count(&client), 2);
    let again = bulk(&client, "POST", &["idempotency-key: k"], &body);
    assert_eq!((statuses(&again), again.header("idempotency-replayed")), (vec![201, 422, 201], Some("true")));
    for answer in answers.iter().filter(|answer| answer.status == 200) {
        assert_eq!(answer.json(), again.json());
    }
}

fn a_dry_run_writes_nothing(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let body =
        json!({ "items": [{ "id": "a", "username": "n" }, { "id": "b", "username": "N" }] }).to_string();
    let answer = client.send("POST /v1/users/bulk?dry_run=true", &[], body);
    assert_eq!((statuses(&answer), answer.header("dry-run")), (vec![201, 409], Some("true")));
    assert_eq!(count(&client), 0);
}
