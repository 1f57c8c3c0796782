use rstest::rstest;

use crate::support::{Answer, Wire};

const ADA: &str = concat!(
    r#"{"id":"ada","active":true,"avatar":"https://example.org/ada.png","#,
    r#""bio":"Mathematician.\nWrote the first program.","birthday":"1915-12-10","country":"GB","#,
    r#""email":"ada@example.org","firstName":"Ada","lastName":"Lovelace","last_seen":"2026-10-31T08:15:30.250Z","#,
    r#""last_typed":"2026-10-31T08:14:00Z","location":"12 St James's Square, London","#,
    r#""organization":"Analytical Engines","phone":"+44 20 7946 0018","regions":"Europe, Middle East","#,
    r#""title":"Countess","twitter":"@ada","username":"Ada"}"#,
);
const BOB: &str = concat!(
    r#"{"id":"bob","active":true,"avatar":null,"bio":null,"birthday":null,"country":null,"email":null,"#,
    r#""firstName":null,"lastName":null,"last_seen":null,"last_typed":null,"location":null,"organization":null,"#,
    r#""phone":null,"regions":null,"title":null,"twitter":null,"username":null}"#,
);

/// The cursors of pages that ended with `ada`, upwards, and with `bob`, downwards.
const AFTER_ADA: &str = "MWFhZGE";
const BEFORE_BOB: &str = "MWRib2I";

fn ids(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let users = answer.json()["users"].as_array().unwrap().clone();
    users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_list_has_every_user_with_all_members() {
    let answer = Wire::start().get("/v1/users");
    let body = format!(
        r#"{{"users":[{ADA},{BOB}],"has_more":false,"next_cursor":null,"pagination":{{"limit":50,"offset":0}}}}"#
    );
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.headers,
        [
            "cache-control: no-store".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", body.len()),
            "content-type: application/json".to_owned(),
            "x-request-id: test-0".to_owned(),
        ]
    );
    assert_eq!(answer.body, body);
}

