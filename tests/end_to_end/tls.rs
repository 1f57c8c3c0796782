//! HTTPS: the certificate of the settings, those who do not trust it, and its renewal.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use users_client::{Client, Error, NewUser, RetryPolicy, UserUpdate, VersionedUser};
use users_testkit::TestAuthority;
use users_tests::{Database, Service, TestDatabase, until, users};

/// A service with a certificate for 127.0.0.1, on SQLite.
fn start(authority: &TestAuthority, flags: &[&str]) -> Service {
    let database = TestDatabase::create(Database::Sqlite);
    authority.issue(&["127.0.0.1"]).write_to(database.folder());
    Service::start_on(database, &[&["--tls-cert", "server.crt", "--tls-key", "server.key"], flags].concat())
}

/// A client that trusts this authority besides those of the system, and that does not try twice.
fn client(service: &Service, host: &str, trusted: &TestAuthority) -> Client {
    let token = service.create_token("users:read,users:write");
    let builder = Client::builder(format!("https://{host}:{}", service.address().port()), token);
    builder.root_certificates(trusted.certificate()).retry(RetryPolicy::never()).build().unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Checks that no request was sent, and that the error says why.
fn assert_distrusted(outcome: Result<VersionedUser, Error>) {
    let error = outcome.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }), "{error:?}");
    assert!(error.to_string().contains("invalid peer certificate"), "{error}");
}

#[test]
fn the_client_library_needs_the_right_authority_and_the_right_name() {
    let authority = TestAuthority::new("ours");
    let service = start(&authority, &[]);
    block_on(async {
        let trusting = client(&service, "127.0.0.1", &authority);
        let created =
            trusting.create(&NewUser::of(UserUpdate::new().set_bio("x")).with_id("ada")).await.unwrap();
        assert_eq!(trusting.get("ada").await.unwrap(), created);

        let stranger = client(&service, "127.0.0.1", &TestAuthority::new("ours"));
        assert_distrusted(stranger.get("ada").await);
        // A name that leads to the same place, and that the certificate is not for.
        let elsewhere = client(&service, "localhost", &authority);
        assert_distrusted(elsewhere.get("ada").await);
    });
}

#[test]
fn the_printed_line_of_the_development_mode_is_by_https() {
    let authority = TestAuthority::new("ours");
    let service = start(&authority, &["--dev"]);
    let bundle = service.database().folder().join("ca.crt");
    fs::write(&bundle, authority.certificate()).unwrap();
    let line = until("a request is printed", || service.stdout().find("curl "));
    assert!(line.contains(&format!(" https://{}/v1/users/ada ", service.address())), "{line}");
    let mut curl = Command::new("sh");
    let output =
        curl.args(["-c", &line]).env("CURL_CA_BUNDLE", bundle).stdin(Stdio::null()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains("Mathematician"), "{output:?}");
}

#[test]
fn a_certificate_is_renewed_on_sighup_and_by_another_authority_too() {
    let authority = TestAuthority::new("ours");
    let service = start(&authority, &[]);
    let renewals = || service.log().all().iter().filter(|line| line.contains("was renewed")).count();
    let started = Instant::now();
    for expected in 1..=4 {
        authority.issue(&["127.0.0.1"]).write_to(service.database().folder());
        service.signal("HUP");
        until("the certificate is renewed", || (renewals() == expected).then_some(()));
    }
    // Looks that nobody asks for are 5 seconds apart.
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());

    let other = TestAuthority::new("other");
    let (old, new) = (client(&service, "127.0.0.1", &authority), client(&service, "127.0.0.1", &other));
    block_on(async {
        assert_distrusted(new.get("ada").await);
        assert!(old.get("ada").await.is_err_and(|error| error.is_not_found()));
        other.issue(&["127.0.0.1"]).write_to(service.database().folder());
        // By itself, and the connection that is open goes on.
        until("the certificate is renewed", || (renewals() == 5).then_some(()));
        assert!(new.get("ada").await.is_err_and(|error| error.is_not_found()));
        assert!(old.get("ada").await.is_err_and(|error| error.is_not_found()));
    });
}

#[test]
fn files_that_cannot_be_used_are_told_of_once_and_without_their_content() {
    let authority = TestAuthority::new("ours");
    let service = start(&authority, &[]);
    let key = service.database().folder().join("server.key");
    let other = authority.issue(&["127.0.0.1"]).key;
    fs::write(&key, &other).unwrap();
    let warnings = || service.log().all().iter().filter(|line| line.contains("keeping the old one")).count();
    for _ in 0..20 {
        service.signal("HUP");
        std::thread::sleep(Duration::from_millis(50));
    }
    until("it is told of", || (warnings() > 0).then_some(()));
    assert_eq!(warnings(), 1, "{}", service.log().text());
    assert!(
        service.log().text().contains("server.key holds a key that does not belong to the certificate in")
    );
    assert!(other.lines().all(|line| !service.log().text().contains(line)));
}

