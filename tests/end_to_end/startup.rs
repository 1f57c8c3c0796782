//! What keeps the service from starting is told in one sentence that names it, with an exit code that is not zero.

use std::fs;
use std::net::TcpListener;

use users_tests::{Database, TestDatabase, binary, users};

/// A password that must not come back in a message.
const PASSWORD: &str = "hunter2";

fn sqlite() -> TestDatabase {
    TestDatabase::create(Database::Sqlite)
}

/// The sentence with which `users serve` ends in this environment.
fn refusal(code: i32, environment: &[(&str, &str)]) -> String {
    let listen = [("USERS_LISTEN", "127.0.0.1:0")];
    let outcome = users(&sqlite(), "serve", &[&listen[..], environment].concat());
    assert!(!outcome.stderr.contains(PASSWORD), "{outcome:?}");
    outcome.failure(code)
}

#[test]
fn a_taken_port() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let _holder = TcpListener::bind(taken).unwrap();
    let database = sqlite();
    let sentence = users(&database, &format!("serve --listen {taken}"), &[]).failure(1);
    assert_eq!(
        sentence,
        format!(
            "users: cannot listen on {taken}: Address already in use (os error 98); \
             another address is set by USERS_LISTEN (--listen)"
        )
    );
    // The database of whoever holds the port was not touched.
    let status = users(&database, "migrate --status", &[]);
    assert_eq!(status.code, Some(3));
    assert!(status.stdout.lines().all(|line| line.starts_with("missing")), "{status:?}");
}

#[test]
fn an_address_that_is_not_of_this_machine() {
    let sentence = refusal(1, &[("USERS_LISTEN", "192.0.2.1:8080")]);
    assert!(sentence.starts_with("users: cannot listen on 192.0.2.1:8080: "), "{sentence}");
}

#[test]
fn a_database_url_that_cannot_be_read() {
    for (url, sentence) in [
        ("", "must be postgres://"),
        ("users.db", "must be postgres://"),
        ("mysql://root:hunter2@db/users", "must be postgres://"),
        ("sqlite:", "must name a file after \"sqlite:\""),
        ("sqlite::memory:", "must name a file after \"sqlite:\""),
        ("sqlite:users.db?mode=ro", "must not have options"),
        ("sqlite:file:users.db", "must have the path alone"),
        ("sqlite:file::memory:", "must have the path alone"),
    ] {
        let told = refusal(1, &[("DATABASE_URL", url)]);
        assert!(told.starts_with(&format!("users: DATABASE_URL (--database-url) {sentence}")), "{told}");
    }
}

#[test]
fn a_postgresql_url_that_cannot_be_read() {
    for url in [
        "postgres://ada:hunter2@db:notaport/users",
        "postgres://ada:hunter2@db:99999999/users",
        "postgres://ada:hunter2@db/users?nonsense=hunter2",
        "postgres://ada:hunter2%zz@db/users",
        "postgres://[::1/users?password=hunter2",
    ] {
        let told = refusal(1, &[("DATABASE_URL", url)]);
        assert!(
            told.starts_with("users: cannot open the database of DATABASE_URL (--database-url): "),
            "{told}"
        );
    }
}

#[test]
fn an_sqlite_file_that_cannot_be_used() {
    let database = sqlite();
    let text = database.folder().join("notes.txt");
    fs::write(&text, "These are my notes, and no database at all. ".repeat(100)).unwrap();
    for path in [text.clone(), database.folder().to_owned(), database.folder().join("missing/users.db")] {
        let told = refusal(1, &[("DATABASE_URL", &format!("sqlite:{}", path.display()))]);
        assert!(
            told.starts_with("users: cannot open the database of DATABASE_URL (--database-url): "),
            "{told}"
        );
    }
    assert!(fs::read_to_string(text).unwrap().starts_with("These are my notes"));
}

#[test]
fn a_setting_out_of_its_range() {
    let told = refusal(1, &[("USERS_WORKERS", "0"), ("USERS_REQUEST_TIMEOUT", "1h")]);
    assert_eq!(
        told,
        "users: USERS_REQUEST_TIMEOUT (--request-timeout) must be 10ms to 10m, not 1h; \
         USERS_WORKERS (--workers) must be 1 to 512, not 0"
    );
}

#[test]
fn a_log_level_that_there_is_not() {
    let told = refusal(1, &[("USERS_LOG", "loud")]);
    assert!(told.starts_with("users: USERS_LOG (--log) must be error, warn, info"), "{told}");
}

#[test]
fn a_setting_that_cannot_be_read() {
    // Said by the reader of the command line, which adds where to look on further lines.
    for (variable, value) in [
        ("USERS_WORKERS", "many"),
        ("USERS_LISTEN", "localhost"),
        ("USERS_REQUEST_TIMEOUT", "5"),
        ("USERS_NO_MIGRATE", "perhaps"),
    ] {
        let outcome = users(&sqlite(), "serve", &[(variable, value)]);
        assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(2), ""), "{outcome:?}");
        let first = outcome.stderr.lines().next().unwrap();
        assert!(first.starts_with(&format!("error: invalid value '{value}' for '--")), "{outcome:?}");
        assert!(outcome.stderr.contains(variable), "{outcome:?}");
    }
}

/// `users serve` under these limits of open files, as `ulimit` sets them.
fn serve_with_files(limits: &str) -> std::process::Output {
    let database = sqlite();
    let script = format!("{limits}; exec timeout 3 \"$0\" serve --listen 127.0.0.1:0");
    std::process::Command::new("sh")
        .args(["-c", &script])
        .arg(binary())
        .env_clear()
        .env("DATABASE_URL", database.url())
        .output()
        .unwrap()
}

#[test]
fn too_few_open_files() {
    let output = serve_with_files("ulimit -n 64");
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    let sentence = told.lines().find(|line| line.starts_with("users: ")).unwrap();
    assert!(sentence.starts_with("users: the service may have 64 files and connections open"), "{told}");
}

/// The soft limit is made for other programs: it is raised.
#[test]
fn a_low_soft_limit_of_open_files_is_raised() {
    let output = serve_with_files("ulimit -Sn 64");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("\"message\":\"listening\""), "{told}");
}
