//! What the client makes of an answer.

use std::error::Error as _;

use serde_json::json;
use users_client::{Error, ErrorCode, NewUser, UserUpdate};
use wiremock::ResponseTemplate;

use crate::support::{client, found, received, refused, service, user};

#[tokio::test]
async fn a_user_comes_with_its_version() {
    let members = json!({
        "firstName": "Ada", "birthday": "1915-12-10", "last_seen": "2026-10-31T08:15:30.250Z", "title": "",
    });
    let server = service([found(200, &user("ada", members))]).await;
    let ada = client(&server).get("ada").await.unwrap();
    assert_eq!((ada.id.as_str(), ada.active), ("ada", true));
    assert_eq!((ada.first_name.as_deref(), ada.last_name.as_deref()), (Some("Ada"), None));
    assert_eq!(ada.title.as_deref(), Some(""));
    assert_eq!(ada.birthday.unwrap().to_string(), "1915-12-10");
    assert_eq!(ada.last_seen.unwrap().timestamp_millis(), 1_793_434_530_250);
    assert_eq!(ada.etag.as_str(), "\"000643a1b2c3d4e5\"");
    assert_eq!(ada.last_modified.to_rfc3339(), "2026-11-01T12:00:00+00:00");
    assert!(!ada.replayed);
    assert_eq!(
        format!("{:?}", ada.user),
        r#"User { id: "ada", active: true, set: ["birthday", "firstName", "last_seen", "title"] }"#
    );
}

#[tokio::test]
async fn a_replayed_answer_is_told_apart() {
    let replayed = found(201, &user("ada", json!({}))).insert_header("idempotency-replayed", "true");
    let server = service([replayed]).await;
    assert!(client(&server).create(&NewUser::default()).await.unwrap().replayed);
}

#[tokio::test]
async fn an_unchanged_user_is_none() {
    let other = found(200, &user("ada", json!({})));
    let server = service([ResponseTemplate::new(304), other]).await;
    let client = client(&server);
    let etag = "\"7\"".parse().unwrap();
    assert_eq!(client.get_if_changed("ada", &etag).await.unwrap(), None);
    assert_eq!(client.get_if_changed("ada", &etag).await.unwrap().unwrap().id, "ada");
    assert!(received(&server).await.iter().all(|request| request.headers["if-none-match"] == "\"7\""));
}

#[tokio::test]
async fn a_refusal_is_told_in_full() {
    let body = json!({
        "type": "/docs/errors#VALIDATION_ERROR", "title": "The request breaks a rule", "status": 422,
        "detail": "The body breaks 2 rules.", "code": "VALIDATION_ERROR", "request_id": "r-7",
        "errors": [
            {"pointer": "/email", "code": "INVALID_FORMAT", "detail": "must be an address"},
            {"pointer": "/bio", "code": "TOO_LONG", "detail": "must be shorter"},
        ],
    });
    let server = service([ResponseTemplate::new(422).set_body_json(body)]).await;
    let error = client(&server).update("ada", &UserUpdate::new()).await.unwrap_err();
    let problem = error.problem().unwrap();
    assert_eq!((problem.status, &problem.code), (422, &ErrorCode::ValidationError));
    assert_eq!(problem.errors[1].code, "TOO_LONG");
    assert!(problem.is_about("/email") && !problem.is_about("/phone"));
    assert_eq!(
        error.to_string(),
        "the users service refused: 422 VALIDATION_ERROR: The body breaks 2 rules. (request r-7)"
    );
    assert_eq!(received(&server).await.len(), 1, "sent again in vain");
}

#[tokio::test]
async fn a_stale_version_is_told_with_the_current_one() {
    let stale = refused(412, "PRECONDITION_FAILED").insert_header("etag", "\"8\"");
    let server = service([stale]).await;
    let etag = "\"7\"".parse().unwrap();
    let error = client(&server).delete("ada").if_match(&etag).await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::PreconditionFailed));
    assert_eq!(error.problem().unwrap().etag.as_ref().unwrap().as_str(), "\"8\"");
}

#[tokio::test]
async fn an_unknown_user_and_an_unknown_code_are_errors_of_their_own() {
    let server = service([refused(404, "RESOURCE_NOT_FOUND"), refused(418, "BRAND_NEW")]).await;
    let client = client(&server);
    assert!(client.get("nobody").await.unwrap_err().is_not_found());
    let new = client.get("ada").await.unwrap_err();
    assert_eq!(new.code(), Some(&ErrorCode::Unknown("BRAND_NEW".to_owned())));
}

#[tokio::test]
async fn items_of_a_bulk_write_are_told_one_by_one() {
    let results = json!({"results": [
        {"index": 0, "id": "a", "status": 201, "user": user("a", json!({}))},
        {"index": 1, "status": 422, "error": {
            "status": 422, "code": "VALIDATION_ERROR", "detail": "The item breaks a rule.",
            "errors": [{"pointer": "/email", "code": "INVALID_FORMAT", "detail": "x"}],
        }},
    ], "succeeded": 1, "failed": 1});
    let server = service([ResponseTemplate::new(200).set_body_json(results)]).await;
    let answer = client(&server).bulk_create(&[NewUser::default(), NewUser::default()]).await.unwrap();
    assert_eq!(answer.results[0].outcome.as_ref().unwrap().id, "a");
    assert_eq!(answer.results[1].id, None);
    let failures: Vec<_> = answer.failures().map(|(index, problem)| (index, &problem.code)).collect();
    assert_eq!(failures, [(1, &ErrorCode::ValidationError)]);
}

#[tokio::test]
async fn an_answer_of_another_service_is_unreadable_and_not_repeated() {
    let secret = "<html>hunter2</html>";
    let user = user("ada", json!({}));
    let strange = [
        ResponseTemplate::new(200).set_body_string(secret),
        ResponseTemplate::new(200).set_body_json(&user),
        ResponseTemplate::new(204),
        ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:9/hunter2"),
        ResponseTemplate::new(403).set_body_string(secret),
        ResponseTemplate::new(500).set_body_json(json!({"error": "hunter2"})),
    ];
    let statuses = [200, 200, 204, 302, 403, 500];
    let server = service(strange).await;
    let client = client(&server);
    for expected in statuses {
        let error = client.get("ada").await.unwrap_err();
        assert!(matches!(error, Error::Unreadable { status, .. } if status == expected), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    assert_eq!(received(&server).await.len(), statuses.len());
}

#[tokio::test]
async fn no_answer_says_what_the_network_said_and_not_whom_it_was_about() {
    let client = users_client::Client::builder("http://127.0.0.1:1", "x")
        .retry(users_client::RetryPolicy::never())
        .build()
        .unwrap();
    let error = client.get("ada@example.org").await.unwrap_err();
    assert!(matches!(error, Error::NoAnswer { .. }) && error.source().is_some(), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("ada@example.org"), "{error:?}");
}
