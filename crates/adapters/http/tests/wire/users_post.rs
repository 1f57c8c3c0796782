use rstest::rstest;

use crate::support::{FIRST_TAG, Wire};

#[test]
fn a_user_is_created_under_an_id_of_the_service() {
    let wire = Wire::start();
    let answer = wire.post(r#"{"email":"eve@example.org"}"#);
    assert_eq!(answer.status, 201);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let location = format!("/v1/users/{id}");
    assert_eq!(answer.header("location"), Some(location.as_str()));
    assert_eq!(answer.header("etag"), Some(FIRST_TAG));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(wire.get(&location).body, answer.body);
}

#[rstest]
#[case::text(r#"{"id":"a.b_c~d:e@f-g"}"#, "a.b_c~d:e@f-g")]
#[case::number(r#"{"id":8}"#, "8")]
fn a_user_is_created_under_an_id_of_the_caller(#[case] body: &str, #[case] id: &str) {
    let wire = Wire::start();
    let answer = wire.post(body);
    assert_eq!((answer.status, answer.json()["id"].as_str()), (201, Some(id)));
    assert_eq!(wire.get(answer.header("location").unwrap()).status, 200);
}

#[rstest]
#[case::id(r#"{"id":"ada"}"#, "/id ALREADY_TAKEN")]
#[case::username(r#"{"username":"ada"}"#, "/username ALREADY_TAKEN")]
fn what_is_taken_is_told_with_its_place(#[case] body: &str, #[case] error: &str) {
    let answer = Wire::start().post(body);
    assert_eq!((answer.status, answer.code().as_str()), (409, "RESOURCE_ALREADY_EXISTS"));
    assert_eq!(answer.errors(), [error]);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let answer = Wire::start().post(r#"{"id":"a b","email":"@","active":null,"x":1}"#);
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(
        answer.errors(),
        ["/id INVALID_FORMAT", "/active NOT_NULLABLE", "/email INVALID_FORMAT", "/x UNKNOWN_MEMBER"]
    );
}

#[test]
fn leniency_ignores_what_is_unknown() {
    let answer = Wire::start().send("POST /v1/users", "prefer: handling=lenient\r\n", r#"{"x":1}"#);
    assert_eq!((answer.status, answer.header("preference-applied")), (201, Some("handling=lenient")));
}
