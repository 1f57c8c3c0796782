//! What was answered 200 stays, whatever becomes of the process.

use std::io::Write as _;

use users_tests::{Answer, Client, Database, Service, TestDatabase, on_both_databases, until};

on_both_databases!(
    a_restart_loses_nothing,
    what_was_answered_survives_a_crash,
    a_request_under_way_is_finished_before_the_end,
    a_kept_connection_is_told_of_the_end_before_it_is_closed,
    a_request_that_takes_too_long_is_cut_off_and_told_of,
);

fn assert_same_user(client: &Client, answer: &Answer) {
    let got = client.get("/v1/users/ada");
    assert_eq!((got.status, &got.body, got.etag()), (200, &answer.body, answer.etag()));
    assert_eq!(got.header("last-modified"), answer.header("last-modified"));
}

fn a_restart_loses_nothing(database: Database) {
    let mut service = Service::start(database);
    service.client().create(r#"{"id":"ada","username":"Ada"}"#);
    let updated = service.client().put("/v1/users/ada", r#"{"title":"Countess","last_seen":"2026-10-31"}"#);
    service.terminate();
    let status = service.wait();
    assert_eq!(status.code(), Some(0), "{}", service.log().text());

    service.start_again();
    assert_same_user(&service.client(), &updated);
    // The tag still stands for the version, and the name is still taken.
    let condition = format!("if-match: {}", updated.etag());
    assert_eq!(service.client().send("PUT /v1/users/ada", &[&condition], "{}").status, 200);
    assert_eq!(service.client().post(r#"{"username":"ada"}"#).status, 409);
}

fn what_was_answered_survives_a_crash(database: Database) {
    let mut service = Service::start(database);
    service.client().create(r#"{"id":"ada"}"#);
    for title in ["one", "two", "three"] {
        let updated = service.client().put("/v1/users/ada", format!(r#"{{"title":"{title}"}}"#));
        service.kill();
        assert_eq!(updated.status, 200);
        service.start_again();
        assert_same_user(&service.client(), &updated);
    }
}

fn a_request_under_way_is_finished_before_the_end(database: Database) {
    let body = r#"{"title":"Countess"}"#;
    let mut service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);

    let length = format!("content-length: {}", body.len());
    let mut stream = client.connect().unwrap();
    stream.write_all(&client.head("PUT /v1/users/ada", &[&length, "expect: 100-continue"])).unwrap();
    // The service asks for the body, so the request is under way.
    let mut interim = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    service.terminate();
    until("nobody is let in any more", || client.connect().is_err().then_some(()));
    stream.write_all(body.as_bytes()).unwrap();
    let answer = Answer::read(&mut stream);

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(service.wait().code(), Some(0), "{}", service.log().text());
    service.start_again();
    assert_same_user(&service.client(), &answer);
}

fn a_request_that_takes_too_long_is_cut_off_and_told_of(database: Database) {
    let database = TestDatabase::create(database);
    let mut service = Service::start_on(database, &["--shutdown-timeout", "1s"]).with_token();
    let client = service.client();
    let mut stream = client.connect().unwrap();
    let headers = ["content-length: 2", "expect: 100-continue"];
    stream.write_all(&client.head("PUT /v1/users/ada", &headers)).unwrap();
    let mut interim = [0; 25];
    std::io::Read::read_exact(&mut stream, &mut interim).unwrap();
    service.terminate();
    assert_eq!(service.wait().code(), Some(0), "{}", service.log().text());
    let told = service.log().find("requests under way are cut off").unwrap();
    assert!(told.contains(r#""requests":1,"#), "{told}");
}

fn a_kept_connection_is_told_of_the_end_before_it_is_closed(database: Database) {
    let mut service = Service::start(database);
    let client = service.client();
    client.create(r#"{"id":"ada"}"#);
    let mut stream = client.connect().unwrap();
    let head = client.head("GET /v1/users/ada", &[]);
    let kept = String::from_utf8(head).unwrap().replace("connection: close\r\n", "");
    let mut get = || {
        stream.write_all(kept.as_bytes()).unwrap();
        Answer::read(&mut stream)
    };

    assert_eq!(get().header("connection"), None);
    service.terminate();
    // Whoever goes on is answered each time, until an answer says that it is the last.
    let last = until("the connection ends", || Some(get()).filter(|it| it.header("connection").is_some()));
    assert_eq!((last.status, last.header("connection")), (200, Some("close")));
    let mut rest = [0; 1];
    assert_eq!(std::io::Read::read(&mut stream, &mut rest).unwrap(), 0);
    assert_eq!(service.wait().code(), Some(0), "{}", service.log().text());
}
