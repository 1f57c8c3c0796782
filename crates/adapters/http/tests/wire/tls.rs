//! The same service by TLS, and what happens to those who do not speak it.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rstest::rstest;
use tempfile::TempDir;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned, SupportedProtocolVersion,
};
use users_http::CertificateFiles;
use users_testkit::{ServerIdentity, TestAuthority};

use crate::support::{Answer, Wire, token};

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A server that shows a certificate of an authority of the test's own.
struct Encrypted {
    authority: TestAuthority,
    folder: TempDir,
    wire: Wire,
}

impl Encrypted {
    fn start() -> Self {
        let (authority, folder) = (TestAuthority::new("test"), tempfile::tempdir().unwrap());
        let (chain, key) = authority.issue(&["localhost"]).write_to(folder.path());
        let wire = Wire::start_encrypted(CertificateFiles { chain, key });
        Self { authority, folder, wire }
    }

    /// Shakes hands as a client that speaks one version of TLS and offers these protocols inside of it.
    fn try_connect(
        &self,
        version: &'static SupportedProtocolVersion,
        protocols: &[&str],
    ) -> std::io::Result<Stream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.certificate().as_bytes()).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        let client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(client, self.wire.connect());
        while stream.conn.is_handshaking() {
            stream.conn.complete_io(&mut stream.sock)?;
        }
        Ok(stream)
    }

    fn connect(&self) -> Stream {
        self.try_connect(&TLS13, &["http/1.1"]).unwrap()
    }

    /// The certificate that a new connection is shown.
    fn shown(&self) -> Vec<u8> {
        self.connect().conn.peer_certificates().unwrap()[0].to_vec()
    }

    /// Replaces the files.
    fn replace(&self, identity: &ServerIdentity) {
        identity.write_to(self.folder.path());
    }
}

fn get_ada(stream: &mut Stream) -> Answer {
    let token = token("all");
    let request = format!(
        "GET /v1/users/ada HTTP/1.1\r\nhost: x\r\nx-request-id: a\r\nauthorization: Token {token}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    Answer::read(stream)
}

fn der(identity: &ServerIdentity) -> Vec<u8> {
    CertificateDer::from_pem_slice(identity.certificate.as_bytes()).unwrap().to_vec()
}

#[rstest]
#[case(&TLS12, ProtocolVersion::TLSv1_2)]
#[case(&TLS13, ProtocolVersion::TLSv1_3)]
fn requests_are_answered_as_without_it(
    #[case] version: &'static SupportedProtocolVersion,
    #[case] spoken: ProtocolVersion,
) {
    let encrypted = Encrypted::start();
    let mut stream = encrypted.try_connect(version, &["h2", "http/1.1"]).unwrap();
    assert_eq!(stream.conn.protocol_version(), Some(spoken));
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    let first = get_ada(&mut stream);
    assert_eq!(first.status, 200);
    // The connection goes on, and what comes over it is what comes over plain HTTP.
    assert_eq!(get_ada(&mut stream), first);
    let plain = Wire::start();
    let authorization = format!("authorization: Token {}\r\nx-request-id: a\r\n", token("all"));
    let mut expected = plain.send_as("GET /v1/users/ada", &authorization, "");
    expected.headers.retain(|line| line != "connection: close");
    assert_eq!(first, expected);
}

#[test]
fn a_client_that_names_no_protocol_is_served_and_one_that_wants_another_is_not() {
    let encrypted = Encrypted::start();
    let mut stream = encrypted.try_connect(&TLS13, &[]).unwrap();
    assert_eq!(get_ada(&mut stream).status, 200);
    let refused = encrypted.try_connect(&TLS13, &["h2"]).unwrap_err();
    assert!(refused.to_string().contains("NoApplicationProtocol"), "{refused}");
}

#[test]
fn what_is_no_request_is_refused_by_a_problem_also_inside_of_it() {
    let encrypted = Encrypted::start();
    let mut stream = encrypted.connect();
    stream.write_all(b"hello\r\n\r\n").unwrap();
    let answer = Answer::read(&mut stream);
    assert_eq!((answer.status, answer.code().as_str()), (400, "MALFORMED_REQUEST"));
    // The end is said inside of TLS, so that nobody can have cut the connection.
    assert_eq!(stream.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn plain_http_is_told_to_be_encrypted() {
    let encrypted = Encrypted::start();
    for body in ["", &" ".repeat(500_000)] {
        let answer = encrypted.wire.put("/v1/users/ada", body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "MALFORMED_REQUEST"));
        assert_eq!(answer.header("connection"), Some("close"));
        let detail = "The service speaks TLS here, and what was sent is not encrypted: use https.";
        assert_eq!(answer.json()["detail"], detail);
    }
}

#[test]
fn who_does_not_shake_hands_is_let_go_and_holds_up_nobody() {
    let encrypted = Encrypted::start();
    let mut silent = encrypted.wire.connect();
    let mut slow = encrypted.wire.connect();
    slow.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    let mut broken = encrypted.wire.connect();
    broken.write_all(b"\x16\x03\x01\x00\x04\x02\x00\x00\x00").unwrap();
    drop(encrypted.wire.connect());
    assert_eq!(get_ada(&mut encrypted.connect()).status, 200);

    let started = Instant::now();
    let mut alert = Vec::new();
    broken.read_to_end(&mut alert).unwrap();
    assert_eq!(alert.first(), Some(&21), "an alert of TLS: {alert:?}");
    for connection in [&mut silent, &mut slow] {
        assert_eq!(connection.read(&mut [0; 1]).unwrap(), 0);
    }
    assert!(started.elapsed() < Duration::from_secs(15));
}

#[test]
fn a_renewed_certificate_is_shown_to_those_who_come_while_others_go_on() {
    let encrypted = Encrypted::start();
    let first = encrypted.shown();
    let mut open = encrypted.connect();
    assert_eq!(get_ada(&mut open).status, 200);

    let renewed = encrypted.authority.issue(&["localhost"]);
    encrypted.replace(&renewed);
    let started = Instant::now();
    while encrypted.shown() == first {
        assert!(started.elapsed() < Duration::from_secs(20), "the certificate is not renewed");
    }
    assert_eq!(encrypted.shown(), der(&renewed));
    assert_eq!(get_ada(&mut open).status, 200);
}

#[test]
fn files_that_cannot_be_used_leave_the_old_certificate_until_they_can() {
    let encrypted = Encrypted::start();
    let first = encrypted.shown();
    let renewed = encrypted.authority.issue(&["localhost"]);
    let (certificate, key) =
        (encrypted.folder.path().join("server.crt"), encrypted.folder.path().join("server.key"));
    let half = renewed.certificate.split_at(renewed.certificate.len() / 2).0;
    // Longer than it takes to look a few times.
    let looked = || std::thread::sleep(Duration::from_millis(300));

    fs::write(&certificate, half).unwrap();
    looked();
    assert_eq!(encrypted.shown(), first);
    fs::write(&certificate, &renewed.certificate).unwrap();
    looked();
    assert_eq!(encrypted.shown(), first, "the key is still that of the old one");
    fs::remove_file(&key).unwrap();
    looked();
    assert_eq!(encrypted.shown(), first);

    fs::write(&key, &renewed.key).unwrap();
    let started = Instant::now();
    while encrypted.shown() != der(&renewed) {
        assert!(started.elapsed() < Duration::from_secs(20), "the certificate is not renewed");
    }
}
