use rstest::rstest;

use crate::support::Wire;

/// Ids as other systems have them: they come back through every place that an id has.
#[rstest]
#[case("auth0|5f7c8ec7c33c6c004bbafe82", "auth0%7C5f7c8ec7c33c6c004bbafe82")]
#[case("ada+tag@example.org", "ada+tag@example.org")]
#[case("o'brien@example.ie", "o'brien@example.ie")]
#[case("dGVzdA==", "dGVzdA==")]
#[case("uid=ada,ou=people", "uid=ada,ou=people")]
#[case("!$&'()*+,;=:@", "!$&'()*+,;=:@")]
fn an_id_of_another_system_comes_back_everywhere(#[case] id: &str, #[case] in_path: &str) {
    let wire = Wire::start();
    let created = wire.post(&serde_json::json!({ "id": id }).to_string());
    assert_eq!(
        (created.status, created.header("location")),
        (201, Some(format!("/v1/users/{in_path}").as_str()))
    );
    // As it is, and with every mark encoded.
    let encoded: String = id
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    for path in [in_path, &encoded] {
        let answer = wire
            .put(&format!("/v1/users/{path}"), &serde_json::json!({ "id": id, "title": path }).to_string());
        assert_eq!((answer.status, &answer.json()["id"]), (200, &serde_json::json!(id)), "{path}");
    }
    let bulk = serde_json::json!({"updates": [{"id": id, "data": {"bio": "x"}}]}).to_string();
    let answer = wire.put("/v1/users/bulk", &bulk);
    assert_eq!(answer.json()["results"][0]["id"], id);
    // A cursor that ends with it leads on.
    let mut path = "/v1/users?limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = wire.get(&path);
        seen.push(answer.json()["users"][0]["id"].as_str().unwrap().to_owned());
        let Some(link) = answer.header("link") else { break };
        path = link.strip_prefix('<').unwrap().split_once('>').unwrap().0.to_owned();
    }
    assert!(seen.is_sorted() && seen.len() == 3 && seen.contains(&id.to_owned()), "{seen:?}");
    assert_eq!(wire.send(&format!("DELETE /v1/users/{in_path}"), "", "").json()["id"], id);
}
