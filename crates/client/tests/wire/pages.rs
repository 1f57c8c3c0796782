//! Lists and searches, page by page and as streams.

use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use users_client::{ErrorCode, Filter};
use wiremock::ResponseTemplate;

use crate::support::{client, received, refused, service, user};

fn page(ids: &[&str], next: Option<&str>, total: Option<u64>) -> ResponseTemplate {
    let users: Vec<Value> = ids.iter().map(|id| user(id, json!({}))).collect();
    let mut body = json!({
        "users": users, "has_more": next.is_some(), "next_cursor": next, "pagination": {"limit": 2, "offset": 0},
    });
    if let Some(total) = total {
        body["pagination"]["total"] = total.into();
    }
    ResponseTemplate::new(200).set_body_json(body)
}

async fn queries(server: &wiremock::MockServer) -> Vec<String> {
    let requests = received(server).await;
    requests.iter().map(|it| format!("{}?{}", it.url.path(), it.url.query().unwrap_or_default())).collect()
}

#[tokio::test]
async fn a_page_has_the_parameters_asked_for() {
    let server = service([page(&["b", "a"], Some("c1"), Some(5)), page(&[], None, None)]).await;
    let client = client(&server);
    let filter = Filter::new().country("GB").username("Ada").email("a@b").active(false);
    let first = client.list().filter(&filter).limit(7).limit(2).descending().offset(3).include_total();
    let first = first.page().await.unwrap();
    assert_eq!(first.users.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!((first.next_cursor.as_deref(), first.total), (Some("c1"), Some(5)));
    let last = client.list().cursor("c1").page().await.unwrap();
    assert_eq!((last.users.len(), last.next_cursor, last.total), (0, None, None));
    let expected = [
        concat!(
            "/v1/users?username=Ada&email=a%40b&country=GB&active=false&limit=2&order_direction=desc&offset=3",
            "&include_total=true"
        ),
        "/v1/users?cursor=c1",
    ];
    assert_eq!(queries(&server).await, expected);
}

#[tokio::test]
async fn a_stream_follows_the_cursor_to_the_end() {
    // A page may be empty without being the last one.
    let pages = [
        page(&["a", "b"], Some("c1"), Some(3)),
        page(&[], Some("c2"), None),
        refused(503, "SERVICE_UNAVAILABLE"),
        page(&["c"], None, None),
    ];
    let server = service(pages).await;
    let stream = client(&server).list().limit(2).offset(1).include_total().stream();
    let users: Vec<_> = stream.try_collect().await.unwrap();
    assert_eq!(users.iter().map(|user| user.id.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let expected = [
        "/v1/users?limit=2&offset=1&include_total=true",
        "/v1/users?limit=2&cursor=c1",
        "/v1/users?limit=2&cursor=c2",
        "/v1/users?limit=2&cursor=c2",
    ];
    assert_eq!(queries(&server).await, expected);
}

#[tokio::test]
async fn a_stream_reads_a_page_when_it_is_needed_and_ends_with_the_first_error() {
    let server = service([page(&["a", "b"], Some("c1"), None), refused(422, "VALIDATION_ERROR")]).await;
    let mut stream = client(&server).list().stream();
    for _ in 0..2 {
        stream.try_next().await.unwrap().unwrap();
    }
    assert_eq!(received(&server).await.len(), 1);
    let error = stream.try_next().await.unwrap_err();
    assert_eq!(error.code(), Some(&ErrorCode::ValidationError));
    assert!(stream.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_search_is_read_the_same_way() {
    let found = |ids: &[&str], next: Option<&str>| {
        let users: Vec<Value> = ids.iter().map(|id| user(id, json!({}))).collect();
        let body = json!({"users": users, "has_more": next.is_some(), "next_cursor": next});
        ResponseTemplate::new(200).set_body_json(body)
    };
    let server = service([found(&["a"], Some("s1")), found(&["b"], None)]).await;
    let users: Vec<_> = client(&server).search("ad é").limit(1).stream().try_collect().await.unwrap();
    assert_eq!(users.len(), 2);
    let expected =
        ["/v1/users/search?query=ad+%C3%A9&limit=1", "/v1/users/search?query=ad+%C3%A9&limit=1&cursor=s1"];
    assert_eq!(queries(&server).await, expected);
}
