//! Each call as it is on the wire.

use serde_json::json;
use users_client::{Client, ETag, Error, Filter, NewUser, PatchOperation, User, UserUpdate};
use wiremock::{Request, ResponseTemplate};

use crate::support::{client, found, header, received, service, user};

/// Method, path with query, media type and body.
fn line(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    let (method, path) = (&request.method, request.url.path());
    let body = String::from_utf8(request.body.clone()).unwrap();
    format!("{method} {path}{query} {} {body}", header(request, "content-type")).trim_end().to_owned()
}

#[tokio::test]
async fn calls_about_one_user() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let client = client(&server);
    let update = UserUpdate::new().set_bio("b").clear_phone();
    client.get("ada").await.unwrap();
    client.create(&NewUser::of(update.clone()).with_id("ada")).await.unwrap();
    client.update("ada", &update).await.unwrap();
    client.patch("ada", &update).await.unwrap();
    let patch = [PatchOperation::test("/title", "t"), PatchOperation::remove("/bio")];
    client.json_patch("ada", &patch).await.unwrap();
    client.delete("a@b:c").await.unwrap();

    let lines: Vec<_> = received(&server).await.iter().map(line).collect();
    let expected = [
        "GET /v1/users/ada",
        r#"POST /v1/users application/json {"id":"ada","bio":"b","phone":null}"#,
        r#"PUT /v1/users/ada application/json {"bio":"b","phone":null}"#,
        r#"PATCH /v1/users/ada application/merge-patch+json {"bio":"b","phone":null}"#,
        concat!(
            "PATCH /v1/users/ada application/json-patch+json ",
            r#"[{"op":"test","path":"/title","value":"t"},{"op":"remove","path":"/bio"}]"#
        ),
        "DELETE /v1/users/a@b:c",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_client_in_a_trace_says_so_with_every_call() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let outside = client(&server);
    let place = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let inside = outside.in_trace(place).unwrap();
    inside.get("ada").await.unwrap();
    inside.update("ada", &UserUpdate::new().set_bio("b")).await.unwrap();
    outside.get("ada").await.unwrap();
    let places: Vec<_> =
        received(&server).await.iter().map(|request| header(request, "traceparent").to_owned()).collect();
    assert_eq!(places, [place, place, ""]);
    assert!(matches!(outside.in_trace("x"), Err(Error::Invalid(_))));
}

#[tokio::test]
async fn a_dry_run_says_so_and_its_user_has_no_version() {
    let would_be = ResponseTemplate::new(200).set_body_json(user("ada", json!({"bio": "b"})));
    let server = service([would_be.insert_header("dry-run", "true")]).await;
    let update = UserUpdate::new().set_bio("b");
    let user: User = client(&server).update("ada", &update).dry_run().await.unwrap();
    assert_eq!(user.bio.as_deref(), Some("b"));
    let request = &received(&server).await[0];
    assert_eq!(line(request), r#"PUT /v1/users/ada?dry_run=true application/json {"bio":"b"}"#);
}

#[tokio::test]
async fn a_dry_run_that_the_service_does_not_know_is_noticed() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let error = client(&server).delete("ada").dry_run().await.unwrap_err();
    assert!(matches!(error, Error::Unreadable { status: 200, .. }), "{error:?}");
}

#[tokio::test]
async fn calls_about_many_users() {
    let results = json!({"results": [], "succeeded": 0, "failed": 0});
    let server =
        service([ResponseTemplate::new(200).set_body_json(results).insert_header("dry-run", "true")]).await;
    let client = client(&server);
    client.bulk_create(&[NewUser::default(), NewUser::default().with_id("a")]).await.unwrap();
    client.bulk_update(&[("a", UserUpdate::new().clear_bio())]).dry_run().await.unwrap();
    client.bulk_delete(&["a", "b"]).await.unwrap();

    let lines: Vec<_> = received(&server).await.iter().map(line).collect();
    let expected = [
        r#"POST /v1/users/bulk application/json {"items":[{},{"id":"a"}]}"#,
        r#"PUT /v1/users/bulk?dry_run=true application/json {"updates":[{"id":"a","data":{"bio":null}}]}"#,
        r#"DELETE /v1/users/bulk application/json {"ids":["a","b"]}"#,
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_count_has_its_filter_in_the_query() {
    let server = service([ResponseTemplate::new(200).set_body_json(json!({"count": 3}))]).await;
    let client = client(&server);
    assert_eq!(client.count(&Filter::new()).await.unwrap(), 3);
    let filter = Filter::new().organization("A & B").active(true);
    assert_eq!(client.count(&filter).await.unwrap(), 3);
    let lines: Vec<_> = received(&server).await.iter().map(line).collect();
    assert_eq!(lines, ["GET /v1/users/count", "GET /v1/users/count?organization=A+%26+B&active=true"]);
}

#[tokio::test]
async fn every_request_tells_who_calls() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let client = Client::builder(server.uri(), "usr_test").user_agent("crm/1.2").build().unwrap();
    client.get("ada").await.unwrap();
    let request = &received(&server).await[0];
    assert_eq!(header(request, "authorization"), "Token usr_test");
    assert_eq!(header(request, "user-agent"), "crm/1.2");
    assert_eq!(header(request, "accept"), "application/json");
}

#[tokio::test]
async fn a_write_depends_on_a_version_where_it_says_so() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let client = client(&server);
    let etag: ETag = "\"7\"".parse().unwrap();
    client.update("ada", &UserUpdate::new()).if_match(&etag).await.unwrap();
    client.delete("ada").if_match(&etag).await.unwrap();
    client.delete("ada").await.unwrap();
    let conditions: Vec<_> =
        received(&server).await.iter().map(|it| header(it, "if-match").to_owned()).collect();
    assert_eq!(conditions, ["\"7\"", "\"7\"", ""]);
}

#[tokio::test]
async fn each_write_has_a_key_of_its_own_unless_it_cannot_happen_twice() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let client = client(&server);
    let update = UserUpdate::new();
    client.update("ada", &update).await.unwrap();
    client.update("ada", &update).await.unwrap();
    client.update("ada", &update).idempotency_key("mine").await.unwrap();
    client.update("ada", &update).once().idempotency_key("mine").await.unwrap();
    client.update("ada", &update).once().await.unwrap();
    client.update("ada", &update).dry_run().await.unwrap_err();
    client.get("ada").await.unwrap();
    let requests = received(&server).await;
    let keys: Vec<_> = requests.iter().map(|request| header(request, "idempotency-key")).collect();
    assert_eq!((keys[0].len(), keys[1].len()), (34, 34), "{keys:?}");
    assert_ne!(keys[0], keys[1]);
    assert_eq!(keys[2..], ["\"mine\"", "\"mine\"", "", "", ""]);
}

#[tokio::test]
async fn what_cannot_be_meant_is_not_sent() {
    let server = service([found(200, &user("ada", json!({})))]).await;
    let client = client(&server);
    let refused = [
        client.get("..").await.unwrap_err(),
        client.delete("bulk").await.unwrap_err(),
        client.update("ada", &UserUpdate::new()).idempotency_key("").await.unwrap_err(),
    ];
    assert!(refused.iter().all(|error| matches!(error, Error::Invalid(_))), "{refused:?}");
    assert_eq!(received(&server).await.len(), 0);
}
