use std::io::Write;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use users_domain::Version;
use users_ports::{MockDirectory, MockUsers, Rejection, RepositoryError, Users, WriteError};
use users_testkit::{MemoryStore, StuckStore, full_user};

use crate::support::{Answer, Parts, Wire, token};

fn wire_over(users: impl Users + 'static, request_timeout: Duration) -> Wire {
    let store = Arc::new(MemoryStore::default());
    let parts = Parts { users: Arc::new(users), request_timeout, ..Parts::of(&store) };
    Wire::start_with(store, parts)
}

#[rstest]
#[case::unavailable(RepositoryError::Unavailable("secret".to_owned()), 503, "SERVICE_UNAVAILABLE")]
#[case::overloaded(RepositoryError::Overloaded, 503, "SERVICE_UNAVAILABLE")]
#[case::internal(RepositoryError::Internal("secret".to_owned()), 500, "INTERNAL_ERROR")]
fn a_failing_store_is_told_without_its_words(
    #[case] error: RepositoryError,
    #[case] status: u16,
    #[case] code: &str,
) {
    let (mut users, mut directory) = (MockUsers::new(), MockDirectory::new());
    let (for_find, for_write, for_transact, for_list) = (error.clone(), error.clone(), error.clone(), error);
    users.expect_find().returning(move |_| Err(for_find.clone()));
    users.expect_write().returning(move |_, _| Err(WriteError::Repository(for_write.clone())));
    users.expect_transact().returning(move |_, _, _| Err(WriteError::Repository(for_transact.clone())));
    directory.expect_list().returning(move |_| Err(for_list.clone()));
    let store = Arc::new(MemoryStore::default());
    let parts = Parts { users: Arc::new(users), directory: Arc::new(directory), ..Parts::of(&store) };
    let wire = Wire::start_with(store, parts);
    let (list, get) = (wire.get("/v1/users"), wire.get("/v1/users/ada"));
    let deletions = [wire.delete("/v1/users/ada"), wire.delete("/v1/users/ada?dry_run=true")];
    let patch = wire.patch("/v1/users/ada", "[]");
    let others = [list, get, wire.put("/v1/users/ada", "{}"), wire.post("{}"), patch];
    for answer in others.into_iter().chain(deletions) {
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
        assert_eq!(answer.header("retry-after"), (status == 503).then_some("1"));
        assert!(!answer.body.contains("secret"));
    }
}

#[test]
fn a_patch_that_others_overtake_each_time_does_not_blame_the_database() {
    let mut users = MockUsers::new();
    users.expect_find().returning(|_| Ok(Some(full_user("ada"))));
    users.expect_write().returning(|_, _| {
        Err(WriteError::Rejected(Rejection::PreconditionFailed { current: Version::from_stored(1) }))
    });
    let wire = wire_over(users, Duration::from_mins(1));
    let answer = wire.patch("/v1/users/ada", r#"[{"op":"add","path":"/bio","value":"x"}]"#);
    assert_eq!((answer.status, answer.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), Some("1"));
    let detail = "The user kept changing while the patch was applied. Try again.";
    assert_eq!(answer.json()["detail"], detail);
}

#[test]
fn a_panic_is_answered_and_the_worker_goes_on() {
    let mut users = MockUsers::new();
    users.expect_find().returning(|_| panic!("secret"));
    let wire = wire_over(users, Duration::from_secs(5));
    for _ in 0..3 {
        let answer = wire.get("/v1/users/ada");
        assert_eq!((answer.status, answer.code().as_str()), (500, "INTERNAL_ERROR"));
        assert!(!answer.body.contains("secret"));
    }
    assert_eq!(wire.get("/livez").status, 200);
}

#[test]
fn a_store_that_does_not_answer_is_given_up() {
    let store = Arc::new(MemoryStore::default());
    let parts = Parts {
        users: Arc::new(StuckStore),
        directory: Arc::new(StuckStore),
        request_timeout: Duration::from_millis(200),
        ..Parts::of(&store)
    };
    let wire = Wire::start_with(store, parts);
    for answer in [
        wire.get("/v1/users"),
        wire.get("/v1/users/ada"),
        wire.put("/v1/users/ada", "{}"),
        wire.post("{}"),
        wire.patch("/v1/users/ada", "[]"),
        wire.delete("/v1/users/ada"),
        wire.send("DELETE /v1/users/ada", "idempotency-key: k\r\n", ""),
        // The one before was given up, and has left its key free.
        wire.send("DELETE /v1/users/ada", "idempotency-key: k\r\n", ""),
    ] {
        assert_eq!((answer.status, answer.code().as_str()), (503, "SERVICE_UNAVAILABLE"));
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
}

/// Headers that the service, or the library below it, reads.
const HEADERS: [&str; 12] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "prefer",
    "content-type",
    "content-encoding",
    "x-request-id",
    "expect",
    "upgrade",
    "accept",
    "transfer-encoding",
    "idempotency-key",
];

#[test]
fn no_request_gets_a_500_or_no_answer() {
    let wire = Wire::start();
    let token = token("all");
    let method = prop::sample::select(vec![
        "GET", "HEAD", "PUT", "PATCH", "POST", "DELETE", "CONNECT", "OPTIONS", "x",
    ]);
    let path = prop_oneof![
        "/v1/users/[!-~]{0,20}",
        r"/v1/users/(bulk|count|search)",
        r"/v1/users(/count|/search)?\?(query|limit|cursor|order_direction|offset|username|email|organization|active)=[!-~]{0,12}&[!-~]{0,12}",
        "/[!-~]{0,20}",
        Just("*".to_owned()),
        "http://x/v1/users/[a-z%]{0,5}"
    ];
    let name = prop::sample::select(HEADERS.to_vec());
    let body = prop_oneof![
        "[\\PC]{0,40}",
        r#"\{"(id|bio|active|x)":("a"|1|null|\[\])\}"#,
        r#"\{"(items|updates|ids)":\[("a"|1|null|\{"id":"[ab]"(,"data":\{("bio":1)?\})?\}){0,1}\]\}"#,
        r#"\[\{"op":"(add|move|test)","path":"/(id|bio|x)?","from":"/bio","value":("a"|1|null|\[\])\}\]"#,
    ];
    let request = (method, path, name, "[ -~]{0,30}", body);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(200));
    runner
        .run(&request, |(method, path, name, value, body)| {
            let value = if body.starts_with('[') && name == "content-type" {
                "application/json-patch+json".to_owned()
            } else {
                value
            };
            let length = body.len();
            let mut stream = wire.connect();
            stream
                .write_all(
                format!(
                    "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Token {token}\r\n\
                     {name}: {value}\r\ncontent-length: {length}\r\n\r\n{body}"
                )
                .as_bytes(),
            )
            .unwrap();
            // Nothing more is to come, so the server need not wait for it before it closes.
            stream.shutdown(Shutdown::Write).unwrap();
            let answer = Answer::read(&mut stream);
            prop_assert!(answer.status < 500, "{:?}", answer);
            prop_assert!(answer.header("x-request-id").is_some(), "{:?}", answer);
            if answer.status >= 400 {
                prop_assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            }
            Ok(())
        })
        .unwrap();
}
