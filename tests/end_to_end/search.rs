//! `GET /v1/users/search` and `GET /v1/users/count`.

use std::collections::BTreeSet;

use serde_json::json;
use users_tests::{Answer, Client, Database, Service, on_both_databases};

on_both_databases!(users_are_found_in_any_case, pages_lead_to_every_user_once, users_are_counted);

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let users = answer.json()["users"].as_array().unwrap().clone();
    users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

/// Creates these users in one request.
fn create(client: &Client, users: &serde_json::Value) {
    let answer = client.send("POST /v1/users/bulk", &[], json!({ "items": users }).to_string());
    assert_eq!(answer.json()["failed"], 0, "{answer:?}");
}

fn users_are_found_in_any_case(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    create(
        &client,
        &json!([
            { "id": "1", "username": "Ada", "firstName": "Augusta", "lastName": "ÄDELMANN" },
            { "id": "2", "email": "ADAM@example.org", "organization": "100% Öl_AG" },
            { "id": "3", "firstName": "Bea", "title": "Ada" },
        ]),
    );
    for (query, found) in [
        ("ada", &["1", "2"][..]),
        ("ADAM", &["2"]),
        ("%C3%A4del", &["1"]),
        ("aug", &["1"]),
        ("100%25%20%C3%B6l_", &["2"]),
        ("100_", &[]),
        ("%25", &[]),
        ("da", &[]),
        ("be", &["3"]),
    ] {
        assert_eq!(ids(&client.get(&format!("/v1/users/search?query={query}"))), found, "{query}");
    }
    client.put("/v1/users/2", r#"{"email":null}"#);
    assert_eq!(ids(&client.get("/v1/users/search?query=ada")), ["1"]);
}

fn pages_lead_to_every_user_once(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    // Some are found by several of their texts, and most have the same one.
    let user = |number: i32| match number {
        0..97 => {
            json!({ "id": format!("u{number}"), "username": format!("Same{number}"), "organization": "Same" })
        }
        _ => json!({ "id": format!("u{number}"), "lastName": "same" }),
    };
    create(&client, &json!((0..300).map(user).collect::<Vec<_>>()));
    let (mut path, mut seen, mut pages) = ("/v1/users/search?query=SAM&limit=43".to_owned(), Vec::new(), 0);
    loop {
        let answer = client.get(&path);
        pages += 1;
        seen.extend(ids(&answer));
        let Some(link) = answer.header("link") else { break };
        link.strip_prefix('<').unwrap().split_once('>').unwrap().0.clone_into(&mut path);
        assert!(path.starts_with("/v1/users/search?query=SAM&limit=43&cursor="));
    }
    assert_eq!((pages, seen.len()), (7, 300));
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 300);
}

fn users_are_counted(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    create(
        &client,
        &json!([{ "country": "DE" }, { "country": "DE", "active": false }, { "country": "de" }, {}]),
    );
    for (query, expected) in [("", 4), ("?country=DE", 2), ("?country=DE&active=true", 1), ("?username=x", 0)]
    {
        assert_eq!(
            client.get(&format!("/v1/users/count{query}")).json(),
            json!({ "count": expected }),
            "{query}"
        );
    }
}
