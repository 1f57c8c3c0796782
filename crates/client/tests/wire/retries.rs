//! What is sent again, how often, and when.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;
use users_client::{Client, Error, NewUser, RetryPolicy, UserUpdate};
use wiremock::ResponseTemplate;

use crate::support::{client, found, header, received, refused, service, user};

fn ada() -> ResponseTemplate {
    found(201, &user("ada", json!({})))
}

#[tokio::test]
async fn a_write_is_sent_again_with_the_same_key() {
    let server = service([
        refused(503, "SERVICE_UNAVAILABLE").insert_header("retry-after", "0"),
        refused(409, "IDEMPOTENCY_KEY_IN_USE"),
        ResponseTemplate::new(502).set_body_string("<html>"),
        ada(),
    ])
    .await;
    let created = client(&server).create(&NewUser::default()).await.unwrap();
    assert_eq!(created.id, "ada");
    let requests = received(&server).await;
    assert_eq!(requests.len(), 4);
    let key = header(&requests[0], "idempotency-key");
    assert!(!key.is_empty());
    assert!(requests.iter().all(|request| header(request, "idempotency-key") == key));
    assert!(requests.iter().all(|request| request.body == b"{}"));
}

#[tokio::test]
async fn a_read_is_sent_again_without_a_key() {
    let server = service([refused(429, "RATE_LIMITED"), ada()]).await;
    client(&server).get("ada").await.unwrap();
    let requests = received(&server).await;
    assert_eq!(requests.len(), 2);
    assert!(requests.iter().all(|request| header(request, "idempotency-key").is_empty()));
}

#[tokio::test]
async fn the_attempts_are_bounded_and_the_last_refusal_is_told() {
    let server = service([refused(503, "SERVICE_UNAVAILABLE").insert_header("retry-after", "0")]).await;
    let error = client(&server).get("ada").await.unwrap_err();
    assert_eq!(error.problem().unwrap().status, 503);
    assert_eq!(received(&server).await.len(), 4);
}

#[tokio::test]
async fn what_another_attempt_would_not_better_is_sent_once() {
    for status in [400, 401, 403, 404, 409, 412, 422, 500] {
        let server = service([refused(status, "ANY")]).await;
        client(&server).update("ada", &UserUpdate::new()).await.unwrap_err();
        assert_eq!(received(&server).await.len(), 1, "{status}");
    }
}

#[tokio::test]
async fn only_a_refusal_that_is_final_says_that_nothing_was_done() {
    for (status, code, uncertain) in [
        (404, "RESOURCE_NOT_FOUND", false),
        (409, "RESOURCE_ALREADY_EXISTS", false),
        (412, "PRECONDITION_FAILED", false),
        (422, "VALIDATION_ERROR", false),
        (409, "IDEMPOTENCY_KEY_IN_USE", true),
        (429, "RATE_LIMITED", true),
        (500, "INTERNAL_ERROR", true),
        (503, "SERVICE_UNAVAILABLE", true),
    ] {
        let server = service([refused(status, code)]).await;
        let error = client(&server).update("ada", &UserUpdate::new()).await.unwrap_err();
        assert_eq!(error.problem().map(|problem| problem.status), Some(status));
        assert_eq!(error.may_have_had_effect(), uncertain, "{code}");
    }
    let server = service([ResponseTemplate::new(404).set_body_string("<html>")]).await;
    assert!(client(&server).delete("ada").await.unwrap_err().may_have_had_effect());
    let invalid = client(&server).create(&NewUser::default()).idempotency_key("").await.unwrap_err();
    assert!(!invalid.may_have_had_effect());
}

#[tokio::test]
async fn a_write_that_is_to_be_sent_once_is() {
    let server = service([refused(503, "SERVICE_UNAVAILABLE"), ada()]).await;
    assert!(client(&server).create(&NewUser::default()).once().await.is_err());
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn the_time_that_the_service_asks_for_is_waited() {
    let server = service([refused(429, "RATE_LIMITED").insert_header("retry-after", "1"), ada()]).await;
    let start = Instant::now();
    client(&server).get("ada").await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_time_longer_than_the_call_may_take_is_told_at_once() {
    let server = service([refused(429, "RATE_LIMITED").insert_header("retry-after", "60"), ada()]).await;
    let error = client(&server).get("ada").await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(1)));
    assert!(error.is_transient());
    assert_eq!(received(&server).await.len(), 1);
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_given_up_and_repeated() {
    let server = service([ada().set_delay(Duration::from_mins(1)), ada()]).await;
    let quick = RetryPolicy::default().first_pause(Duration::from_millis(2));
    let client = Client::builder(server.uri(), "x").timeout(Duration::from_millis(200)).retry(quick);
    client.build().unwrap().get("ada").await.unwrap();
}

#[tokio::test]
async fn a_call_ends_when_its_total_time_is_over() {
    let server = service([ada().set_delay(Duration::from_mins(1))]).await;
    let policy = RetryPolicy::default().total(Duration::from_millis(200));
    let client = Client::builder(server.uri(), "x").retry(policy).build().unwrap();
    let error = client.get("ada").await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }), "{error:?}");
}

/// The service reads the first request, and ends without an answer; the effect may be there.
#[tokio::test]
async fn a_write_whose_connection_broke_is_sent_again_with_the_same_key() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let service = std::thread::spawn(move || {
        let mut keys = Vec::new();
        for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"id\"", WHOLE] {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = vec![0; 4096];
            let length = stream.read(&mut bytes).unwrap();
            let head = String::from_utf8_lossy(&bytes[..length]).to_ascii_lowercase();
            keys.push(head.lines().find(|line| line.starts_with("idempotency-key: ")).unwrap().to_owned());
            stream.write_all(answer.as_bytes()).unwrap();
        }
        keys
    });
    let quick = RetryPolicy::default().first_pause(Duration::from_millis(2));
    let client = Client::builder(url, "x").retry(quick).build().unwrap();
    // There is no user in the last answer; that it came shows that the write was sent three times.
    let error = client.delete("ada").await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { status: 200, .. }), "{error:?}");
    let keys = service.join().unwrap();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
}

const WHOLE: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn nobody_listening_is_an_error_after_all_attempts() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let pause = Duration::from_millis(40);
    let policy = RetryPolicy::default().attempts(3).first_pause(pause);
    let client = Client::builder(format!("http://{address}"), "x").retry(policy).build().unwrap();
    let start = Instant::now();
    let error = client.get("ada").await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }), "{error:?}");
    // Two pauses, the second twice as long, chance taking half of each at the most.
    assert!(start.elapsed() >= Duration::from_millis(60), "{:?}", start.elapsed());
}
