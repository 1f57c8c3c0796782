//! What a client may get wrong, from the path to the last byte of the body: each is answered with a problem, and the
//! service goes on.

use users_tests::{Answer, Client, Database, Service, on_both_databases};

use crate::expected::Refusal;

on_both_databases!(
    an_unknown_path_is_not_found,
    a_method_that_a_path_lacks_is_refused_with_those_it_has,
    only_json_is_read,
    a_body_may_have_256_kib_and_no_more,
    what_is_no_json_is_refused_with_its_place,
    a_member_must_not_stand_twice,
    json_that_is_no_user_is_refused,
    no_bytes_bring_the_service_down,
);

const PATH: &str = "/v1/users/ada";
const JSON: &str = "content-type: application/json";

/// A service with the user `ada`.
fn service_with_ada(database: Database) -> (Service, Client) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    (service, client)
}

#[track_caller]
fn assert_malformed(answer: &Answer, detail: &str, errors: &[(String, &str, &str)]) {
    let (code, title) = ("MALFORMED_JSON", "The body is not JSON");
    Refusal { status: 400, code, title, detail, instance: PATH, errors }.assert_is(answer, &[]);
}

fn an_unknown_path_is_not_found(database: Database) {
    let (_service, client) = service_with_ada(database);
    let long = format!("/v1/users/{}", "a".repeat(129));
    let paths = [
        ("/v1", "There is nothing at this path."),
        ("/v1/users/", "There is nothing at this path."),
        ("/v1/users/ada/", "There is nothing at this path."),
        ("/v2/users/ada", "There is nothing at this path."),
        ("/v1/users/ADA", "There is no user with this id."),
        ("/v1/users/a%20b", "There is no user with this id."),
        ("/v1/users/%00", "There is no user with this id."),
        ("/v1/users/SEARCH", "There is no user with this id."),
        (&long, "There is no user with this id."),
    ];
    for (path, detail) in paths {
        let answer = client.put(path, "{}");
        let (code, title) = ("RESOURCE_NOT_FOUND", "Not found");
        Refusal { status: 404, code, title, detail, instance: path, errors: &[] }.assert_is(&answer, &[]);
    }
}

fn a_method_that_a_path_lacks_is_refused_with_those_it_has(database: Database) {
    let (_service, client) = service_with_ada(database);
    for (method, path) in [("BREW", PATH), ("TRACE", PATH), ("POST", "/livez"), ("PUT", "/v1/users")] {
        let answer = client.send(&format!("{method} {path}"), &[], "");
        let detail = format!("{method} is not a method of this path.");
        let allow = format!("allow: {}", answer.header("allow").unwrap());
        let (code, title) = ("METHOD_NOT_ALLOWED", "Method not allowed");
        Refusal { status: 405, code, title, detail: &detail, instance: path, errors: &[] }
            .assert_is(&answer, &[&allow]);
        let options = client.send(&format!("OPTIONS {path}"), &[], "");
        assert_eq!((options.status, options.header("allow")), (204, answer.header("allow")));
        assert!(!allow.contains(method), "{allow}");
    }
    let allow = client.send(&format!("BREW {PATH}"), &[], "").header("allow").unwrap().to_owned();
    assert!(allow.split(", ").any(|method| method == "PUT"), "{allow}");
}

fn only_json_is_read(database: Database) {
    let (_service, client) = service_with_ada(database);
    let put = |headers: &[&str]| client.send(&format!("PUT {PATH}"), headers, "{}");
    for header in [
        "content-type: text/plain",
        "content-type: application/x-www-form-urlencoded",
        "content-type: application/json; charset=utf-16",
        "content-type: application/merge-patch+json",
        "content-type: ",
    ] {
        let (code, title) = ("UNSUPPORTED_MEDIA_TYPE", "The body's type is not supported");
        let detail = "The body must be application/json, in UTF-8.";
        Refusal { status: 415, code, title, detail, instance: PATH, errors: &[] }.assert_is(
            &put(&[header]),
            &[
                "accept-patch: application/merge-patch+json, application/json-patch+json",
                "accept: application/json",
            ],
        );
    }
    assert_eq!(put(&[JSON, "content-encoding: gzip"]).status, 415);
    for header in
        [JSON, "content-type: Application/JSON; Charset=UTF-8", "content-type: application/json;a=b"]
    {
        assert_eq!(put(&[header]).status, 200, "{header}");
    }
    // Whatever the client would rather have, it gets JSON.
    assert_eq!(put(&["accept: text/html"]).header("content-type"), Some("application/json"));
}

