//! `users import`, `users export` and `users user`, beside a service that runs on the same database.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use users_tests::{Database, Outcome, Service, TestDatabase, on_both_databases, users, users_reading};

on_both_databases!(
    an_export_is_imported_as_it_was,
    bad_lines_are_told_of_and_the_rest_is_loaded,
    an_import_can_be_run_again,
    rows_of_empty_cells_make_no_users,
    rows_by_the_thousand,
    only_what_a_filter_fits_is_exported,
    what_cannot_be_read_stops_an_import_before_it_begins,
    a_user_is_read_and_updated,
    an_update_that_is_refused_tells_why,
    a_dry_run_changes_nothing,
    a_user_is_deleted,
);

/// Users with texts that are easily mangled, and with null beside the empty text.
fn odd_users() -> Vec<Value> {
    vec![
        json!({"id": "a", "bio": "line\nbreak\t\"quoted\", 'so' \\ Ωmega 👩‍👧", "title": "", "organization": null}),
        json!({"id": "A", "location": " padded ", "regions": "=1+1", "active": false, "username": "Ωmega"}),
        json!({"id": "b", "avatar": "", "birthday": "1990-02-28", "last_seen": "2024-05-06T07:08:09.123456Z"}),
        json!({"id": "~", "email": "o'brien@example.org", "phone": "+44 20 7946 0018", "country": "Côte d'Ivoire"}),
        json!({"id": "8", "firstName": "Ada", "lastName": "L,\"ace", "twitter": "@ada", "title": "null"}),
    ]
}

fn path(database: &TestDatabase, name: &str) -> PathBuf {
    database.folder().join(name)
}

fn migrated(kind: Database) -> TestDatabase {
    let database = TestDatabase::create(kind);
    users(&database, "migrate", &[]).success();
    database
}

/// Runs `users import` on a file with this text.
fn import(database: &TestDatabase, name: &str, text: &str, flags: &str) -> Outcome {
    fs::write(path(database, name), text).unwrap();
    users(database, &format!("import {name} {flags}"), &[])
}

