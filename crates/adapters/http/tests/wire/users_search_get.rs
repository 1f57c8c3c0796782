use rstest::rstest;

use crate::support::{Answer, Wire};

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let users = answer.json()["users"].as_array().unwrap().clone();
    users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn users_are_found_by_what_their_texts_begin_with() {
    let wire = Wire::start();
    let answer = wire.get("/v1/users/search?query=COUNT");
    assert_eq!(answer.body, r#"{"users":[],"has_more":false,"next_cursor":null}"#);
    for query in ["ADA", "ada", "love", "ada@example", "analytical+e", "Analytical%20Engines"] {
        let answer = wire.get(&format!("/v1/users/search?query={query}"));
        assert_eq!(ids(&answer), ["ada"], "{query}");
        assert_eq!(answer.json()["users"][0].as_object().unwrap().len(), 18);
        assert_eq!(answer.header("link"), None);
    }
}

#[test]
fn a_page_leads_to_the_next() {
    let wire = Wire::start();
    for (id, name) in [("z", "Adam"), ("y", "ADAM"), ("x", "adelaide"), ("w", "Bea")] {
        wire.post(&format!(r#"{{"id":"{id}","firstName":"{name}"}}"#));
    }
    let first = wire.get("/v1/users/search?query=ad&limit=2");
    assert_eq!(ids(&first), ["ada", "y"]);
    assert_eq!(
        first.header("link"),
        Some(r#"</v1/users/search?query=ad&limit=2&cursor=MXNhZGFtAHk>; rel="next""#)
    );
    assert_eq!(first.json()["next_cursor"], "MXNhZGFtAHk");
    assert_eq!(first.json()["has_more"], true);

    let second = wire.get("/v1/users/search?query=ad&limit=2&cursor=MXNhZGFtAHk");
    assert_eq!(ids(&second), ["z", "x"]);
    assert_eq!((second.header("link"), &second.json()["next_cursor"]), (None, &serde_json::Value::Null));
}

#[test]
fn parameters_may_be_a_body() {
    let answer = Wire::start().send("GET /v1/users/search", "", r#"{"query":"Ada","limit":1}"#);
    assert_eq!(ids(&answer), ["ada"]);
}

#[rstest]
#[case("", "/query MISSING_PARAMETER")]
#[case("?limit=1", "/query MISSING_PARAMETER")]
#[case("?query=", "/query BLANK")]
#[case("?query=%00", "/query CONTROL_CHARACTER")]
#[case("?query=%FF", "/query INVALID_FORMAT")]
#[case("?query=a&query=b", "/query DUPLICATE_PARAMETER")]
#[case("?query=a&limit=201", "/limit OUT_OF_RANGE")]
#[case("?query=a&cursor=MWFhZGE", "/cursor INVALID_FORMAT")]
#[case("?query=b&cursor=MXNhZGFtAHk", "/cursor INVALID_FORMAT")]
#[case("?query=a&offset=1", "/offset UNKNOWN_PARAMETER")]
fn what_is_wrong_is_told_with_its_place(#[case] query: &str, #[case] error: &str) {
    let answer = Wire::start().get(&format!("/v1/users/search{query}"));
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(answer.errors(), [error]);
}

#[test]
fn a_query_may_be_long_but_not_endless() {
    let wire = Wire::start();
    let answer = |length| wire.get(&format!("/v1/users/search?query={}", "%C3%A4".repeat(length)));
    assert_eq!(ids(&answer(255)), [""; 0]);
    assert_eq!(answer(256).errors(), ["/query TOO_LONG"]);
}

#[test]
fn head_is_get_without_the_body() {
    let wire = Wire::start();
    let mut get = wire.send("GET /v1/users/search?query=a", "x-request-id: same\r\n", "");
    get.body.clear();
    assert_eq!(wire.send("HEAD /v1/users/search?query=a", "x-request-id: same\r\n", ""), get);
}
