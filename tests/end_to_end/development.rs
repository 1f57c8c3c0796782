//! `users serve --dev`: what a newcomer types first.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use users_tests::{Database, Service, TestDatabase, on_both_databases, until, users};

on_both_databases!(the_printed_line_updates_the_sample_user, without_being_asked_nothing_is_made);

fn the_printed_line_updates_the_sample_user(database: Database) {
    let service = Service::start_on(TestDatabase::create(database), &["--dev"]);
    let line = until("a request is printed", || service.stdout().find("curl "));
    let output = Command::new("sh").args(["-c", &line]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{line} ends with {output:?}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        concat!(
            r#"{"id":"ada","active":true,"avatar":null,"bio":"Wrote the first program.","birthday":null,"#,
            r#""country":"GB","email":"ada@example.org","firstName":"Ada","lastName":"Lovelace","last_seen":null,"#,
            r#""last_typed":null,"location":null,"organization":null,"phone":null,"regions":null,"#,
            r#""title":"Mathematician","twitter":null,"username":"ada"}"#
        )
    );
    // What was answered is what the service keeps.
    let service = service.with_token();
    assert_eq!(service.client().get("/v1/users/ada").json()["title"], "Mathematician");
}

fn without_being_asked_nothing_is_made(database: Database) {
    let service = Service::start(database);
    assert_eq!(service.client().get("/v1/users/ada").status, 404);
    assert_eq!(service.stdout().text(), "");
    assert!(!users(service.database(), "token list", &[]).success().contains("development"));
    let files = fs::read_dir(service.database().folder()).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(files.into_iter().all(|name| name.to_string_lossy().starts_with("users.db")));
}

#[test]
fn the_same_line_works_after_a_restart() {
    let mut service = Service::start_on(TestDatabase::create(Database::Sqlite), &["--dev"]);
    let line = until("a request is printed", || service.stdout().find("Authorization: Token "));
    let token = line.split("Authorization: Token ").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let file = service.database().folder().join("users.db.dev-token");
    assert_eq!(fs::read_to_string(&file).unwrap().trim_end(), token);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    service.terminate();
    service.wait();
    service.start_again();
    let client = service.anonymous().authorized(&format!("Token {token}"));
    assert_eq!(client.put("/v1/users/ada", r#"{"title":"Countess"}"#).status, 200);
}
