//! PostgreSQL over TLS with `sslmode=verify-full`: whom the service trusts, and what it says where it does not.

use std::fs;
use std::path::Path;

use serde_json::json;
use users_testkit::{PrivatePostgres, TestAuthority};
use users_tests::{Service, TestDatabase, until, users};

/// A password that must not come back in a message, a log or an answer.
const PASSWORD: &str = "hunter2";

/// The URL of a new database, for a service that trusts the authority whose certificate is in this file.
fn url(postgres: &PrivatePostgres, host: &str, trusted: &Path) -> String {
    let url = postgres.create_database();
    let address = format!("postgres@127.0.0.1:{}", postgres.port());
    let stranger = format!("postgres:{PASSWORD}@{host}:{}", postgres.port());
    format!("{}?sslmode=verify-full&sslrootcert={}", url.replace(&address, &stranger), trusted.display())
}

/// A folder with the certificate of an authority in `ca.crt`.
fn trust(authority: &TestAuthority) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("ca.crt"), authority.certificate()).unwrap();
    folder
}

/// Checks that a service with this URL says that it cannot use its database, in general terms where strangers read it
/// and with the cause in its log; and that a command says it in one sentence.
fn assert_refused(url: &str, cause: &str) {
    let service = Service::start_on(TestDatabase::at(url.to_owned()), &["--connect-timeout", "1s"]);
    let answer = service.anonymous().get("/readyz");
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["checks"]["database"], json!({"status": "failed", "cause": "access_refused"}));
    assert!(!answer.body.contains("certificate verify"), "{answer:?}");
    until("the log has the cause", || service.log().find(cause));
    let told = users(&TestDatabase::at(url.to_owned()), "migrate", &[]).failure(1);
    assert!(told.contains(cause), "{told}");
    for text in [service.log().text(), told, answer.body] {
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn the_right_authority_and_host_are_trusted_and_every_session_is_encrypted() {
    let authority = TestAuthority::new("ours");
    let postgres = PrivatePostgres::builder().encrypted(authority.issue(&["127.0.0.1"])).start();
    let trusted = trust(&authority);
    let url = url(&postgres, "127.0.0.1", &trusted.path().join("ca.crt"));
    let service = Service::start_on(TestDatabase::at(url), &[]).with_token();
    service.client().create(r#"{"id":"ada"}"#);
    assert_eq!(service.client().put("/v1/users/ada", r#"{"title":"Countess"}"#).status, 200);
    let sessions = postgres.psql(
        "postgres",
        "SELECT bool_and(ssl), count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
         WHERE application_name = 'users'",
    );
    assert_eq!(sessions, "t|t");
}

#[test]
fn another_authority_is_not_trusted() {
    let postgres =
        PrivatePostgres::builder().encrypted(TestAuthority::new("ours").issue(&["127.0.0.1"])).start();
    let trusted = trust(&TestAuthority::new("other"));
    assert_refused(&url(&postgres, "127.0.0.1", &trusted.path().join("ca.crt")), "certificate verify failed");
    let missing = trusted.path().join("missing.crt");
    assert_refused(&url(&postgres, "127.0.0.1", &missing), "missing.crt");
}

#[test]
fn a_certificate_for_another_host_is_not_trusted() {
    let authority = TestAuthority::new("ours");
    let postgres = PrivatePostgres::builder().encrypted(authority.issue(&["db.example.org"])).start();
    let trusted = trust(&authority);
    let url = url(&postgres, "127.0.0.1", &trusted.path().join("ca.crt"));
    assert_refused(&url, "does not match host name");
}

#[test]
fn a_server_without_tls_is_not_trusted() {
    let trusted = trust(&TestAuthority::new("ours"));
    let url = url(PrivatePostgres::shared(), "127.0.0.1", &trusted.path().join("ca.crt"));
    assert_refused(&url, "server does not support SSL, but SSL was required");
}
