//! `PUT /v1/users/{id}`, besides what it does to each member.

use users_tests::{Database, Service, on_both_databases};

use crate::expected::{Refusal, user};

on_both_databases!(
    what_get_gave_can_be_put_back,
    the_own_username_is_no_conflict,
    an_unknown_user_is_not_created,
    an_id_is_what_its_caller_chose,
    the_documented_sample_is_refused_member_by_member,
    a_precondition_is_checked,
    a_username_is_taken_in_every_case_and_width,
);

const ADA: &str = r#"{"id":"ada","title":"Countess","username":"Ada","last_seen":"2026-10-31T08:15:30.25Z"}"#;

fn what_get_gave_can_be_put_back(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(ADA);
    client.put("/v1/users/ada", r#"{"bio":"Line\nbreak","active":false,"birthday":"1915-12-10"}"#);

    let got = client.get("/v1/users/ada");
    let put = client.put("/v1/users/ada", &got.body);
    assert_eq!(put.status, 200);
    assert_eq!(put.etag(), got.etag());
    assert_eq!(put.header("last-modified"), got.header("last-modified"));
    assert_eq!(put.body, got.body);
    // Nothing was written that a reader could see.
    assert_eq!(client.get("/v1/users/ada"), got);

    let etag = format!("if-none-match: {}", got.etag());
    let unchanged = client.send("GET /v1/users/ada", &[&etag], "");
    assert_eq!((unchanged.status, unchanged.body.as_str()), (304, ""));
}

fn the_own_username_is_no_conflict(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let created = client.create(ADA);
    let again = client.put("/v1/users/ada", r#"{"username":"Ada"}"#);
    assert_eq!((again.status, again.etag()), (200, created.etag()));
    let other_case = client.put("/v1/users/ada", r#"{"username":"ADA"}"#);
    assert_eq!((other_case.status, &other_case.json()["username"]), (200, &"ADA".into()));
    assert_ne!(other_case.etag(), created.etag());
}

fn an_unknown_user_is_not_created(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let missing = Refusal {
        status: 404,
        code: "RESOURCE_NOT_FOUND",
        title: "Not found",
        detail: "There is no user with this id.",
        instance: "/v1/users/nobody",
        errors: &[],
    };
    missing.assert_is(&client.put("/v1/users/nobody", r#"{"title":"x"}"#), &[]);
    missing.assert_is(&client.put("/v1/users/nobody", r#"{"id":"nobody","username":"free"}"#), &[]);
    missing.assert_is(&client.get("/v1/users/nobody"), &[]);
    // Nor was the username taken.
    client.create(r#"{"username":"free"}"#);
}

fn an_id_is_what_its_caller_chose(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let longest = "a".repeat(128);
    for id in [longest.as_str(), "A.b_c~d:e@f-g", "...", "null", "0"] {
        let path = format!("/v1/users/{id}");
        let created = client.create(format!(r#"{{"id":"{id}"}}"#));
        assert_eq!(created.header("location"), Some(path.as_str()));
        let updated = client.put(&path, format!(r#"{{"id":"{id}","title":"x"}}"#));
        assert_eq!(updated.body, user(id, &[("title", r#""x""#.to_owned())]));
    }
    // A number is read as its decimal text, however many digits it has.
    let number = "123456789012345678901234567890";
    client.create(format!(r#"{{"id":{number}}}"#));
    let updated = client.put(&format!("/v1/users/{number}"), format!(r#"{{"id":{number},"title":"x"}}"#));
    assert_eq!(updated.body, user(number, &[("title", r#""x""#.to_owned())]));
    // Case counts.
    assert_eq!(client.put("/v1/users/a.B_C~D:E@F-G", "{}").status, 404);

    let too_long = format!("{longest}a");
    for id in [too_long.as_str(), "", ".", "..", "a b", "a/b", "ä", "search"] {
        let refused = client.post(format!(r#"{{"id":"{id}"}}"#));
        assert_eq!((refused.status, &refused.json()["errors"][0]["pointer"]), (422, &"/id".into()), "{id}");
    }
}

fn the_documented_sample_is_refused_member_by_member(database: Database) {
    let sample = r#"{
      "user_group_id": "example_1",
      "name": "Example 1",
      "mapping": {"40": "213", "134": "386"},
      "properties": {"filterValue": "value"}
  }"#;
    let service = Service::start(database);
    let client = service.client();
    let created = client.create(r#"{"id":"ada","bio":"x"}"#);
    let unknown = |name: &str| (format!("/{name}"), "UNKNOWN_MEMBER", "is not a member of a user");
    let refusal = Refusal {
        status: 422,
        code: "VALIDATION_ERROR",
        title: "The request breaks a rule",
        detail: "The body breaks 4 rules; the first: /user_group_id is not a member of a user.",
        instance: "/v1/users/ada",
        errors: &["user_group_id", "name", "mapping", "properties"].map(unknown),
    };
    refusal.assert_is(&client.put("/v1/users/ada", sample), &[]);

    let headers = ["content-type: application/json", "prefer: handling=lenient"];
    let lenient = client.send("PUT /v1/users/ada", &headers, sample);
    assert_eq!((lenient.status, lenient.header("preference-applied")), (200, Some("handling=lenient")));
    assert_eq!((&lenient.body, lenient.etag()), (&created.body, created.etag()));

    let mixed = client.send("PUT /v1/users/ada", &headers, r#"{"name":"x","title":"Countess"}"#);
    let members = [("bio", r#""x""#.to_owned()), ("title", r#""Countess""#.to_owned())];
    assert_eq!(mixed.body, user("ada", &members));
}

fn a_precondition_is_checked(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    let first = client.create(r#"{"id":"ada"}"#);
    let put = |condition: &str, body: &str| client.send("PUT /v1/users/ada", &[condition], body);

    let second = put(&format!("if-match: {}", first.etag()), r#"{"title":"Countess"}"#);
    assert_eq!(second.status, 200);
    let refusal = Refusal {
        status: 412,
        code: "PRECONDITION_FAILED",
        title: "A condition of the request does not hold",
        detail: "The user is in another version than the request asks for; ETag tells which.",
        instance: "/v1/users/ada",
        errors: &[],
    };
    let current = format!("etag: {}", second.etag());
    // A stale tag is refused also where the update would change nothing.
    for body in [r#"{"title":"Lady"}"#, r#"{"title":"Countess"}"#, "{}"] {
        refusal.assert_is(&put(&format!("if-match: {}", first.etag()), body), &[&current]);
    }
    let weak = "If-Match has a weak entity tag (W/\"…\"), which never matches (RFC 9110, section 13.1.1). A proxy that \
                compresses answers makes tags weak: switch that off for this service, or send the tag without W/.";
    Refusal { detail: weak, ..refusal }
        .assert_is(&put(&format!("if-match: W/{}", second.etag()), "{}"), &[&current]);
    let listed = format!("if-match: \"a,b\", {}", second.etag());
    assert_eq!(put(&listed, "{}").etag(), second.etag());
    assert_eq!(put("if-match: *", "{}").status, 200);
    assert_eq!(client.send("PUT /v1/users/nobody", &["if-match: *"], "{}").status, 404);
}

fn a_username_is_taken_in_every_case_and_width(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada","username":"Ada"}"#);
    let bob = client.create(r#"{"id":"bob","username":"bob"}"#);
    let refusal = Refusal {
        status: 409,
        code: "RESOURCE_ALREADY_EXISTS",
        title: "Already taken",
        detail: "The username is taken by another user.",
        instance: "/v1/users/bob",
        errors: &[("/username".to_owned(), "ALREADY_TAKEN", "is the username of another user")],
    };
    for name in ["Ada", "ada", "ADA", "ＡＤＡ"] {
        let body = format!(r#"{{"username":"{name}","title":"x"}}"#);
        refusal.assert_is(&client.put("/v1/users/bob", body), &[]);
    }
    // The whole update was refused, not the username alone.
    assert_eq!(client.get("/v1/users/bob").etag(), bob.etag());
    // A name that is given up is free.
    client.put("/v1/users/ada", r#"{"username":null}"#);
    assert_eq!(client.put("/v1/users/bob", r#"{"username":"ADA"}"#).status, 200);
}
