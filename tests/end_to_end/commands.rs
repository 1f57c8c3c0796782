//! The commands of the binary besides `users serve`.

use std::fs;
use std::path::Path;
use std::thread;

use users_tests::{Database, Service, TestDatabase, on_both_databases, until, users, users_writing};

on_both_databases!(
    migrations_are_listed_and_applied_once,
    copies_that_start_at_once_share_the_work,
    a_token_stands_alone_on_standard_output,
    tokens_are_listed_without_their_secrets_and_revoked,
    a_rotated_token_goes_on_for_the_overlap,
    tokens_need_the_schema,
    a_schema_that_is_ahead_is_left_alone,
    without_migrating_the_service_waits_for_the_schema,
);

/// The names of the migrations that there are for a database, in their order.
fn migrations(database: Database) -> Vec<String> {
    let folder = match database {
        Database::Sqlite => "sqlite",
        Database::Postgres => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// A database that is there, and has nothing of the service.
fn without_schema(kind: Database) -> TestDatabase {
    let database = TestDatabase::create(kind);
    database.execute("CREATE TABLE notes (note text)");
    database
}

fn migrations_are_listed_and_applied_once(kind: Database) {
    let database = without_schema(kind);
    let lines = |word| migrations(kind).iter().flat_map(|name| [word, "  ", name, "\n"]).collect::<String>();
    let status = users(&database, "migrate --status", &[]);
    assert_eq!((status.code, status.stdout), (Some(3), lines("missing")));
    assert_eq!(users(&database, "migrate", &[]).success(), lines("applied"));
    assert_eq!(users(&database, "migrate --status", &[]).success(), lines("applied"));

    let again = users(&database, "migrate", &[]);
    assert_eq!(again.messages(), ["The database has every migration already."]);
    assert_eq!(again.success(), "");
}

fn copies_that_start_at_once_share_the_work(kind: Database) {
    let database = TestDatabase::create(kind);
    let applied = thread::scope(|scope| {
        let copies = [(); 4].map(|()| scope.spawn(|| users(&database, "migrate", &[]).success()));
        copies.map(|copy| copy.join().unwrap()).concat()
    });
    assert_eq!(applied.lines().count(), migrations(kind).len(), "each is applied once:\n{applied}");
}

fn a_token_stands_alone_on_standard_output(database: Database) {
    let service = Service::start(database);
    let create = |flags: &str| users(service.database(), &format!("token create --name crm {flags}"), &[]);
    let created = create("--scope users:read,users:write");
    let (token, rest) = created.stdout.split_once('\n').unwrap();
    assert_eq!(rest, "");
    let id = token.split('_').nth(1).unwrap();
    let note = format!(
        "Token {id} for \"crm\" with users:read,users:write, without expiry. Keep it safe: it is not shown again."
    );
    assert_eq!((created.code, created.messages()), (Some(0), vec![note.as_str()]));
    assert_eq!(service.anonymous().authorized(&format!("Token {token}")).get("/v1/users/nobody").status, 404);

    assert!(create("--scope users:read --expires 90d").messages().concat().contains(", until 2"));
    // What cannot be read is refused with what could, and nothing on standard output.
    for flags in ["--scope users:all", "--scope users:read --expires soon"] {
        let refused = create(flags);
        assert_eq!((refused.code, refused.stdout.as_str()), (Some(2), ""), "{refused:?}");
    }
    let period = create("--scope users:read --expires 1s").failure(1);
    assert_eq!(period, "users: --expires must be 1m to 3650d, not 1s");
}

fn tokens_are_listed_without_their_secrets_and_revoked(database: Database) {
    let service = Service::start(database);
    let (_, rest) = service.token().split_once('_').unwrap();
    let (id, secret) = rest.split_once('_').unwrap();
    let list = || users(service.database(), "token list", &[]).success();
    let listed = list();
    let line = listed.lines().find(|line| line.starts_with(id)).unwrap();
    assert!(line.contains(" valid ") && line.ends_with(" test"), "{line}");
    assert!(!listed.contains(secret), "{listed}");
    // Whoever does not ask for the development token gets none.
    assert_eq!(listed.lines().count(), 2, "{listed}");

    let revoke = |id: &str| users(service.database(), &format!("token revoke {id}"), &[]);
    assert_eq!(revoke(id).messages(), [format!("Token {id} is revoked.")]);
    assert!(list().contains(" revoked "));
    let unknown = revoke("nobody").failure(1);
    assert_eq!(
        unknown,
        "users: there is no token with the id or the name \"nobody\"; `users token list` shows all"
    );
}

fn a_rotated_token_goes_on_for_the_overlap(database: Database) {
    let service = Service::start(database);
    let rotate = |arguments: &str| users(service.database(), &format!("token rotate {arguments}"), &[]);
    let id = |token: &str| token.split('_').nth(1).unwrap().to_owned();
    let old = id(service.token());
    let rotated = rotate(&old);
    let new = rotated.stdout.trim_end();
    assert_eq!(
        rotated.messages()[1],
        format!(
            "Token {} for \"test\" with users:read,users:write,users:delete, without expiry. Keep it safe: it is not shown again.",
            id(new),
        )
    );
    assert!(rotated.messages()[0].starts_with(&format!("Token {old} is accepted until 2")), "{rotated:?}");
    let asks = |token: &str| {
        let client = service.anonymous().authorized(&format!("Token {token}"));
        client.get("/v1/users/nobody").status
    };
    assert_eq!([asks(service.token()), asks(new)], [404, 404]);

    let ambiguous = rotate("test").failure(1);
    assert!(ambiguous.starts_with("users: more than one valid token has the name \"test\""), "{ambiguous}");
    let newest = rotate(&format!("{} --overlap 0s --expires 90d", id(new))).success();
    let list = users(service.database(), "token list", &[]).success();
    let states: Vec<_> = list.lines().skip(1).map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(states, ["valid", "expired", "valid"], "{list}");
    assert_eq!(asks(newest.trim_end()), 404);
    until("the token without overlap is refused", || (asks(new) == 401).then_some(()));

    let over = rotate(&id(new)).failure(1);
    assert_eq!(
        over,
        format!(
            "users: the token \"{}\" was revoked or has expired; `users token create` makes another",
            id(new)
        )
    );
    let unknown = rotate("nobody").failure(1);
    assert_eq!(
        unknown,
        "users: there is no token with the id or the name \"nobody\"; `users token list` shows all"
    );
    // A whole token is not repeated.
    let sentence = "users: give the id of the token alone: the part between usr_ and the next _";
    assert_eq!(rotate("usr_nobody_secret").failure(1), sentence);
    assert_eq!(users(service.database(), "token revoke usr_nobody_secret", &[]).failure(1), sentence);
    let period = rotate(&format!("{old} --overlap 366d")).failure(1);
    assert_eq!(period, "users: --overlap must be 0ms to 365d, not 366d");
    let after = users(service.database(), "token list", &[]).success();
    assert_eq!(after.lines().count(), list.lines().count(), "what is refused makes no token: {after}");
}

#[test]
fn a_token_for_nobody_is_warned_of() {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    let made = users(&database, "token create --name phone --user ada", &[]);
    assert!(made.messages()[0].starts_with("Warning: there is no user with the id \"ada\"."), "{made:?}");
    made.success();
}

#[test]
fn a_variable_that_is_no_setting_is_told_of_by_every_command() {
    let database = TestDatabase::create(Database::Sqlite);
    let outcome = users(&database, "migrate", &[("USERS_STATMENT_TIMEOUT", "1s")]);
    assert!(outcome.stderr.contains("USERS_STATMENT_TIMEOUT"), "{outcome:?}");
    outcome.success();
}

/// Who has forgotten to say which database must not get one that nobody else knows.
#[test]
fn commands_make_no_database() {
    let database = TestDatabase::create(Database::Sqlite);
    let path = database.url().strip_prefix("sqlite:").unwrap();
    for (arguments, code) in [
        ("token list", 1),
        ("token create --name x --scope users:read", 1),
        ("migrate --status", 1),
        ("export -", 2),
        ("user get ada", 2),
    ] {
        let sentence = users(&database, arguments, &[]).failure(code);
        assert_eq!(
            sentence,
            format!(
                "users: there is no SQLite database {path}: DATABASE_URL (--database-url) names another, \
                 `users migrate` makes this one"
            )
        );
        assert!(!Path::new(path).exists(), "{arguments}");
    }
}

/// What nobody has seen can be found, so as to be revoked.
#[test]
fn a_token_that_cannot_be_shown_is_named() {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let told = users_writing(&database, "token create --name x --scope users:read", full).failure(1);
    let list = users(&database, "token list", &[]).success();
    let id = list.lines().nth(1).unwrap().split(' ').next().unwrap();
    assert!(told.contains(&format!("`users token revoke {id}`")), "{told}");
}

fn tokens_need_the_schema(database: Database) {
    let database = without_schema(database);
    for arguments in
        ["token create --name x --scope users:read", "token list", "token rotate x", "token revoke x"]
    {
        let sentence = users(&database, arguments, &[]).failure(1);
        assert_eq!(
            sentence,
            "users: the database's schema is behind this version of the service: run `users migrate` first"
        );
    }
}

fn a_schema_that_is_ahead_is_left_alone(database: Database) {
    let database = TestDatabase::create(database);
    users(&database, "migrate", &[]).success();
    database.execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')");
    for arguments in ["migrate", "serve --listen 127.0.0.1:0"] {
        let sentence = users(&database, arguments, &[]).failure(1);
        assert_eq!(
            sentence,
            "users: the database's schema is ahead of this version of the service: \
             it has the unknown migration 20991231000000. A later version has migrated it; \
             `users serve --no-migrate` serves it as it is"
        );
    }

    let status = users(&database, "migrate --status", &[]);
    assert_eq!(status.code, Some(4));
    assert_eq!(status.stdout.lines().last(), Some("unknown  20991231000000"));

    // The way back to this version, when the later one has to be taken back.
    let service = Service::start_on(database, &["--no-migrate"]).with_token();
    let checks = service.anonymous().get("/readyz").json()["checks"].clone();
    assert_eq!(checks["schema"], serde_json::json!({ "status": "ok", "cause": "ahead" }));
    assert_eq!(service.client().post("{}").status, 201);
}

fn without_migrating_the_service_waits_for_the_schema(database: Database) {
    let service = Service::start_on(TestDatabase::create(database), &["--no-migrate"]);
    let waiting = service.anonymous().get("/readyz");
    assert_eq!((waiting.status, &waiting.json()["code"]), (503, &"SERVICE_UNAVAILABLE".into()));
    let detail = waiting.json()["detail"].to_string();
    assert!(detail.contains("users migrate"), "{detail}");

    users(service.database(), "migrate", &[]).success();
    let service = service.with_token();
    assert_eq!(service.client().post("{}").status, 201);
}

#[test]
fn the_version_names_everything_that_a_report_needs() {
    let database = TestDatabase::create(Database::Sqlite);
    let told = users(&database, "--version", &[]).success();
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 5, "{told}");
    for (line, begin) in lines.iter().zip(["users ", "revision ", "rustc 1.", "libpq 5.", "SQLite 3."]) {
        assert!(line.starts_with(begin), "{told}");
    }
    assert_eq!(users(&database, "-V", &[]).success().lines().count(), 1);
}

#[test]
fn tokens_that_are_over_are_pruned() {
    let database = TestDatabase::create(Database::Sqlite);
    users(&database, "migrate", &[]).success();
    for name in ["kept", "over"] {
        users(&database, &format!("token create --name {name} --scope users:read"), &[]).success();
    }
    users(&database, "token revoke over", &[]).success();
    let pruned = users(&database, "token prune", &[]);
    assert_eq!(pruned.messages(), ["Removed 0 tokens."]);
    let pruned = users(&database, "token prune --older-than 0s", &[]);
    assert_eq!(pruned.messages(), ["Removed 1 token."]);
    let left = users(&database, "token list --json", &[]).success();
    assert!(left.lines().count() == 1 && left.contains("\"kept\""), "{left}");
}
