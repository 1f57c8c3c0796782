//! Self-service tokens, from the command that makes one to what it can do.

use users_tests::{Answer, Client, Database, Service, on_both_databases, until, users};

use crate::expected::Refusal;

on_both_databases!(
    a_self_service_token_is_made_shown_and_rotated,
    its_owner_reads_and_updates_oneself_and_nobody_else,
    a_deleted_users_tokens_are_over,
    a_schema_without_self_service_lets_such_tokens_do_nothing,
);

const JSON: &str = "content-type: application/json";
const PATCH: &str = "content-type: application/json-patch+json";

fn service(database: Database) -> Service {
    let service = Service::start(database);
    service.client().create(r#"{"id":"ada","username":"ada","email":"ada@example.org"}"#);
    service.client().create(r#"{"id":"bob","username":"bob","email":"bob@example.org"}"#);
    service
}

/// Makes a token for `ada`, with these flags besides.
fn create(service: &Service, flags: &str) -> String {
    let arguments = format!("token create --name phone --user ada {flags}");
    users(service.database(), &arguments, &[]).success().trim_end().to_owned()
}

fn client(service: &Service, token: &str) -> Client {
    service.anonymous().authorized(&format!("Token {token}"))
}

fn id(token: &str) -> &str {
    token.split('_').nth(1).unwrap()
}

/// The next user with the id is not the one that the token was made for.
fn a_deleted_users_tokens_are_over(database: Database) {
    let service = service(database);
    let tokens: Vec<_> = ["", "--may-set bio"].iter().map(|flags| create(&service, flags)).collect();
    let write = client(&service, &tokens[0]).put("/v1/users/ada", r#"{"bio":"mine"}"#);
    assert_eq!(write.status, 200);
    for deletion in ["DELETE /v1/users/ada", "DELETE /v1/users/bulk"] {
        let body = if deletion.ends_with("bulk") { r#"{"ids":["ada"]}"# } else { "" };
        assert_eq!(service.client().send(deletion, &[JSON], body).status, 200, "{deletion}");
        service.client().create(r#"{"id":"ada","bio":"somebody else"}"#);
    }
    for token in &tokens {
        let client = client(&service, token);
        until("the token is over", || (client.get("/v1/users/ada").status == 401).then_some(()));
    }
    let listed = users(service.database(), "token list", &[]).success();
    assert_eq!(listed.matches("revoked").count(), tokens.len(), "{listed}");
}

#[track_caller]
fn assert_forbidden(answer: &Answer, pointers: &[&str]) {
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (403, &"INSUFFICIENT_PERMISSIONS".into()),
        "{answer:?}"
    );
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let named: Vec<_> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(named, pointers);
}

fn a_self_service_token_is_made_shown_and_rotated(database: Database) {
    let service = service(database);
    let arguments = "token create --name phone --user ada --may-set bio,avatar --expires 90d";
    let created = users(service.database(), arguments, &[]);
    let token = created.stdout.trim_end();
    let note = format!("Token {} for \"phone\" with self-service of ada: avatar,bio, until 2", id(token));
    assert!(created.messages().concat().starts_with(&note), "{created:?}");

    let rotated = users(service.database(), &format!("token rotate {}", id(token)), &[]);
    let successor = rotated.stdout.trim_end();
    assert!(
        rotated.messages().concat().contains("with self-service of ada: avatar,bio, until 2"),
        "{rotated:?}"
    );
    for token in [token, successor] {
        let client = client(&service, token);
        assert_eq!(client.put("/v1/users/ada", r#"{"bio":"x"}"#).status, 200);
        assert_forbidden(&client.put("/v1/users/ada", r#"{"title":"x"}"#), &["/title"]);
        assert_eq!(client.get("/v1/users/bob").status, 404);
    }
    let list = users(service.database(), "token list", &[]).success();
    assert_eq!(list.matches("  self-service of ada: avatar,bio  ").count(), 2, "{list}");

    for flags in
        ["--user ada --may-set active", "--user ada --scope users:read", "--user bulk", "--may-set bio"]
    {
        let refused = users(service.database(), &format!("token create --name x {flags}"), &[]);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    }
}

fn its_owner_reads_and_updates_oneself_and_nobody_else(database: Database) {
    let service = service(database);
    let ada = client(&service, &create(&service, ""));
    let read = ada.get("/v1/users/ada");
    assert_eq!((read.status, &read.json()["username"]), (200, &"ada".into()));

    let etag = format!("if-match: {}", read.etag());
    let body = r#"{"bio":"x","phone":"+49 30 1234567"}"#;
    let tried = ada.send("PUT /v1/users/ada?dry_run=true", &[JSON], body);
    let written = ada.send("PUT /v1/users/ada", &[JSON, &etag, "idempotency-key: k"], body);
    let again = ada.send("PUT /v1/users/ada", &[JSON, &etag, "idempotency-key: k"], body);
    assert_eq!([tried.status, written.status, again.status], [200; 3]);
    assert_eq!((&tried.body, &again.body), (&written.body, &written.body));
    let copy =
        r#"[{"op":"test","path":"/active","value":true},{"op":"copy","from":"/username","path":"/title"}]"#;
    assert_eq!(ada.send("PATCH /v1/users/ada", &[PATCH], copy).json()["title"], "ada");

    for member in ["active", "email", "username", "organization", "regions", "last_seen", "last_typed"] {
        let pointer = format!("/{member}");
        let body = format!(r#"{{"bio":"y","{member}":null}}"#);
        assert_forbidden(&ada.put("/v1/users/ada", &body), &[&pointer]);
        let merge = ["content-type: application/merge-patch+json"];
        assert_forbidden(&ada.send("PATCH /v1/users/ada", &merge, &body), &[&pointer]);
        // It is judged by what changes, and most of these are null already.
        let patch = format!(r#"[{{"op":"replace","path":"/{member}","value":"x"}}]"#);
        assert_forbidden(&ada.send("PATCH /v1/users/ada", &[PATCH], patch), &["/0/value"]);
    }
    for request in [
        "GET /v1/users",
        "GET /v1/users/count",
        "GET /v1/users/search?query=a",
        "POST /v1/users",
        "PUT /v1/users/bulk",
        "DELETE /v1/users/ada",
        "DELETE /v1/users/bob",
        "DELETE /v1/users/eve",
    ] {
        assert_forbidden(&ada.send(request, &[JSON], "{}"), &[]);
    }

    let tag = service.client().get("/v1/users/bob").etag().to_owned();
    for user in ["bob", "eve"] {
        let path = format!("/v1/users/{user}");
        for header in ["if-match: *", "if-none-match: *", &format!("if-match: {tag}"), "idempotency-key: k"] {
            for (method, kind, body) in
                [("GET", JSON, ""), ("PUT", JSON, "{}"), ("PUT", JSON, "{"), ("PATCH", PATCH, "[]")]
            {
                let answer = ada.send(&format!("{method} {path}"), &[kind, header], body);
                let detail = "There is no user with this id.";
                let (code, title) = ("RESOURCE_NOT_FOUND", "Not found");
                Refusal { status: 404, code, title, detail, instance: &path, errors: &[] }
                    .assert_is(&answer, &[]);
            }
        }
    }
    assert_eq!(service.client().get("/v1/users/bob").etag(), tag);
}

/// As it is seen by a version of the service that knows nothing of such tokens, which runs beside this one for a while.
fn a_schema_without_self_service_lets_such_tokens_do_nothing(database: Database) {
    let service = service(database);
    let token = create(&service, "");
    service.database().execute("UPDATE tokens SET user_id = NULL, may_set = NULL WHERE name = 'phone'");
    let ada = client(&service, &token);
    for path in ["/v1/users/ada", "/v1/users/bob", "/v1/users"] {
        assert_forbidden(&ada.get(path), &[]);
    }
    assert_forbidden(&ada.put("/v1/users/ada", r#"{"bio":"x"}"#), &[]);
}
