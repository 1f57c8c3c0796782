//! A service that answers by a script, and a client of it.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use users_client::{Client, RetryPolicy};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// Answers that are given one after the other; the last one again and again.
struct Script(Mutex<VecDeque<ResponseTemplate>>);

impl Respond for Script {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let mut answers = self.0.lock().unwrap();
        let next = answers[0].clone();
        if answers.len() > 1 {
            answers.pop_front();
        }
        next
    }
}

/// A service that gives these answers.
pub async fn service(answers: impl IntoIterator<Item = ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let script = Script(Mutex::new(answers.into_iter().collect()));
    Mock::given(any()).respond_with(script).mount(&server).await;
    server
}

/// A client that does not pause for long.
pub fn client(server: &MockServer) -> Client {
    let quick = RetryPolicy::default().first_pause(Duration::from_millis(2));
    Client::builder(server.uri(), "usr_test").retry(quick).build().unwrap()
}

/// A user on the wire, with these members set.
pub fn user(id: &str, members: Value) -> Value {
    let mut user = json!({
        "id": id, "active": true, "avatar": null, "bio": null, "birthday": null, "country": null, "email": null,
        "firstName": null, "lastName": null, "last_seen": null, "last_typed": null, "location": null,
        "organization": null, "phone": null, "regions": null, "title": null, "twitter": null, "username": null,
    });
    if let Value::Object(members) = members {
        user.as_object_mut().unwrap().extend(members);
    }
    user
}

/// An answer with a user and its version.
pub fn found(status: u16, user: &Value) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("etag", "\"000643a1b2c3d4e5\"")
        .insert_header("last-modified", "Sun, 01 Nov 2026 12:00:00 GMT")
        .set_body_json(user)
}

/// A refusal.
pub fn refused(status: u16, code: &str) -> ResponseTemplate {
    let body = json!({
        "type": format!("/docs/errors#{code}"), "title": "Title", "status": status, "detail": "Detail.",
        "instance": "/v1/users/ada", "code": code, "message": "Detail.", "request_id": "r-1",
    });
    ResponseTemplate::new(status).set_body_raw(body.to_string(), "application/problem+json")
}

/// What the service was sent.
pub async fn received(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

/// A header of a request; empty where there is none.
pub fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}
