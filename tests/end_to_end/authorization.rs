//! Who is let in, and what they are told who are not.

use std::thread;
use std::time::{Duration, Instant};

use users_tests::{Answer, Database, Service, on_both_databases, until, users};

use crate::expected::Refusal;

on_both_databases!(
    both_schemes_are_read_in_any_case,
    whoever_shows_no_token_is_told_how,
    what_is_no_token_of_the_service_is_refused,
    an_expired_token_is_told_from_an_unknown_one,
    a_scope_allows_what_it_names_and_no_more,
    a_revoked_token_is_refused_within_five_seconds,
    a_revocation_reaches_every_copy_within_five_seconds,
    the_database_has_no_secret,
);

const TOKEN_SCHEME: &str = r#"www-authenticate: Token realm="users""#;
const BEARER_SCHEME: &str = r#"www-authenticate: Bearer realm="users""#;
const INVALID: &str = r#"www-authenticate: Bearer realm="users", error="invalid_token""#;

/// The path of a user whom nobody made: who may ask is told 404.
const PATH: &str = "/v1/users/ada";

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str, title: &str, detail: &str, challenge: &[&str]) {
    Refusal { status, code, title, detail, instance: PATH, errors: &[] }.assert_is(answer, challenge);
}

#[track_caller]
fn assert_invalid(answer: &Answer) {
    let detail = "The token is not one of this service, or was revoked.";
    assert_refused(
        answer,
        401,
        "INVALID_API_KEY",
        "The token is not valid",
        detail,
        &[TOKEN_SCHEME, INVALID],
    );
}

fn both_schemes_are_read_in_any_case(database: Database) {
    let service = Service::start(database);
    for scheme in ["Token", "Bearer", "token", "bearer", "TOKEN", "bEARER", "Token  "] {
        let client = service.anonymous().authorized(&format!("{scheme} {}", service.token()));
        assert_eq!(client.get(PATH).status, 404, "{scheme}");
    }
}

fn whoever_shows_no_token_is_told_how(database: Database) {
    let service = Service::start(database);
    let client = service.anonymous();
    for answer in [client.get(PATH), client.put(PATH, "{}"), client.put(PATH, "no JSON")] {
        let detail = "Send a token: Authorization: Token <token>.";
        let challenge = [TOKEN_SCHEME, BEARER_SCHEME];
        assert_refused(&answer, 401, "MISSING_API_KEY", "A token is missing", detail, &challenge);
    }
    for path in ["/livez", "/readyz", "/openapi.json", "/docs/errors"] {
        assert_eq!(client.get(path).status, 200, "{path}");
    }
}

fn what_is_no_token_of_the_service_is_refused(database: Database) {
    let service = Service::start(database);
    let token = service.token();
    for (authorization, detail) in [
        (token, "The scheme is missing before the token: send Authorization: Token <token>."),
        (
            &format!("Basic {token}"),
            "The scheme of Authorization must be Token or Bearer: send Authorization: Token <token>.",
        ),
    ] {
        let answer = service.anonymous().authorized(authorization).get(PATH);
        let title = "The token is not valid";
        assert_refused(&answer, 401, "INVALID_API_KEY", title, detail, &[TOKEN_SCHEME, INVALID]);
    }
    let secret = "0".repeat(64);
    let (start, _) = token.rsplit_once('_').unwrap();
    let wrong = [
        "",
        "Token",
        "Token ",
        "Token garbage",
        &format!("Token{token}"),
        &format!("Token {token}0"),
        &format!("Token {}", token.to_uppercase()),
        &format!("Token {token}, Token {token}"),
        // Another secret under an id that there is, and an id that there is not.
        &format!("Token {start}_{secret}"),
        &format!("Token usr_nobody_{secret}"),
    ];
    for authorization in wrong {
        assert_invalid(&service.anonymous().authorized(authorization).get(PATH));
    }
    let twice = format!("authorization: Token {token}");
    assert_invalid(&service.anonymous().send(&format!("GET {PATH}"), &[&twice, &twice], ""));
}

fn an_expired_token_is_told_from_an_unknown_one(database: Database) {
    let service = Service::start(database);
    let arguments = "token create --name old --scope users:read --expires 1m";
    let token = users(service.database(), arguments, &[]).success();
    let long_ago = match database {
        Database::Sqlite => "1000000",
        Database::Postgres => "'1970-01-01T00:00:01Z'",
    };
    service.database().execute(&format!("UPDATE tokens SET expires_at = {long_ago} WHERE name = 'old'"));
    let answer = service.anonymous().authorized(&format!("Token {}", token.trim_end())).get(PATH);
    let (code, title) = ("EXPIRED_API_KEY", "The token has expired");
    assert_refused(&answer, 401, code, title, "The token has expired.", &[TOKEN_SCHEME, INVALID]);
    assert!(users(service.database(), "token list", &[]).success().contains("  expired  "));
}