/// What the error file of an import tells: line, place and code of each entry.
fn told(database: &TestDatabase, name: &str) -> Vec<String> {
    let text = fs::read_to_string(path(database, name)).unwrap();
    let told = |line: &str| {
        let entry: Value = serde_json::from_str(line).unwrap();
        assert!(entry["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{line}");
        let place = [&entry["pointer"], &entry["column"]].into_iter().find_map(Value::as_str).unwrap_or("-");
        format!("{} {place} {}", entry["line"], entry["code"].as_str().unwrap())
    };
    text.lines().map(told).collect()
}

fn exported(database: &TestDatabase, flags: &str) -> Vec<Value> {
    let text = users(database, &format!("export - {flags}"), &[]).success();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn an_export_is_imported_as_it_was(kind: Database) {
    let service = Service::start(kind);
    for user in odd_users() {
        service.client().create(user.to_string());
    }
    let original = service.database();
    for name in ["users.ndjson", "users.csv"] {
        let written = users(original, &format!("export {name}"), &[]);
        assert!(written.messages().concat().starts_with("Wrote 5 users in "), "{written:?}");
        assert_eq!(written.success(), "");
        let text = fs::read_to_string(path(original, name)).unwrap();

        let copy = migrated(kind);
        let loaded = import(&copy, name, &text, "");
        assert!(loaded.messages().concat().ends_with("5 created, 0 updated; none rejected."), "{loaded:?}");
        assert_eq!(loaded.success(), "");
        users(&copy, &format!("export again-{name}"), &[]).success();
        assert_eq!(fs::read_to_string(path(&copy, &format!("again-{name}"))).unwrap(), text);
        assert!(!path(&copy, &format!("{name}.errors.ndjson")).exists());
        // In the order of the ids, byte by byte.
        let ids: Vec<_> = exported(&copy, "").iter().map(|user| user["id"].clone()).collect();
        assert_eq!(ids, ["8", "A", "a", "b", "~"]);
    }
    let mut wire = service.client().get("/v1/users").json();
    assert_eq!(wire["users"].take(), Value::from(exported(original, "")), "as the API has them");
}

fn bad_lines_are_told_of_and_the_rest_is_loaded(kind: Database) {
    let service = Service::start(kind);
    service.client().create(r#"{"id":"taken","username":"Grace"}"#);
    let database = service.database();

    let lines = [
        r#"{"id":"a","first_name":"Ada","username":"ada"}"#,
        r#"{"id":"b","email":"secret","nick":"secret"}"#,
        "",
        r#"{"id":"c","bio":"#,
        r#"{"id":"taken"}"#,
        r#"{"username":"ＧＲＡＣＥ"}"#,
        r#"{"id":"d","username":"ADA"}"#,
        r#"{"title":"no id"}"#,
        r#"{"id":"a"}"#,
        r#"{"id":"e","bio":"x","bio":"y"}"#,
    ];
    let outcome = import(database, "users.ndjson", &lines.join("\n"), "");
    assert_eq!(outcome.code, Some(1), "{outcome:?}");
    let summary = outcome.messages().concat();
    assert!(summary.starts_with("Loaded 2 users in "), "{summary}");
    assert!(
        summary.ends_with("2 created, 0 updated; 7 rejected: see users.ndjson.errors.ndjson."),
        "{summary}"
    );
    assert_eq!(
        told(database, "users.ndjson.errors.ndjson"),
        [
            "2 /email INVALID_FORMAT",
            "2 /nick UNKNOWN_MEMBER",
            "4 - MALFORMED_JSON",
            "5 /id RESOURCE_ALREADY_EXISTS",
            "6 /username RESOURCE_ALREADY_EXISTS",
            "7 /username RESOURCE_ALREADY_EXISTS",
            "9 /id RESOURCE_ALREADY_EXISTS",
            "10 /bio DUPLICATE_MEMBER",
        ]
    );
    let errors = fs::read_to_string(path(database, "users.ndjson.errors.ndjson")).unwrap();
    assert!(!errors.contains("secret"), "no value is repeated: {errors}");
    assert_eq!(service.client().get("/v1/users/a").json()["firstName"], "Ada");

    let csv = "id,e-mail\n";
    assert_eq!(import(database, "users.csv", csv, "").code, Some(2));
    let csv = "id,first_name,active\nx,\"Ada\nMaria\",TRUE\ny,,maybe\nz,Zoe\nw,,\n";
    assert_eq!(import(database, "users.csv", csv, "--errors bad.ndjson").code, Some(1));
    assert_eq!(
        told(database, "bad.ndjson"),
        [
            "2 first_name CONTROL_CHARACTER",
            "4 active INVALID_TYPE",
            "5 - COLUMN_COUNT",
            "6 active NOT_NULLABLE",
        ]
    );
}

/// Spreadsheets write such rows where something was cleared.
fn rows_of_empty_cells_make_no_users(database: Database) {
    let database = migrated(database);
    let text = "id,firstName,lastName\r\nz1,Ada,L\r\n,,\r\n,,\r\n";
    let outcome = import(&database, "users.csv", text, "");
    assert!(
        outcome.stderr.contains("1 created, 0 updated; none rejected; 2 empty rows skipped."),
        "{outcome:?}"
    );
    outcome.success();
    let exported = users(&database, "export -", &[]).success();
    assert_eq!(exported.lines().count(), 1, "{exported}");
}

fn an_import_can_be_run_again(kind: Database) {
    let database = migrated(kind);
    let first = "{\"id\":\"a\",\"bio\":\"1\",\"title\":\"kept\"}\n{\"id\":\"b\",\"bio\":\"2\"}\n";
    import(&database, "users.ndjson", first, "--upsert").success();
    let whole = "{\"id\":\"a\",\"bio\":\"3\"}\n{\"id\":\"b\",\"bio\":null}\n{\"id\":\"c\"}\n{\"id\":\"a\",\"bio\":\"4\"}\n{}\n";
    let outcome = users_reading(&database, "import - --upsert", whole);
    let messages = outcome.messages();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].ends_with("2 created, 3 updated; none rejected."), "{messages:?}");
    assert!(messages[1].starts_with("1 of the new users had no id in the file"), "{messages:?}");
    outcome.success();
    let users = exported(&database, "");
    let texts: Vec<_> = users.iter().map(|user| (user["bio"].clone(), user["title"].clone())).collect();
    assert_eq!(texts.len(), 4);
    assert!(texts.contains(&("4".into(), "kept".into())), "{texts:?}");
}

fn rows_by_the_thousand(kind: Database) {
    let database = migrated(kind);
    let lines: Vec<_> =
        (0..5000).map(|n| format!("{{\"id\":\"u{n}\",\"username\":\"name{}\"}}", n % 4000)).collect();
    let outcome = import(&database, "users.ndjson", &lines.join("\n"), "--errors -");
    assert_eq!(outcome.code, Some(1));
    let refused: Vec<_> =
        outcome.stderr.lines().filter(|line| line.contains("RESOURCE_ALREADY_EXISTS")).collect();
    assert_eq!(refused.len(), 11, "the later ones of those that share a name");
    assert!(refused[10].starts_with("{\"line\":4011,\"last_line\":5000,\"rows\":990,"), "{}", refused[10]);
    assert!(outcome.stderr.contains("{\"line\":4001,\"pointer\":\"/username\""), "{}", outcome.stderr);
    assert_eq!(exported(&database, "").len(), 4000);
}

fn only_what_a_filter_fits_is_exported(kind: Database) {
    let database = migrated(kind);
    let lines = "id,country,active\na,DE,true\nb,DE,false\nc,FR,true\n";
    import(&database, "users.csv", lines, "").success();
    let found = exported(&database, "--filter country=DE --filter active=true");
    assert_eq!(found.iter().map(|user| user["id"].clone()).collect::<Vec<_>>(), ["a"]);
    let told = users(&database, "export - --filter bio=x", &[]).failure(2);
    assert_eq!(told, "users: --filter bio must be one of username, email, organization, country, active");
}

fn what_cannot_be_read_stops_an_import_before_it_begins(kind: Database) {
    let database = migrated(kind);
    let told = users(&database, "import missing.csv", &[]).failure(2);
    assert_eq!(told, "users: cannot read missing.csv: No such file or directory (os error 2)");
    let told = import(&database, "users.txt", "{}", "").failure(2);
    assert!(told.contains("--format ndjson or --format csv"), "{told}");
    let told = import(&database, "users.csv", "PK\u{3}\u{4}", "").failure(2);
    assert!(told.starts_with("users: the file is a ZIP archive, as spreadsheets"), "{told}");
    let told = import(&database, "users.csv", "[{\"id\":\"a\"}]", "").failure(2);
    assert!(told.starts_with("users: the file is JSON and not CSV"), "{told}");
    let told = import(&database, "users.csv", "id,nick\n", "").failure(2);
    assert!(told.contains("[\"nick\"] must be members of a user: id, active,"), "{told}");
    let told = import(&database, "users.ndjson", "{}", "--errors users.ndjson").failure(2);
    assert_eq!(told, "users: --errors must be another file than the one that is read");
    assert_eq!(exported(&database, "").len(), 0);

    let bare = TestDatabase::create(kind);
    let told = import(&bare, "users.ndjson", "{}", "").failure(2);
    assert!(told.contains("users migrate"), "{told}");
    let told = users(&bare, "export users.csv", &[]).failure(2);
    assert!(told.contains("users migrate"), "{told}");
}

fn a_user_is_read_and_updated(kind: Database) {
    let service = Service::start(kind);
    let client = service.client();
    client.create(r#"{"id":"ada","phone":"1234","title":"x"}"#);
    let database = service.database();
    let got = users(database, "user get ada", &[]);
    let tag = client.get("/v1/users/ada").etag().trim_matches('"').to_owned();
    assert_eq!(got.messages(), [format!("Entity tag: {tag}")]);
    assert_eq!(got.success().trim_end(), client.get("/v1/users/ada").body);

    let update = format!("user update ada --set bio=a=b --set first_name=Ada --clear phone --if-match {tag}");
    let updated = users(database, &update, &[]);
    let answer = client.get("/v1/users/ada");
    assert_eq!(updated.success().trim_end(), answer.body);
    let user = answer.json();
    let members = ["bio", "firstName", "phone", "title"].map(|name| user[name].clone());
    assert_eq!(Value::from(members.to_vec()), json!(["a=b", "Ada", null, "x"]));

    let stale = users(database, &update, &[]).failure(1);
    let now = answer.etag().trim_matches('"').to_owned();
    assert_eq!(stale, format!("users: --if-match does not hold: the user's entity tag is {now}"));
}

fn an_update_that_is_refused_tells_why(kind: Database) {
    let database = migrated(kind);
    import(&database, "users.ndjson", "{\"id\":\"a\",\"username\":\"ada\"}\n{\"id\":\"b\"}\n", "").success();
    let refused = |arguments: &str| users(&database, &format!("user {arguments}"), &[]).failure(1);
    assert_eq!(refused("get nobody"), "users: there is no user with this id");
    assert_eq!(refused("update nobody --set bio=x"), "users: there is no user with this id");
    assert_eq!(
        refused("update b --set username=ADA"),
        "users: username must not be the username of another user"
    );
    let broken = users(&database, "user update a --set email=x --clear active", &[]);
    assert_eq!((broken.code, broken.messages().len()), (Some(1), 2), "{broken:?}");
    assert!(broken.messages()[0].starts_with("users: active "), "{broken:?}");
    assert!(broken.messages()[1].starts_with("users: email "), "{broken:?}");
    let tag = users(&database, "user update a --set bio=x --if-match x", &[]).failure(2);
    assert_eq!(tag, "users: --if-match must be an entity tag, as `users user get` tells it");
}

fn a_dry_run_changes_nothing(kind: Database) {
    let database = migrated(kind);
    import(&database, "users.ndjson", "{\"id\":\"a\",\"username\":\"ada\"}\n{\"id\":\"b\"}\n", "").success();
    let before = exported(&database, "");
    let dry = users(&database, "user update b --set bio=x --dry-run", &[]);
    assert_eq!(dry.messages(), ["Dry run: nothing was written."]);
    let shown: Value = serde_json::from_str(&dry.success()).unwrap();
    assert_eq!(shown["bio"], "x");
    let taken = users(&database, "user update b --set username=ADA --dry-run", &[]).failure(1);
    assert_eq!(taken, "users: username must not be the username of another user");
    users(&database, "user delete b --dry-run", &[]).success();
    assert_eq!(exported(&database, ""), before);
}

fn a_user_is_deleted(kind: Database) {
    let database = migrated(kind);
    import(&database, "users.ndjson", "{\"id\":\"a\",\"username\":\"ada\"}\n", "").success();
    let stale = users(&database, "user delete a --if-match 0000000000000001", &[]).failure(1);
    assert!(stale.starts_with("users: --if-match does not hold: "), "{stale}");
    let was: Value = serde_json::from_str(&users(&database, "user delete a", &[]).success()).unwrap();
    assert_eq!(was["username"], "ada");
    assert_eq!(users(&database, "user delete a", &[]).failure(1), "users: there is no user with this id");
}