fn a_body_may_have_256_kib_and_no_more(database: Database) {
    const LIMIT: usize = 256 * 1024;
    let (_service, client) = service_with_ada(database);
    let body = |length: usize| format!(r#"{{"title":"x"{}}}"#, " ".repeat(length - 13));
    let chunked = |body: &str| {
        let mut request = client.head(&format!("PUT {PATH}"), &[JSON, "transfer-encoding: chunked"]);
        for piece in body.as_bytes().chunks(50_000) {
            request.extend(format!("{:x}\r\n", piece.len()).into_bytes());
            request.extend([piece, b"\r\n"].concat());
        }
        request.extend(b"0\r\n\r\n");
        client.exchange(&request)
    };
    assert_eq!(client.put(PATH, body(LIMIT)).status, 200);
    assert_eq!(chunked(&body(LIMIT)).status, 200);
    let announced =
        client.exchange(&client.head(&format!("PUT {PATH}"), &[JSON, "content-length: 99999999999"]));
    for answer in [client.put(PATH, body(LIMIT + 1)), chunked(&body(LIMIT + 1)), announced] {
        let (code, title) = ("PAYLOAD_TOO_LARGE", "The body is too large");
        let detail = "A body may have at most 262144 bytes.";
        Refusal { status: 413, code, title, detail, instance: PATH, errors: &[] }.assert_is(&answer, &[]);
    }
}

fn what_is_no_json_is_refused_with_its_place(database: Database) {
    let (_service, client) = service_with_ada(database);
    let open = format!(r#"{{"bio":{}"#, "[".repeat(10_000));
    for (body, detail) in [
        (&b""[..], "The body is empty: it must be JSON."),
        (b" ", "The body is empty: it must be JSON."),
        (b"\xff\xfe{\0}\0", "The body is in UTF-16: JSON must be in UTF-8 (RFC 8259, section 8.1)."),
        (
            b"{\"bio\":\"\xff\"}",
            "The body is not in UTF-8, as JSON must be (RFC 8259, section 8.1): look at line 1, column 9.",
        ),
    ] {
        assert_malformed(&client.put(PATH, body), detail, &[]);
    }
    let bodies: [(&[u8], usize, usize); 8] = [
        (b"{", 1, 1),
        (b"{\"bio\"}", 1, 7),
        (b"{\"bio\":\n tru}", 2, 5),
        (b"{\"bio\":'x'}", 1, 8),
        (b"{\"bio\":\"x\"} {", 1, 13),
        (b"{\"bio\":\"a\nb\"}", 1, 9),
        (b"{\"bio\":NaN}", 1, 8),
        (open.as_bytes(), 1, 10_007),
    ];
    for (body, line, column) in bodies {
        let detail = format!("The body is not valid JSON: look at line {line}, column {column}.");
        assert_malformed(&client.put(PATH, body), &detail, &[]);
    }
    // One byte order mark is ignored (RFC 8259, section 8.1).
    assert_eq!(client.put(PATH, b"\xef\xbb\xbf{}").status, 200);
    assert_eq!(client.put(PATH, b"\xef\xbb\xbf\xef\xbb\xbf{}").json()["code"], "MALFORMED_JSON");
}

fn a_member_must_not_stand_twice(database: Database) {
    let (_service, client) = service_with_ada(database);
    let bodies = [
        (r#"{"bio":"a","bio":"a"}"#, "bio"),
        (r#"{"bio":"a","b\u0069o":null}"#, "bio"),
        (r#"{"firstName":"a","first_name":"b"}"#, "firstName"),
        (r#"{"last_name":"a","last_name":"b"}"#, "lastName"),
        (r#"{"nickname":1,"nickname":2}"#, "nickname"),
    ];
    for (body, member) in bodies {
        let detail = format!("The body has a member twice: /{member}.");
        let reason = "must not stand twice, under either of its names";
        assert_malformed(
            &client.put(PATH, body),
            &detail,
            &[(format!("/{member}"), "DUPLICATE_MEMBER", reason)],
        );
    }
}

fn json_that_is_no_user_is_refused(database: Database) {
    let (_service, client) = service_with_ada(database);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let string = "must be a string or null";
    let bodies = [
        ("[]", "", "INVALID_TYPE", "must be a JSON object"),
        ("null", "", "INVALID_TYPE", "must be a JSON object"),
        (r#""x""#, "", "INVALID_TYPE", "must be a JSON object"),
        ("1e400", "", "INVALID_TYPE", "must be a JSON object"),
        (&deep, "", "INVALID_TYPE", "must be a JSON object"),
        (&format!(r#"{{"bio":{deep}}}"#), "/bio", "INVALID_TYPE", string),
        (&format!(r#"{{"x":{deep}}}"#), "/x", "UNKNOWN_MEMBER", "is not a member of a user"),
        (r#"{"title":-1e-400}"#, "/title", "INVALID_TYPE", string),
        (r#"{"title":"a\u0000b"}"#, "/title", "CONTROL_CHARACTER", "must not hold control characters"),
        (r#"{"":1}"#, "/", "UNKNOWN_MEMBER", "is not a member of a user"),
        (r#"{"a/b~c":1}"#, "/a~1b~0c", "UNKNOWN_MEMBER", "is not a member of a user"),
        (r#"{"Title":"x"}"#, "/Title", "UNKNOWN_MEMBER", "is not a member of a user (did you mean title?)"),
        (
            r#"{"bio":"\ud800"}"#,
            "/bio",
            "INVALID_FORMAT",
            "must not hold half a surrogate pair, such as half an emoji",
        ),
    ];
    for (body, pointer, code, reason) in bodies {
        let place = if pointer.is_empty() { "the body" } else { pointer };
        let detail = format!("The body breaks a rule: {place} {reason}.");
        Refusal {
            status: 422,
            code: "VALIDATION_ERROR",
            title: "The request breaks a rule",
            detail: &detail,
            instance: PATH,
            errors: &[(pointer.to_owned(), code, reason)],
        }
        .assert_is(&client.put(PATH, body), &[]);
    }
}

fn no_bytes_bring_the_service_down(database: Database) {
    let (service, client) = service_with_ada(database);
    let put =
        |lines: &[&str], body: &[u8]| [client.head(&format!("PUT {PATH}"), lines), body.to_vec()].concat();
    let header = format!("x-long: {}", "a".repeat(200_000));
    let many: Vec<_> = (0..200).map(|number| format!("x-{number}: a")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let requests = [
        b"\r\n\r\n\0\xff\r\n\r\n".to_vec(),
        b"PUT\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03".repeat(20),
        put(&["content-length: -1"], b"{}"),
        put(&["content-length: x"], b"{}"),
        put(&["content-length: 2", "content-length: 3"], b"{}"),
        put(&["content-length: 2", "transfer-encoding: chunked"], b"0\r\n\r\n"),
        put(&["transfer-encoding: chunked"], b"zz\r\n{}\r\n0\r\n\r\n"),
        put(&["transfer-encoding: gzip"], b"{}"),
        put(&[&header], b""),
        put(&many, b""),
        put(&["x-bad: a\0b", "content-length: 2"], b"{}"),
        put(&["no colon", "content-length: 2"], b"{}"),
        client.head(&format!("GET /{}", "a".repeat(60_000)), &[]),
        b"GET http://[::1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".to_vec(),
        b"GET /v1/users/%ff%fe HTTP/1.1\r\nconnection: close\r\n\r\n".to_vec(),
    ];
    for request in requests {
        let start = String::from_utf8_lossy(&request).chars().take(300).collect::<String>();
        let answer = client.exchange(&request);
        assert!((400..500).contains(&answer.status), "{start:?} is answered {answer:?}");
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{start:?}: {answer:?}");
        assert_eq!(answer.json()["status"], answer.status);
    }
    assert_eq!(client.get(PATH).status, 200);
    assert!(service.log().find("panicked").is_none(), "{}", service.log().text());
}