/// The sentence with which a start with these files ends.
fn refusal(folder: &Path, certificate: &str, key: &str) -> String {
    let (certificate, key) = (folder.join(certificate), folder.join(key));
    let settings = [
        ("USERS_LISTEN", "127.0.0.1:0"),
        ("USERS_TLS_CERT", certificate.to_str().unwrap()),
        ("USERS_TLS_KEY", key.to_str().unwrap()),
    ];
    let sentence = users(&TestDatabase::create(Database::Sqlite), "serve", &settings).failure(1);
    let start = "users: cannot serve TLS by USERS_TLS_CERT (--tls-cert) and USERS_TLS_KEY (--tls-key): ";
    sentence.strip_prefix(start).unwrap().replace(folder.to_str().unwrap(), "…")
}

#[test]
fn a_pair_that_cannot_be_used_ends_the_start_with_one_sentence() {
    let authority = TestAuthority::new("ours");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let identity = authority.issue(&["127.0.0.1"]);
    identity.write_to(folder);
    let files = [
        ("other.key", authority.issue(&["127.0.0.1"]).key),
        ("half.crt", identity.certificate[..300].to_owned()),
        ("half.key", identity.key[..100].to_owned()),
        ("empty", String::new()),
        ("locked.key", identity.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")),
        ("odd.crt", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_owned()),
        ("odd.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n".to_owned()),
    ];
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
    for (certificate, key, sentence) in [
        ("missing.crt", "server.key", "…/missing.crt cannot be read: No such file or directory (os error 2)"),
        ("server.crt", "missing.key", "…/missing.key cannot be read: No such file or directory (os error 2)"),
        ("half.crt", "server.key", "…/half.crt is not whole: its PEM cannot be read"),
        ("server.crt", "half.key", "…/half.key is not whole: its PEM cannot be read"),
        ("server.key", "server.key", "…/server.key holds no certificate in PEM (BEGIN CERTIFICATE)"),
        ("empty", "server.key", "…/empty holds no certificate in PEM (BEGIN CERTIFICATE)"),
        ("server.crt", "server.crt", "…/server.crt holds no private key in PEM (BEGIN PRIVATE KEY)"),
        (
            "server.crt",
            "locked.key",
            "…/locked.key holds a key with a passphrase: the service needs one without",
        ),
        ("odd.crt", "server.key", "…/odd.crt holds a certificate that cannot be read"),
        (
            "server.crt",
            "odd.key",
            "…/odd.key holds a key that cannot be used: RSA of 2048 bits or more, ECDSA on P-256 or P-384, and \
             Ed25519 can be",
        ),
        (
            "server.crt",
            "other.key",
            "…/other.key holds a key that does not belong to the certificate in …/server.crt",
        ),
    ] {
        assert_eq!(refusal(folder, certificate, key), sentence);
    }
}

#[test]
fn a_certificate_and_its_key_go_together() {
    for (given, missing) in [
        ("USERS_TLS_CERT (--tls-cert)", "USERS_TLS_KEY (--tls-key)"),
        ("USERS_TLS_KEY (--tls-key)", "USERS_TLS_CERT (--tls-cert)"),
    ] {
        let variable = given.split(' ').next().unwrap();
        let settings = [("USERS_LISTEN", "127.0.0.1:0"), (variable, "server.pem")];
        let outcome = users(&TestDatabase::create(Database::Sqlite), "serve", &settings);
        assert_eq!(
            outcome.failure(1),
            format!("users: {given} needs {missing} beside it: a certificate and its key go together")
        );
    }
}

#[test]
fn plain_http_beyond_this_machine_is_warned_of_unless_a_proxy_is_named() {
    let authority = TestAuthority::new("ours");
    let warned = |service: &Service| service.log().text().contains("plain HTTP beyond this machine");
    let plain = |flags: &[&str]| Service::start_on(TestDatabase::create(Database::Sqlite), flags);
    let everywhere = ["--listen", "0.0.0.0:0"];
    assert!(warned(&plain(&everywhere)));
    assert!(!warned(&plain(&[])));
    assert!(!warned(&plain(&[&everywhere[..], &["--trusted-proxies", "10.0.0.1"]].concat())));
    assert!(!warned(&start(&authority, &everywhere)));
}
