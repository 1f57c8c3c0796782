use rstest::rstest;

use crate::support::Wire;

#[test]
fn the_count_is_told() {
    let answer = Wire::start().get("/v1/users/count");
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"count":2}"#));
    assert_eq!(
        answer.headers,
        [
            "cache-control: no-store",
            "connection: close",
            "content-length: 11",
            "content-type: application/json",
            "x-request-id: test-0",
        ]
    );
}

#[rstest]
#[case("username=ADA", 1)]
#[case("email=ada@example.org&country=GB", 1)]
#[case("organization=Nobody", 0)]
#[case("active=false", 0)]
#[case("&", 2)]
fn the_filters_are_those_of_the_list(#[case] query: &str, #[case] count: u64) {
    assert_eq!(Wire::start().get(&format!("/v1/users/count?{query}")).json()["count"], count);
}

#[test]
fn filters_may_be_a_body() {
    let answer = Wire::start().send("GET /v1/users/count", "", r#"{"username":"ada"}"#);
    assert_eq!(answer.body, r#"{"count":1}"#);
}

#[rstest]
#[case("active=1", &["/active INVALID_TYPE"])]
#[case("limit=1&query=a", &["/limit UNKNOWN_PARAMETER", "/query UNKNOWN_PARAMETER"])]
fn what_is_wrong_is_told(#[case] query: &str, #[case] errors: &[&str]) {
    let answer = Wire::start().get(&format!("/v1/users/count?{query}"));
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(answer.errors(), errors);
}

#[test]
fn leniency_ignores_unknown_parameters() {
    let answer = Wire::start().send("GET /v1/users/count?limit=1", "prefer: handling=lenient\r\n", "");
    assert_eq!((answer.status, answer.header("preference-applied")), (200, Some("handling=lenient")));
}

#[test]
fn head_is_get_without_the_body() {
    let wire = Wire::start();
    let mut get = wire.send("GET /v1/users/count", "x-request-id: same\r\n", "");
    get.body.clear();
    assert_eq!(wire.send("HEAD /v1/users/count", "x-request-id: same\r\n", ""), get);
}
