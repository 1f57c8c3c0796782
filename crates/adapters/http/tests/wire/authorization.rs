use rstest::rstest;

use crate::support::{Wire, token};

#[rstest]
#[case::token("Token")]
#[case::bearer("Bearer")]
#[case::any_case("bEARER")]
#[case::spaces("TOKEN  ")]
fn a_token_is_shown_by_either_scheme(#[case] scheme: &str) {
    let headers = format!("authorization: {scheme} {}\r\n", token("read"));
    assert_eq!(Wire::start().send_as("GET /v1/users/ada", &headers, "").status, 200);
}

#[rstest]
#[case::none("", "MISSING_API_KEY", "Bearer realm=\"users\"")]
#[case::basic(
    "authorization: Basic YTpi\r\n",
    "INVALID_API_KEY",
    "Bearer realm=\"users\", error=\"invalid_token\""
)]
#[case::empty("authorization: \r\n", "INVALID_API_KEY", "Bearer realm=\"users\", error=\"invalid_token\"")]
#[case::garbage(
    "authorization: Token x\r\n",
    "INVALID_API_KEY",
    "Bearer realm=\"users\", error=\"invalid_token\""
)]
fn without_a_good_token_nobody_is_let_in(#[case] headers: &str, #[case] code: &str, #[case] bearer: &str) {
    let wire = Wire::start();
    for request in ["GET /v1/users", "GET /v1/users/ada", "PUT /v1/users/ada", "POST /v1/users"] {
        let answer = wire.send_as(request, headers, "{}");
        assert_eq!((answer.status, answer.code().as_str()), (401, code));
        let challenges: Vec<_> =
            answer.headers.iter().filter_map(|line| line.strip_prefix("www-authenticate: ")).collect();
        assert_eq!(challenges, [bearer, "Token realm=\"users\""]);
    }
}

#[rstest]
#[case::no_scheme("{}", "The scheme is missing before the token: send Authorization: Token <token>.")]
#[case::basic(
    "Basic YTpi",
    "The scheme of Authorization must be Token or Bearer: send Authorization: Token <token>."
)]
#[case::unknown("Token x", "The token is not one of this service, or was revoked.")]
fn what_is_wrong_with_the_header_is_said(#[case] line: &str, #[case] detail: &str) {
    let headers = format!("authorization: {}\r\n", line.replace("{}", &token("read")));
    let answer = Wire::start().send_as("GET /v1/users/ada", &headers, "");
    assert_eq!((answer.status, answer.code().as_str()), (401, "INVALID_API_KEY"));
    assert_eq!(answer.json()["detail"], detail);
}

#[rstest]
#[case::unknown("nobody", "INVALID_API_KEY")]
#[case::revoked("revoked", "INVALID_API_KEY")]
#[case::expired("expired", "EXPIRED_API_KEY")]
fn a_token_that_is_not_valid_is_refused(#[case] id: &str, #[case] code: &str) {
    let headers = format!("authorization: Token {}\r\n", token(id));
    let answer = Wire::start().send_as("GET /v1/users/ada", &headers, "");
    assert_eq!((answer.status, answer.code().as_str()), (401, code));
}

#[rstest]
#[case("read", "GET /v1/users/ada", 200)]
#[case("read", "GET /v1/users", 200)]
#[case("read", "HEAD /v1/users", 200)]
#[case("read", "PUT /v1/users/ada", 403)]
#[case("read", "POST /v1/users", 403)]
#[case("write", "GET /v1/users/ada", 403)]
#[case("write", "GET /v1/users", 403)]
#[case("write", "PUT /v1/users/ada", 200)]
#[case("write", "POST /v1/users", 201)]
fn a_token_allows_what_its_scopes_are_for(#[case] id: &str, #[case] request: &str, #[case] status: u16) {
    let headers = format!("authorization: Token {}\r\n", token(id));
    let answer = Wire::start().send_as(request, &headers, "{}");
    assert_eq!(answer.status, status);
    if status == 403 {
        assert_eq!(answer.code(), "INSUFFICIENT_PERMISSIONS");
        assert!(answer.header("www-authenticate").unwrap().contains("error=\"insufficient_scope\""));
    }
}

#[test]
fn nobody_learns_of_users_without_a_token() {
    let wire = Wire::start();
    let (ada, eve) = (wire.send_as("GET /v1/users/ada", "", ""), wire.send_as("GET /v1/users/eve", "", ""));
    assert_eq!((ada.status, eve.status), (401, 401));
}
