//! Behind a proxy that has the service below a path, references lead through the proxy.

use crate::support::Wire;

fn wire() -> Wire {
    Wire::start_below("https://api.example.org/users-api/".parse().unwrap())
}

#[test]
fn a_new_user_is_below_the_public_url() {
    let answer = wire().post(r#"{"id":"org|1"}"#);
    assert_eq!(answer.header("location"), Some("https://api.example.org/users-api/v1/users/org%7C1"));
}

#[test]
fn the_next_page_is_below_the_public_url() {
    let wire = wire();
    wire.post(r#"{"firstName":"Ann"}"#);
    wire.post(r#"{"firstName":"Anna"}"#);
    for target in ["/v1/users?limit=1", "/v1/users/search?query=ann&limit=1"] {
        let answer = wire.get(target);
        let path = target.split('?').next().unwrap();
        let link = answer.header("link").unwrap();
        assert!(link.starts_with(&format!("<https://api.example.org/users-api{path}?")), "{link}");
    }
}

#[test]
fn the_type_of_a_problem_is_below_the_public_url() {
    let wire = wire();
    let problem = wire.get("/v1/users/nobody").json();
    assert_eq!(problem["type"], "https://api.example.org/users-api/docs/errors#RESOURCE_NOT_FOUND");
    assert_eq!(problem["instance"], "/v1/users/nobody");
    let bulk = wire.put("/v1/users/bulk", r#"{"updates":[{"id":"nobody","data":{}}]}"#).json();
    assert_eq!(bulk["results"][0]["error"]["type"], problem["type"]);
}

#[test]
fn the_document_names_the_public_url() {
    let document = wire().get("/openapi.json").json();
    assert_eq!(document["servers"][0]["url"], "https://api.example.org/users-api");
    assert_eq!(Wire::start().get("/openapi.json").json()["servers"][0]["url"], "/");
}
