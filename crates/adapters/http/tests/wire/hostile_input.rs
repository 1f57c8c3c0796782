//! What no client sends by mistake: each is answered, with a problem where it is refused, and changes nothing.

use std::io::{Read, Write};
use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Answer, Wire, token};

/// Members that hold text.
const TEXTS: [&str; 16] = [
    "avatar",
    "bio",
    "birthday",
    "country",
    "email",
    "firstName",
    "lastName",
    "last_seen",
    "last_typed",
    "location",
    "organization",
    "phone",
    "regions",
    "title",
    "twitter",
    "username",
];

/// Sends a body wherever a user is read, and gives back what came of it: the status and the errors of the user itself.
fn everywhere(wire: &Wire, user: &str) -> Vec<(&'static str, u16, Vec<String>)> {
    let json = "content-type: application/json\r\n";
    let merge = wire.send("PATCH /v1/users/ada", "content-type: application/merge-patch+json\r\n", user);
    let single = [
        ("put", wire.put("/v1/users/ada", user)),
        ("merge patch", merge),
        ("create", wire.send("POST /v1/users?dry_run=true", json, user)),
    ];
    let bulk = [
        (
            "bulk create",
            wire.send("POST /v1/users/bulk?dry_run=true", json, &format!(r#"{{"items":[{user}]}}"#)),
        ),
        (
            "bulk update",
            wire.send(
                "PUT /v1/users/bulk",
                json,
                &format!(r#"{{"updates":[{{"id":"ada","data":{user}}}]}}"#),
            ),
        ),
    ];
    let single = single.map(|(place, answer)| {
        let errors = if answer.status < 400 { Vec::new() } else { checked(&answer).errors() };
        (place, answer.status, errors)
    });
    let bulk = bulk.map(|(place, answer)| {
        if answer.status >= 400 {
            return (place, answer.status, checked(&answer).errors());
        }
        let result = answer.json()["results"][0].clone();
        let errors = result["error"]["errors"].as_array().cloned().unwrap_or_default();
        let pointer = |error: &Value| error["pointer"].as_str().unwrap().replacen("/data", "", 1);
        let errors =
            errors.iter().map(|error| format!("{} {}", pointer(error), error["code"].as_str().unwrap()));
        (place, u16::try_from(result["status"].as_u64().unwrap()).unwrap(), errors.collect())
    });
    single.into_iter().chain(bulk).collect()
}

fn checked(answer: &Answer) -> &Answer {
    assert!((400..500).contains(&answer.status), "{answer:?}");
    answer.code();
    answer
}

#[test]
fn no_member_holds_a_null_character_nor_half_of_one() {
    let wire = Wire::start();
    let before = wire.get("/v1/users/ada").body;
    for member in TEXTS {
        for (text, status, code) in [
            (r"a\u0000b", 422, "CONTROL_CHARACTER"),
            (r"\u0000", 422, "CONTROL_CHARACTER"),
            (r"a\ud800b", 422, "INVALID_FORMAT"),
            (r"\udc00\ud800", 422, "INVALID_FORMAT"),
            (r"\ud800\u0041", 422, "INVALID_FORMAT"),
        ] {
            let user = format!(r#"{{"{member}":"{text}"}}"#);
            let errors = vec![format!("/{member} {code}")];
            for (place, found, what) in everywhere(&wire, &user) {
                assert_eq!((found, &what), (status, &errors), "{place}: {user}");
            }
            let patch = wire
                .patch("/v1/users/ada", &format!(r#"[{{"op":"add","path":"/{member}","value":"{text}"}}]"#));
            assert_eq!(checked(&patch).status, status, "{user}");
        }
    }
    assert_eq!(wire.get("/v1/users/ada").body, before);
}

#[test]
fn no_parameter_holds_a_null_character_nor_half_of_one() {
    let wire = Wire::start();
    for (path, member) in [
        ("/v1/users", "username"),
        ("/v1/users", "email"),
        ("/v1/users", "organization"),
        ("/v1/users", "country"),
        ("/v1/users", "cursor"),
        ("/v1/users/count", "organization"),
        ("/v1/users/search", "query"),
        ("/v1/users/search", "cursor"),
    ] {
        for value in ["%00", "a%00b", "%ED%A0%80", "%FF", "%C0%80", "%", "%zz", "%1"] {
            let answer = wire.get(&format!("{path}?{member}={value}"));
            assert!(
                answer.status == 200 || checked(&answer).status == 422,
                "{path} {member} {value}: {answer:?}"
            );
            assert!(!value.contains("%00") || answer.status == 422, "{path} {member} {value}");
        }
        for (value, status) in [(r"\u0000", 422), (r"\ud800", 422)] {
            let body = format!(r#"{{"{member}":"{value}"}}"#);
            let answer = wire.send(&format!("GET {path}"), "content-type: application/json\r\n", &body);
            assert_eq!(checked(&answer).status, status, "{path} {body}");
        }
    }
}

#[rstest]
#[case::one_name(r#"{"title":"a","title":"a"}"#)]
#[case::escaped(r#"{"title":"a","t\u0069tle":null}"#)]
#[case::alias_first(r#"{"first_name":"a","firstName":"a"}"#)]
#[case::alias_last(r#"{"lastName":"a","last_name":"a"}"#)]
#[case::aliases(r#"{"last_name":"a","last_name":"a"}"#)]
#[case::unknown(r#"{"x":1,"x":1}"#)]
fn a_member_that_stands_twice_is_refused_wherever_it_stands(#[case] user: &str) {
    let wire = Wire::start();
    for (place, status, errors) in everywhere(&wire, user) {
        let codes: Vec<_> = errors.iter().map(|error| error.split(' ').nth(1).unwrap()).collect();
        assert_eq!((status, codes), (400, vec!["DUPLICATE_MEMBER"]), "{place}");
    }
    let lenient = wire.send("PUT /v1/users/ada", "prefer: handling=lenient\r\n", user);
    assert_eq!(checked(&lenient).status, 400);
}

/// 10,000 levels and more, open or closed, wherever a value is read or passed over.
#[test]
fn nesting_without_end_is_answered() {
    let wire = Wire::start();
    for levels in [100, 127, 128, 129, 10_000, 100_000] {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let (open, close) = (open.repeat(levels), close.repeat(levels));
            if open.len() > 250_000 {
                continue;
            }
            for value in [format!("{open}1{close}"), open.clone()] {
                let json = "content-type: application/json\r\n";
                let lenient = "prefer: handling=lenient\r\n";
                let answers = [
                    wire.put("/v1/users/ada", &value),
                    wire.put("/v1/users/ada", &format!(r#"{{"bio":{value}}}"#)),
                    wire.put("/v1/users/ada", &format!(r#"{{"id":{value}}}"#)),
                    wire.put("/v1/users/ada", &format!(r#"{{"x":{value}}}"#)),
                    wire.patch("/v1/users/ada", &value),
                    wire.patch(
                        "/v1/users/ada",
                        &format!(r#"[{{"op":"test","path":"/bio","value":{value}}}]"#),
                    ),
                    wire.patch("/v1/users/ada", &format!(r#"[{{"op":"add","path":"/x","value":{value}}}]"#)),
                    wire.patch("/v1/users/ada", &format!(r#"[{{"op":{value}}}]"#)),
                    wire.send("POST /v1/users/bulk", json, &format!(r#"{{"items":{value}}}"#)),
                    wire.send("PUT /v1/users/bulk", json, &format!(r#"{{"updates":{value}}}"#)),
                    wire.send("DELETE /v1/users/bulk", json, &format!(r#"{{"ids":{value}}}"#)),
                    wire.send("DELETE /v1/users/bulk", json, &format!(r#"{{"ids":["nobody"],"x":{value}}}"#)),
                    wire.send("GET /v1/users", json, &format!(r#"{{"limit":{value}}}"#)),
                ];
                for answer in answers {
                    // In bulk each item is refused by itself.
                    assert!(answer.status == 200 || checked(&answer).status < 500, "{answer:?}");
                }
                let closed = value.len() > open.len();
                let ignored = wire.send("PUT /v1/users/ada", lenient, &format!(r#"{{"x":{value}}}"#));
                assert_eq!(ignored.status, if closed { 200 } else { 400 }, "{levels} {ignored:?}");
            }
        }
    }
    assert_eq!(wire.get("/v1/users/ada").status, 200);
}

#[rstest]
#[case("1e400")]
#[case("-1e400")]
#[case("1E-400")]
#[case("-0")]
#[case("0.1")]
#[case("18446744073709551616")]
#[case("123456789012345678901234567890")]
fn a_number_is_no_text_however_large(#[case] number: &str) {
    let wire = Wire::start();
    for member in TEXTS {
        for (place, status, errors) in everywhere(&wire, &format!(r#"{{"{member}":{number}}}"#)) {
            assert_eq!((status, errors), (422, vec![format!("/{member} INVALID_TYPE")]), "{place}");
        }
    }
    let list = wire.send("GET /v1/users", "", &format!(r#"{{"limit":{number},"offset":{number}}}"#));
    assert_eq!(checked(&list).status, 422);
}

#[rstest]
#[case::large("123456789012345678901234567890", 201, "123456789012345678901234567890")]
#[case::negative("-7", 201, "-7")]
#[case::zero("0", 201, "0")]
#[case::exponent("1e400", 422, "")]
#[case::fraction("8.0", 422, "")]
#[case::endless(&"9".repeat(128), 201, &"9".repeat(128))]
#[case::too_long(&"9".repeat(129), 422, "")]
fn an_id_may_be_a_whole_number_of_any_size(#[case] number: &str, #[case] status: u16, #[case] id: &str) {
    let wire = Wire::start();
    let answer = wire.post(&format!(r#"{{"id":{number}}}"#));
    assert_eq!(answer.status, status, "{answer:?}");
    if status == 201 {
        assert_eq!(answer.json()["id"], id);
        assert_eq!(wire.put(&format!("/v1/users/{id}"), &format!(r#"{{"id":{number}}}"#)).status, 200);
    }
}

#[rstest]
#[case("birthday", "0000-01-01", 422)]
#[case("birthday", "9999-12-31", 422)]
#[case("birthday", "10000-01-01", 422)]
#[case("birthday", "-0001-01-01", 422)]
#[case("birthday", "1900-02-29", 422)]
#[case("birthday", "+1990-01-01", 422)]
#[case("last_seen", "0000-01-01", 200)]
#[case("last_seen", "0000-01-01T00:00:00+00:01", 422)]
#[case("last_seen", "-0001-12-31T23:59:59Z", 422)]
#[case("last_seen", "9999-12-31T23:59:59Z", 422)]
#[case("last_seen", "9999-12-31T23:59:59-23:59", 422)]
#[case("last_seen", "10000-01-01T00:00:00Z", 422)]
#[case("last_seen", "2016-12-31T23:59:60Z", 200)]
#[case("last_seen", "2016-12-31T23:59:61Z", 422)]
#[case("last_seen", "2016-12-31T12:00:60Z", 422)]
#[case("last_seen", "2016-12-31T23:59:59.99999999999999999999999Z", 200)]
#[case("last_seen", "2016-12-31T23:59:59+99:99", 422)]
fn dates_at_the_ends_of_time(#[case] member: &str, #[case] text: &str, #[case] status: u16) {
    let wire = Wire::start();
    let user = json!({ member: text }).to_string();
    let errors = Vec::from_iter((status == 422).then(|| format!("/{member} ")));
    for (place, found, what) in everywhere(&wire, &user) {
        let status = if place.contains("create") && status == 200 { 201 } else { status };
        assert_eq!(found, status, "{place}");
        assert!(what.len() == errors.len() && what.iter().all(|it| it.starts_with(&errors[0])), "{what:?}");
    }
    let kept = wire.get("/v1/users/ada").json()[member].clone();
    assert!(status == 422 || kept.as_str().is_some_and(|kept| kept.ends_with('Z')), "{kept}");
}

fn put_bytes(wire: &Wire, lines: &str, body: &[u8]) -> Answer {
    wire.send_bytes("PUT /v1/users/ada", lines, body)
}

#[test]
fn other_codings_than_utf_8_are_refused() {
    let wire = Wire::start();
    let utf_16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\xae\x05\0\x43\xbf\xa6\xa3\x02\0\0\0";
    for (lines, body, status) in [
        ("", b"\xef\xbb\xbf{}".to_vec(), 200),
        ("", b"\xef\xbb\xbf\xef\xbb\xbf{}".to_vec(), 400),
        ("content-type: application/json ;\tcharset=utf8;\r\n", b"\xef\xbb\xbf{}".to_vec(), 200),
        ("", utf_16("{}"), 400),
        ("", utf_16("\u{feff}{}"), 400),
        ("content-type: application/json; charset=utf-16\r\n", utf_16("{}"), 415),
        ("", b"{\"bio\":\"\xc0\x80\"}".to_vec(), 400),
        ("", b"{\"bio\":\"\xed\xa0\x80\"}".to_vec(), 400),
        ("", b"{\"bio\":\"\xf4\x90\x80\x80\"}".to_vec(), 400),
        ("", gzip.to_vec(), 400),
        ("content-encoding: gzip\r\n", gzip.to_vec(), 415),
        ("content-encoding: gzip, br\r\n", gzip.to_vec(), 415),
        ("content-encoding: x\r\n", b"{}".to_vec(), 415),
        ("content-encoding: identity\r\n", b"{}".to_vec(), 200),
        ("content-type: application/json; charset=iso-8859-1\r\n", b"{}".to_vec(), 415),
    ] {
        let answer = put_bytes(&wire, lines, &body);
        assert_eq!(answer.status, status, "{lines:?} {body:?}: {answer:?}");
        assert!(status == 200 || checked(&answer).header("retry-after").is_none());
    }
}

#[rstest]
#[case::of_one_user("PUT /v1/users/ada", r#"{"bio":"x"}"#, 256 * 1024)]
#[case::of_a_patch("PATCH /v1/users/ada", r#"[{"op":"add","path":"/bio","value":"x"}]"#, 256 * 1024)]
#[case::of_many_users("PUT /v1/users/bulk", r#"{"updates":[{"id":"ada","data":{}}]}"#, 4 * 1024 * 1024)]
fn a_body_may_be_so_large_and_not_a_byte_larger(
    #[case] request: &str,
    #[case] json: &str,
    #[case] limit: usize,
) {
    let wire = Wire::start();
    let lines =
        if request.starts_with("PATCH") { "content-type: application/json-patch+json\r\n" } else { "" };
    for (length, status) in [(limit - 1, 200), (limit, 200), (limit + 1, 413)] {
        let padded = format!("{json}{}", " ".repeat(length - json.len()));
        let answer = wire.send(request, lines, &padded);
        assert_eq!(answer.status, status, "{length}");
        assert!(status == 200 || checked(&answer).code() == "PAYLOAD_TOO_LARGE");
    }
}

#[rstest]
#[case::null("/v1/users/%00", 404)]
#[case::null_inside("/v1/users/a%00b", 404)]
#[case::slash("/v1/users/a%2Fb", 404)]
#[case::no_hexadecimal("/v1/users/%zz", 404)]
#[case::cut_off("/v1/users/ada%", 404)]
#[case::overlong("/v1/users/%C0%AF", 404)]
#[case::overlong_dot("/v1/users/%C0%AE%C0%AE", 404)]
#[case::surrogate("/v1/users/%ED%A0%80", 404)]
#[case::dots("/v1/users/..", 404)]
#[case::coded_dots("/v1/users/%2E%2E", 404)]
#[case::up("/v1/users/ada/../bob", 404)]
#[case::twice_coded("/v1/users/%2561da", 404)]
#[case::coded("/v1/users/%61da", 200)]
#[case::empty("/v1/users/", 404)]
#[case::empty_segment("/v1//users/ada", 404)]
#[case::backslash("/v1\\users\\ada", 404)]
#[case::semicolon("/v1/users/ada;a=b", 404)]
#[case::no_query("/v1/users/ada?", 200)]
#[case::unknown_query("/v1/users/ada?%00=%ff&&=", 200)]
#[case::absolute("http://elsewhere/v1/users/ada", 200)]
#[case::absolute_tls("https://user:pass@elsewhere:1/v1/users/ada", 200)]
#[case::reserved("/v1/users/%62ulk", 405)]
fn paths_in_strange_dress(#[case] path: &str, #[case] status: u16) {
    let answer = Wire::start().get(path);
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(status == 200 || checked(&answer).header("x-request-id").is_some());
}

#[rstest]
#[case::http_0_9("GET /livez\r\n", 400)]
#[case::no_version("GET /livez\r\n\r\n", 400)]
#[case::http_1_0("GET /livez HTTP/1.0\r\n\r\n", 200)]
#[case::http_1_2("GET /livez HTTP/1.2\r\nhost: x\r\n\r\n", 400)]
#[case::http_9("GET /livez HTTP/9.9\r\nhost: x\r\n\r\n", 400)]
#[case::small_letters("get /livez http/1.1\r\nhost: x\r\n\r\n", 400)]
#[case::two_spaces("GET  /livez HTTP/1.1\r\nhost: x\r\n\r\n", 400)]
#[case::tab("GET\t/livez HTTP/1.1\r\nhost: x\r\n\r\n", 400)]
#[case::space_in_path("GET /a b HTTP/1.1\r\nhost: x\r\n\r\n", 400)]
#[case::null_in_path("GET /\0 HTTP/1.1\r\nhost: x\r\n\r\n", 400)]
#[case::no_path("GET HTTP/1.1\r\nhost: x\r\n\r\n", 400)]
#[case::no_colon("GET /livez HTTP/1.1\r\nhost: x\r\nrubbish\r\n\r\n", 400)]
#[case::no_name("GET /livez HTTP/1.1\r\nhost: x\r\n: a\r\n\r\n", 400)]
#[case::space_before_colon("GET /livez HTTP/1.1\r\nhost : x\r\n\r\n", 400)]
#[case::folded("GET /livez HTTP/1.1\r\nhost: x\r\nx: a\r\n b\r\n\r\n", 400)]
#[case::null_in_header("GET /livez HTTP/1.1\r\nhost: x\r\nx: a\0b\r\n\r\n", 400)]
#[case::return_in_header("GET /livez HTTP/1.1\r\nhost: x\r\nx: a\rb: c\r\n\r\n", 400)]
#[case::two_hosts("GET /livez HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n", 400)]
#[case::negative_length("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400)]
#[case::signed_length("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: +1\r\n\r\n", 400)]
#[case::two_lengths_in_one("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 1, 1\r\n\r\n", 400)]
#[case::hexadecimal_length("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 0x1\r\n\r\n", 400)]
#[case::no_length("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length:\r\n\r\n", 400)]
#[case::endless_length("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n", 400)]
#[case::same_length_twice("PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\ncontent-length: 0\r\n\r\n", 400)]
#[case::smuggled_length(
    "PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n",
    400
)]
#[case::two_codings("PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400)]
#[case::coding_twice(
    "PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    400
)]
#[case::hidden_coding("PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400)]
#[case::identity("PUT / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: identity\r\n\r\n", 400)]
#[case::old_chunks("PUT / HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", 400)]
#[case::tunnel("CONNECT example.org:443 HTTP/1.1\r\nhost: x\r\n\r\n", 404)]
#[case::star("OPTIONS * HTTP/1.1\r\nhost: x\r\n\r\n", 404)]
#[case::trace("TRACE /livez HTTP/1.1\r\nhost: x\r\n\r\n", 405)]
#[case::http_2("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0", 400)]
#[case::bare_line_feeds("GET /livez HTTP/1.1\nhost: x\n\n", 200)]
#[case::only_nulls("\0\0\0\0\r\n\r\n", 400)]
fn heads_of_all_sorts(#[case] bytes: &str, #[case] status: u16) {
    let answer = Wire::start().exchange(bytes.as_bytes());
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(status == 200 || checked(&answer).header("x-request-id").is_some());
}

#[rstest]
#[case::no_number("zz\r\n{}\r\n0\r\n\r\n", 400)]
#[case::nothing("\r\n{}\r\n0\r\n\r\n", 400)]
#[case::negative("-2\r\n{}\r\n0\r\n\r\n", 400)]
#[case::prefix("0x2\r\n{}\r\n0\r\n\r\n", 400)]
#[case::endless("fffffffffffffffff\r\n{}\r\n0\r\n\r\n", 400)]
#[case::nearly_endless("ffffffffffffffff\r\n{}\r\n0\r\n\r\n", 408)]
#[case::too_short("1\r\n{}\r\n0\r\n\r\n", 400)]
#[case::too_long("3\r\n{}\r\n0\r\n\r\n", 400)]
#[case::line_feed("2\n{}\r\n0\r\n\r\n", 400)]
#[case::null_in_extension("2;\0\r\n{}\r\n0\r\n\r\n", 400)]
#[case::extension("2 ; a=b\r\n{}\r\n0;x\r\n\r\n", 200)]
#[case::trailer("2\r\n{}\r\n0\r\nauthorization: x\r\ncontent-length: 7\r\n\r\n", 200)]
#[case::leading_zeros("0000000000000002\r\n{}\r\n00\r\n\r\n", 200)]
fn chunks_of_all_sorts(#[case] chunks: &str, #[case] status: u16) {
    let wire = Wire::start();
    let token = token("all");
    let head = format!(
        "PUT /v1/users/bob HTTP/1.1\r\nhost: x\r\nauthorization: Token {token}\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let mut stream = wire.connect();
    stream.write_all(format!("{head}{chunks}").as_bytes()).unwrap();
    let answer = Answer::read(&mut stream);
    assert_eq!(answer.status, status, "{answer:?}");
    if status != 200 {
        assert_eq!(checked(&answer).header("connection"), Some("close"));
        let mut more = Vec::new();
        stream.read_to_end(&mut more).unwrap();
        assert_eq!(String::from_utf8(more).unwrap(), "", "a request is answered once");
    }
}

#[test]
fn a_body_that_drips_is_read_or_given_up_in_time() {
    let wire = Wire::start();
    let head = format!(
        "PUT /v1/users/bob HTTP/1.1\r\nhost: x\r\nauthorization: Token {}\r\ncontent-length: 1000\r\n\r\n",
        token("all")
    );
    let mut stream = wire.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut drip = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        while drip.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.code().as_str()), (408, "REQUEST_TIMEOUT"));
}