#[test]
fn a_page_leads_to_the_next() {
    let wire = Wire::start();
    let first = wire.get("/v1/users?limit=1&include_total=true");
    let body = format!(
        r#"{{"users":[{ADA}],"has_more":true,"next_cursor":"{AFTER_ADA}","pagination":{{"limit":1,"offset":0,"total":2}}}}"#
    );
    assert_eq!(first.body, body);
    let next = format!("/v1/users?limit=1&include_total=true&cursor={AFTER_ADA}");
    let link = format!(r#"<{next}>; rel="next""#);
    assert_eq!(first.header("link"), Some(link.as_str()));

    let second = wire.get(&next);
    let body = format!(
        r#"{{"users":[{BOB}],"has_more":false,"next_cursor":null,"pagination":{{"limit":1,"offset":0,"total":2}}}}"#
    );
    assert_eq!((second.body.as_str(), second.header("link")), (body.as_str(), None));
}

#[test]
fn head_is_get_without_the_body() {
    let wire = Wire::start();
    let mut get = wire.send("GET /v1/users?limit=1", "x-request-id: same\r\n", "");
    get.body.clear();
    assert!(get.header("link").is_some());
    assert_eq!(wire.send("HEAD /v1/users?limit=1", "x-request-id: same\r\n", ""), get);
}

#[rstest]
#[case::upwards("limit=1", &["ada"])]
#[case::downwards("limit=1&order_direction=desc", &["bob"])]
#[case::after(&format!("cursor={AFTER_ADA}"), &["bob"])]
#[case::before(&format!("order_direction=desc&cursor={BEFORE_BOB}"), &["ada"])]
#[case::offset("offset=1", &["bob"])]
#[case::large_offset("offset=100000&limit=200", &[])]
#[case::username("username=ADA", &["ada"])]
#[case::wide_username("username=%EF%BC%A1da", &["ada"])]
#[case::email("email=ada@example.org", &["ada"])]
#[case::email_in_another_case("email=Ada@Example.org", &["ada"])]
#[case::other_email("email=ada@example.com", &[])]
#[case::truth_in_another_case("active=True", &["ada", "bob"])]
#[case::direction_in_another_case("limit=1&order_direction=DESC", &["bob"])]
#[case::empty_cursor("limit=1&cursor=", &["ada"])]
#[case::no_offset_beside_a_cursor(&format!("offset=0&cursor={AFTER_ADA}"), &["bob"])]
#[case::organization("organization=Analytical+Engines", &["ada"])]
#[case::empty_organization("organization=", &[])]
#[case::country("country=GB&active=true", &["ada"])]
#[case::country_in_another_case("country=gb", &[])]
#[case::active("active=true", &["ada", "bob"])]
#[case::inactive("active=false", &[])]
#[case::empty("", &["ada", "bob"])]
#[case::empty_pairs("&", &["ada", "bob"])]
fn parameters_choose_users(#[case] query: &str, #[case] expected: &[&str]) {
    assert_eq!(ids(&Wire::start().get(&format!("/v1/users?{query}"))), expected);
}

#[test]
fn an_offset_is_answered_and_the_next_page_goes_on_by_cursor() {
    let wire = Wire::start();
    wire.post(r#"{"id":"eve"}"#);
    let answer = wire.get("/v1/users?offset=1&limit=1");
    assert_eq!(answer.json()["pagination"], serde_json::json!({"limit": 1, "offset": 1, "total": 3}));
    assert_eq!(answer.header("link"), Some(r#"</v1/users?limit=1&cursor=MWFib2I>; rel="next""#));
}

#[rstest]
#[case::offset("offset=0", Some(2))]
#[case::nothing("", None)]
#[case::asked("include_total=TRUE", Some(2))]
#[case::offset_without("offset=0&include_total=false", None)]
#[case::beside_a_cursor(&format!("offset=0&cursor={AFTER_ADA}"), None)]
#[case::asked_beside_a_cursor(&format!("include_total=true&cursor={AFTER_ADA}"), Some(2))]
fn a_total_is_there_if_asked_for_or_if_pages_go_by_offset(#[case] query: &str, #[case] total: Option<u64>) {
    let answer = Wire::start().get(&format!("/v1/users?{query}"));
    assert_eq!(answer.json()["pagination"]["total"].as_u64(), total);
}

#[rstest]
#[case("/v1/users?include_etags=true&limit=2")]
#[case("/v1/users/search?query=a&include_etags=True")]
fn entity_tags_stand_beside_the_users_if_asked_for(#[case] path: &str) {
    let wire = Wire::start();
    let page = wire.get(path);
    let body = page.json();
    let users = body["users"].as_array().unwrap();
    assert!(!users.is_empty());
    for user in users {
        assert_eq!(user.as_object().unwrap().len(), 18);
        let id = user["id"].as_str().unwrap();
        let single = wire.get(&format!("/v1/users/{id}"));
        assert_eq!(body["etags"][id].as_str(), single.header("etag"));
    }
    let without =
        wire.get(path.replace("include_etags", "x").split("x=").next().unwrap().trim_end_matches(['?', '&']));
    assert!(without.json().get("etags").is_none());
}

#[test]
fn the_vendors_sample_has_a_total() {
    let body = r#"{"limit": 1, "offset": 0, "order_direction": "asc"}"#;
    let answer = Wire::start().send("GET /v1/users", "content-type: application/json\r\n", body);
    assert_eq!(answer.json()["pagination"], serde_json::json!({"limit": 1, "offset": 0, "total": 2}));
}

#[test]
fn a_plus_in_an_address_is_explained() {
    let answer = Wire::start().get("/v1/users?email=ada+tag@example.org");
    assert_eq!(answer.errors(), ["/email INVALID_FORMAT"]);
    let detail = "must be an email address; in a query, + stands for a space: send %2B";
    assert_eq!(answer.json()["errors"][0]["detail"], detail);
}

#[test]
fn the_link_keeps_what_was_asked_for() {
    let wire = Wire::start();
    for id in ["x", "y", "z"] {
        wire.post(&format!(r#"{{"id":"{id}","organization":"A & B, \"é\""}}"#));
    }
    let mut path = "/v1/users?organization=A+%26+B,+%22%C3%A9%22&order_direction=desc&limit=1".to_owned();
    let mut seen = Vec::new();
    loop {
        let answer = wire.get(&path);
        seen.extend(ids(&answer));
        let Some(link) = answer.header("link") else { break };
        path = link.strip_prefix('<').unwrap().split_once('>').unwrap().0.to_owned();
        assert!(
            path.starts_with("/v1/users?organization=A%20%26%20B%2C%20%22%C3%A9%22&order_direction=desc&")
        );
    }
    assert_eq!(seen, ["z", "y", "x"]);
}

#[rstest]
#[case::documented(r#"{"limit": 1, "offset": 0, "order_direction": "desc"}"#, &["bob"])]
#[case::as_text(r#"{"limit": "1"}"#, &["ada"])]
#[case::null(r#"{"limit": null, "offset": 1}"#, &["bob"])]
#[case::filter(r#"{"username": "ＡＤＡ", "active": true}"#, &["ada"])]
#[case::nothing("{}", &["ada", "bob"])]
fn parameters_may_be_a_body(#[case] body: &str, #[case] expected: &[&str]) {
    let wire = Wire::start();
    let headers = "content-type: application/json\r\n";
    assert_eq!(ids(&wire.send("GET /v1/users", headers, body)), expected);
    // Where there is a query, the body says nothing.
    assert_eq!(ids(&wire.send("GET /v1/users?limit=200", headers, body)), ["ada", "bob"]);
}

#[rstest]
#[case::malformed("content-type: application/json\r\n", "{", 400, "MALFORMED_JSON")]
#[case::twice("", r#"{"limit":1,"limit":1}"#, 400, "MALFORMED_JSON")]
#[case::list("", "[]", 422, "VALIDATION_ERROR")]
#[case::text("content-type: text/plain\r\n", "{}", 415, "UNSUPPORTED_MEDIA_TYPE")]
#[case::compressed("content-encoding: gzip\r\n", "{}", 415, "UNSUPPORTED_MEDIA_TYPE")]
#[case::large("", &" ".repeat(256 * 1024 + 1), 413, "PAYLOAD_TOO_LARGE")]
fn a_body_that_cannot_be_read_is_refused(
    #[case] headers: &str,
    #[case] body: &str,
    #[case] status: u16,
    #[case] code: &str,
) {
    let answer = Wire::start().send("GET /v1/users", headers, body);
    assert_eq!((answer.status, answer.code().as_str()), (status, code));
}

#[test]
fn a_type_without_a_body_says_nothing() {
    assert_eq!(Wire::start().send("GET /v1/users", "content-type: text/plain\r\n", "").status, 200);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let answer = Wire::start().get(
        "/v1/users?sort=name&active=yes&country=XX&organization=%00&email=ada&username=a+b&include_total=1\
         &offset=-1&order_direction=up&cursor=x&limit=201&a/b=1",
    );
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(
        answer.errors(),
        [
            "/limit OUT_OF_RANGE",
            "/cursor INVALID_FORMAT",
            "/order_direction INVALID_FORMAT",
            "/offset MUTUALLY_EXCLUSIVE",
            "/offset OUT_OF_RANGE",
            "/include_total INVALID_TYPE",
            "/username INVALID_FORMAT",
            "/email INVALID_FORMAT",
            "/organization CONTROL_CHARACTER",
            "/country INVALID_FORMAT",
            "/active INVALID_TYPE",
            "/sort UNKNOWN_PARAMETER",
            "/a~1b UNKNOWN_PARAMETER",
        ]
    );
    let detail = "The query breaks 13 rules; the first: /limit must be a whole number from 1 to 200.";
    assert_eq!(answer.json()["detail"], detail);
    assert_eq!(answer.json()["instance"], "/v1/users");
}

#[rstest]
#[case("limit=0", "/limit OUT_OF_RANGE")]
#[case("limit=99999999999999999999", "/limit OUT_OF_RANGE")]
#[case("limit=-99999999999999999999", "/limit OUT_OF_RANGE")]
#[case("limit=", "/limit INVALID_TYPE")]
#[case("limit=1.0", "/limit INVALID_TYPE")]
#[case("limit=%2B1", "/limit INVALID_TYPE")]
#[case("limit=-", "/limit INVALID_TYPE")]
#[case("limit=1&limit=1", "/limit DUPLICATE_PARAMETER")]
#[case("offset=100001", "/offset OUT_OF_RANGE")]
#[case("order_direction=up", "/order_direction INVALID_FORMAT")]
#[case("cursor=MWFhZGE%3D", "/cursor INVALID_FORMAT")]
#[case(&format!("cursor={BEFORE_BOB}"), "/cursor INVALID_FORMAT")]
#[case(&format!("order_direction=desc&cursor={AFTER_ADA}"), "/cursor INVALID_FORMAT")]
#[case(&format!("offset=1&cursor={AFTER_ADA}"), "/offset MUTUALLY_EXCLUSIVE")]
#[case("email=%FF", "/email INVALID_FORMAT")]
#[case("username=", "/username BLANK")]
#[case("active=", "/active INVALID_TYPE")]
#[case("Limit=1", "/Limit UNKNOWN_PARAMETER")]
#[case("=", "/ UNKNOWN_PARAMETER")]
fn what_is_wrong_is_told_with_its_place(#[case] query: &str, #[case] error: &str) {
    let answer = Wire::start().get(&format!("/v1/users?{query}"));
    assert_eq!((answer.status, answer.code().as_str()), (422, "VALIDATION_ERROR"));
    assert_eq!(answer.errors(), [error]);
}

#[test]
fn leniency_ignores_unknown_parameters_and_nothing_else() {
    let wire = Wire::start();
    let lenient = |query: &str, body: &str| {
        wire.send(&format!("GET /v1/users{query}"), "prefer: handling=lenient\r\n", body)
    };
    let answer = lenient("?sort=name&limit=1", "");
    assert_eq!((answer.status, answer.header("preference-applied")), (200, Some("handling=lenient")));
    // Whoever follows the link need not ask for leniency again.
    let link = format!(r#"</v1/users?limit=1&cursor={AFTER_ADA}>; rel="next""#);
    assert_eq!(answer.header("link"), Some(link.as_str()));
    assert_eq!(lenient("", r#"{"sort":"name","limit":1}"#).status, 200);
    assert_eq!(lenient("?sort=name&limit=0", "").errors(), ["/limit OUT_OF_RANGE"]);
}

#[test]
fn a_flood_of_parameters_is_told_in_100_entries() {
    let pairs: Vec<_> = (0..2_000).map(|number| format!("p{number}&limit=1")).collect();
    let answer = Wire::start().get(&format!("/v1/users?{}", pairs.join("&")));
    assert_eq!(answer.status, 422);
    let errors = answer.errors();
    assert_eq!(errors.len(), 100);
    assert_eq!(
        (errors[98].as_str(), errors[99].as_str()),
        ("/limit DUPLICATE_PARAMETER", " UNKNOWN_PARAMETER")
    );
}

/// A user whose members are as large as they get: the longest page must still be written.
#[test]
fn a_page_of_the_largest_users_is_whole() {
    let wire = Wire::start();
    let bio = "\u{1F980}".repeat(4096);
    for number in 0..60 {
        assert_eq!(wire.post(&format!(r#"{{"id":"l{number}","bio":"{bio}"}}"#)).status, 201);
    }
    let answer = wire.get("/v1/users?limit=200");
    assert_eq!(ids(&answer).len(), 62);
    assert!(answer.body.len() > 60 * 4 * 4096);
}