fn a_scope_allows_what_it_names_and_no_more(database: Database) {
    let service = Service::start(database);
    service.client().create(r#"{"id":"ada"}"#);
    let client_with =
        |scopes| service.anonymous().authorized(&format!("Token {}", service.create_token(scopes)));
    let (reader, writer, deleter) =
        (client_with("users:read"), client_with("users:write"), client_with("users:delete"));
    assert_eq!(reader.get(PATH).status, 200);
    assert_eq!(writer.put(PATH, r#"{"title":"x"}"#).status, 200);
    assert_eq!(writer.post(r#"{"id":"bob"}"#).status, 201);
    let refusals = [
        (reader.put(PATH, r#"{"title":"y"}"#), "users:write"),
        (reader.put(PATH, "no JSON"), "users:write"),
        (writer.get(PATH), "users:read"),
        (deleter.get(PATH), "users:read"),
        (deleter.put(PATH, r#"{"title":"y"}"#), "users:write"),
    ];
    for (answer, scope) in refusals {
        let (code, title) = ("INSUFFICIENT_PERMISSIONS", "The token does not allow this");
        let detail = format!("The token does not have the scope {scope}.");
        let challenge =
            format!(r#"www-authenticate: Bearer realm="users", error="insufficient_scope", scope="{scope}""#);
        assert_refused(&answer, 403, code, title, &detail, &[&challenge]);
    }
    assert_eq!(service.client().get(PATH).json()["title"], "x");
}

fn a_revoked_token_is_refused_within_five_seconds(database: Database) {
    let service = Service::start(database);
    let client = service.client();
    assert_eq!(client.get(PATH).status, 404);
    let id = service.token().split('_').nth(1).unwrap();
    let revoked = users(service.database(), &format!("token revoke {id}"), &[]);
    assert_eq!((revoked.code, revoked.stdout.as_str()), (Some(0), ""), "{revoked:?}");

    let start = Instant::now();
    let refusal = until("the token is refused", || {
        let late = start.elapsed() > Duration::from_secs(5);
        let answer = client.get(PATH);
        assert!(answer.status == 401 || !late, "still let in: {answer:?}");
        (answer.status == 401).then_some(answer)
    });
    assert_invalid(&refusal);
    assert!(users(service.database(), "token list", &[]).success().contains("  revoked  "));
}

/// Both copies go on being asked, so that each remembers the token all along.
fn a_revocation_reaches_every_copy_within_five_seconds(database: Database) {
    let first = Service::start(database);
    let second = first.start_copy();
    let token = first.create_token("users:read");
    let clients = [&first, &second].map(|copy| copy.anonymous().authorized(&format!("Token {token}")));
    for client in &clients {
        assert_eq!(client.get(PATH).status, 404);
    }
    let id = token.split('_').nth(1).unwrap();
    users(first.database(), &format!("token revoke {id}"), &[]).success();
    let revoked = Instant::now();
    thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| {
                let refused = until("the token is refused", || {
                    let asked = revoked.elapsed();
                    let answer = client.get(PATH);
                    assert!(
                        answer.status == 401 || asked <= Duration::from_secs(5),
                        "let in after {asked:?}"
                    );
                    (answer.status == 401).then_some(answer)
                });
                assert_invalid(&refused);
                // And it stays so.
                assert_invalid(&client.get(PATH));
            });
        }
    });
    assert_eq!(first.client().get(PATH).status, 404, "other tokens are as they were");
}

fn the_database_has_no_secret(database: Database) {
    let service = Service::start(database);
    assert_eq!(service.client().get(PATH).status, 404);
    let token = service.token();
    let (_, secret) = token.rsplit_once('_').unwrap();
    let bytes = bytes_of(secret);
    let kept = service.database().tokens();
    let holds = |part: &[u8]| kept.windows(part.len()).any(|window| window == part);
    assert!(holds(token.split('_').nth(1).unwrap().as_bytes()), "the id is kept");
    assert!(!holds(secret.as_bytes()) && !holds(&bytes) && !holds(token.as_bytes()), "the secret is not");
}

/// The bytes that these hexadecimal digits stand for.
fn bytes_of(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
}
