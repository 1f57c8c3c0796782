use rstest::rstest;

use crate::support::Wire;

#[rstest]
#[case("/v1")]
#[case("/v1/users/")]
#[case("/v1/users/ada/")]
#[case("/v1/users/ada/x")]
#[case("//v1/users/ada")]
#[case("/v1%2Fusers/ada")]
#[case("/V1/users/ada")]
#[case("/docs/errors/")]
fn an_unknown_path_is_not_found(#[case] path: &str) {
    let wire = Wire::start();
    for method in ["GET", "PUT", "DELETE", "OPTIONS", "BREW"] {
        let answer = wire.send(&format!("{method} {path}"), "", "{}");
        assert_eq!((answer.status, answer.code().as_str()), (404, "RESOURCE_NOT_FOUND"), "{method}");
    }
}

#[rstest]
#[case("/v1/users", "GET, HEAD, OPTIONS, POST")]
#[case("/v1/users/count", "GET, HEAD, OPTIONS")]
#[case("/v1/users/search", "GET, HEAD, OPTIONS")]
#[case("/v1/users/ada", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")]
#[case("/v1/users/eve", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT")]
#[case("/v1/users/bulk", "DELETE, OPTIONS, POST, PUT")]
#[case("/livez", "GET, HEAD, OPTIONS")]
#[case("/readyz", "GET, HEAD, OPTIONS")]
#[case("/openapi.json", "GET, HEAD, OPTIONS")]
#[case("/", "GET, HEAD, OPTIONS")]
#[case("/docs", "GET, HEAD, OPTIONS")]
#[case("/docs/", "GET, HEAD, OPTIONS")]
#[case("/docs/errors", "GET, HEAD, OPTIONS")]
#[case("/docs/x.js", "GET, HEAD, OPTIONS")]
fn another_method_is_refused_with_what_there_is(#[case] path: &str, #[case] allow: &str) {
    let wire = Wire::start();
    for method in ["TRACE", "BREW"] {
        let answer = wire.send_as(&format!("{method} {path}"), "", "");
        assert_eq!((answer.status, answer.code().as_str()), (405, "METHOD_NOT_ALLOWED"));
        assert_eq!(answer.header("allow"), Some(allow));
    }
    let options = wire.send_as(&format!("OPTIONS {path}"), "", "");
    assert_eq!((options.status, options.body.as_str()), (204, ""));
    assert_eq!(options.header("allow"), Some(allow));
    let patches = "application/merge-patch+json, application/json-patch+json";
    assert_eq!(options.header("accept-patch"), allow.contains("PATCH").then_some(patches));
}

#[rstest]
#[case("PUT /v1/users/ada", true)]
#[case("PATCH /v1/users/ada", true)]
#[case("POST /v1/users", false)]
#[case("PUT /v1/users/bulk", false)]
fn a_refused_type_tells_of_patches_where_there_are(#[case] call: &str, #[case] patched: bool) {
    let wire = Wire::start();
    for headers in ["content-type: text/plain\r\n", "content-encoding: gzip\r\n"] {
        let answer = wire.send(call, headers, "{}");
        assert_eq!((answer.status, answer.header("accept-patch").is_some()), (415, patched), "{headers}");
    }
}

#[rstest]
#[case("GET /v1/users/ada", 200)]
#[case("PUT /v1/users/ada", 200)]
#[case("PATCH /v1/users/ada", 415)]
#[case("POST /v1/users/ada", 405)]
fn other_answers_are_not_made_longer_by_it(#[case] call: &str, #[case] status: u16) {
    let answer = Wire::start().send(call, "", "{}");
    assert_eq!((answer.status, answer.header("accept-patch").is_some()), (status, status == 415));
}

#[test]
fn the_callers_request_id_is_kept_where_it_is_sane() {
    let wire = Wire::start();
    let id_of = |id: &str| {
        let answer = wire.send_as("GET /nothing", &format!("x-request-id: {id}\r\n"), "");
        answer.code();
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_eq!(id_of("8f0c2f9e-9f3a"), "8f0c2f9e-9f3a");
    assert_eq!(id_of("a b"), "test-0");
    assert_eq!(id_of(&"a".repeat(129)), "test-1");
}

#[test]
fn no_answer_names_the_server() {
    let answer = Wire::start().get("/v1/users/ada");
    assert_eq!(answer.header("server"), None);
}
