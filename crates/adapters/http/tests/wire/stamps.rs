//! Every write reaches the store with who asked for it, in which request, and when.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use users_ports::{Actor, MockUsers, Stamp, Transacted};
use users_testkit::{MemoryStore, full_user, noon, token_record};

use crate::support::{Parts, Wire};

#[test]
fn every_write_has_its_token_its_request_and_its_time() {
    let stamps = Arc::new(Mutex::new(Vec::<Stamp>::new()));
    let mut users = MockUsers::new();
    let (written, transacted) = (Arc::clone(&stamps), Arc::clone(&stamps));
    users.expect_find().returning(|_| Ok(Some(full_user("ada"))));
    users.expect_write().returning(move |_, stamp| {
        written.lock().unwrap().push(stamp.clone());
        Ok(full_user("ada"))
    });
    users.expect_transact().returning(move |commands, stamp, _| {
        transacted.lock().unwrap().push(stamp.clone());
        let outcomes = commands.iter().map(|_| Ok(full_user("ada"))).collect();
        Ok(Transacted { outcomes, replayed: false })
    });
    let store = Arc::new(MemoryStore::default());
    let parts =
        Parts { users: Arc::new(users), request_timeout: Duration::from_secs(5), ..Parts::of(&store) };
    let wire = Wire::start_with(store, parts);

    let json = "content-type: application/json\r\n";
    let merge = "content-type: application/merge-patch+json\r\n";
    let patch = "content-type: application/json-patch+json\r\n";
    let key = format!("{json}idempotency-key: k\r\n");
    let requests = [
        ("PUT /v1/users/ada", json, r#"{"title":"x"}"#),
        ("PUT /v1/users/ada?dry_run=true", json, r#"{"title":"x"}"#),
        ("PUT /v1/users/ada", &key, r#"{"title":"x"}"#),
        ("PATCH /v1/users/ada", merge, r#"{"title":"x"}"#),
        ("PATCH /v1/users/ada", patch, r#"[{"op":"remove","path":"/title"}]"#),
        ("POST /v1/users", json, r#"{"id":"eve"}"#),
        ("DELETE /v1/users/ada", "", ""),
        ("POST /v1/users/bulk", json, r#"{"items":[{"id":"eve"}]}"#),
        ("PUT /v1/users/bulk", json, r#"{"updates":[{"id":"ada","data":{"title":"x"}}]}"#),
        ("DELETE /v1/users/bulk", json, r#"{"ids":["ada"]}"#),
    ];
    let name = token_record("all").name;
    for (number, (request, headers, body)) in requests.into_iter().enumerate() {
        let id = format!("r-{number}");
        let answer = wire.send(request, &format!("{headers}x-request-id: {id}\r\n"), body);
        assert!((200..300).contains(&answer.status), "{request}: {answer:?}");
        let actor = Actor::Token { id: "all".into(), name: name.as_str().into() };
        let expected = Stamp { at: noon(), actor, request: Some(id.into()) };
        assert_eq!(std::mem::take(&mut *stamps.lock().unwrap()), [expected], "{request}");
    }
}
