use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rstest::rstest;
use sha2::{Digest, Sha256};

use crate::support::{Answer, Wire};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn anonymous(request_line: &str, headers: &str) -> Answer {
    Wire::start().send_as(request_line, headers, "")
}

#[test]
fn the_page_may_load_and_ask_the_service_alone() {
    let page = anonymous("GET /docs", "");
    let etag = page.header("etag").unwrap();
    assert_eq!(page.status, 200);
    assert_eq!(
        page.headers,
        [
            "cache-control: no-cache".to_owned(),
            "connection: close".to_owned(),
            format!("content-length: {}", page.body.len()),
            format!("content-security-policy: {POLICY}"),
            "content-type: text/html; charset=utf-8".to_owned(),
            format!("etag: {etag}"),
            "referrer-policy: no-referrer".to_owned(),
            "x-content-type-options: nosniff".to_owned(),
            "x-request-id: test-0".to_owned(),
        ]
    );
    assert!(page.body.starts_with("<!doctype html>"));
    assert!(page.body.contains(r#"<a href="docs/errors">"#));
}

/// Relative, so that they hold below the prefix of a proxy too.
#[rstest]
#[case::slash("/docs/", 308, "../docs")]
#[case::root("/", 303, "docs")]
fn other_paths_lead_to_the_page(#[case] path: &str, #[case] status: u16, #[case] location: &str) {
    let answer = anonymous(&format!("GET {path}"), "");
    assert_eq!((answer.status, answer.header("location")), (status, Some(location)));
}

#[rstest]
#[case("start.js", "text/javascript; charset=utf-8", "url: \"openapi.json\"")]
#[case("swagger-ui-bundle.js", "text/javascript; charset=utf-8", "SwaggerUIBundle")]
#[case("swagger-ui.css", "text/css; charset=utf-8", ".swagger-ui")]
fn what_the_page_loads_is_served(#[case] name: &str, #[case] media_type: &str, #[case] part: &str) {
    let asset = anonymous(&format!("GET /docs/{name}"), "");
    assert_eq!((asset.status, asset.header("content-type")), (200, Some(media_type)));
    assert_eq!(asset.header("x-content-type-options"), Some("nosniff"));
    assert!(asset.body.contains(part));
}

#[rstest]
#[case("/docs")]
#[case("/docs/start.js")]
fn what_a_cache_has_is_not_sent_again(#[case] path: &str) {
    let whole = anonymous(&format!("GET {path}"), "");
    let etag = whole.header("etag").unwrap();
    for known in [etag.to_owned(), format!("\"x\", W/{etag}"), "*".to_owned()] {
        let answer = anonymous(&format!("GET {path}"), &format!("if-none-match: {known}\r\n"));
        assert_eq!((answer.status, answer.body.as_str()), (304, ""), "{known}");
        assert_eq!((answer.header("etag"), answer.header("content-type")), (Some(etag), None));
    }
    for other in ["\"x\"", "x"] {
        assert_eq!(anonymous(&format!("GET {path}"), &format!("if-none-match: {other}\r\n")), whole);
    }
}

#[rstest]
#[case("/docs")]
#[case("/docs/start.js")]
#[case("/docs/errors")]
fn head_is_get_without_the_body(#[case] path: &str) {
    let mut get = anonymous(&format!("GET {path}"), "");
    get.body.clear();
    assert_eq!(anonymous(&format!("HEAD {path}"), ""), get);
}

#[rstest]
#[case("index.html")]
#[case("swagger-initializer.js")]
#[case("..%2FCargo.toml")]
#[case("%2e%2e")]
#[case("start.js%00")]
fn nothing_else_is_there(#[case] name: &str) {
    let answer = anonymous(&format!("GET /docs/{name}"), "");
    assert_eq!((answer.status, answer.code().as_str()), (404, "RESOURCE_NOT_FOUND"));
}

#[test]
fn the_page_of_errors_leads_back() {
    let answer = anonymous("GET /docs/errors", "");
    assert!(answer.body.contains(r#"<a href="/docs">"#));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    // The style that the page has is the one that the browser lets it have.
    let style = answer.body.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(policy.contains(&format!("style-src 'sha256-{hash}';")), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
}
