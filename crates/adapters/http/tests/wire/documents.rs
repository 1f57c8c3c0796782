use std::path::PathBuf;

use users_http::{error_reference, openapi_json};

use crate::support::{Answer, Wire};

/// Compares a file of `docs/` with what it is made from; with `UPDATE_DOCS=1` it is written anew.
fn assert_current(name: &str, expected: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/{name} is out of date: run the tests once with UPDATE_DOCS=1");
}

#[test]
fn the_openapi_document_in_docs_is_current() {
    assert_current("openapi.json", &openapi_json());
}

#[test]
fn the_error_reference_in_docs_is_current() {
    assert_current("errors.md", &error_reference());
}

#[test]
fn the_openapi_document_is_served_to_anybody() {
    let answer = Wire::start().send_as("GET /openapi.json", "", "");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.body, openapi_json());
}

#[test]
fn the_type_of_a_problem_leads_to_its_entry() {
    let wire = Wire::start();
    let problem = wire.get("/v1/users/eve").json();
    let (path, anchor) = problem["type"].as_str().unwrap().split_once('#').unwrap();
    let page = wire.send_as(&format!("GET {path}"), "", "");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert!(page.body.contains(&format!("<section id=\"{anchor}\">")));
}

/// Checks of each answer that the document knows its status for the method and the path.
fn assert_documented(asked: impl IntoIterator<Item = (&'static str, &'static str, Answer)>) {
    let document: serde_json::Value = serde_json::from_str(&openapi_json()).unwrap();
    for (method, path, answer) in asked {
        let responses = document["paths"][path][method]["responses"].as_object().unwrap();
        assert!(responses.contains_key(&answer.status.to_string()), "{method} {path}: {}", answer.status);
    }
}

#[test]
fn every_status_of_a_write_is_in_the_document() {
    let wire = Wire::start();
    let (json, text) = ("content-type: application/json\r\n", "content-type: text/plain\r\n");
    let merge = "content-type: application/merge-patch+json\r\n";
    let key = "idempotency-key: k\r\n";
    let large = " ".repeat(256 * 1024 + 1);
    let asked = [
        ("put", "/v1/users/{id}", wire.put("/v1/users/ada", "{}")),
        ("put", "/v1/users/{id}", wire.put("/v1/users/ada", "{")),
        ("put", "/v1/users/{id}", wire.put("/v1/users/ada", "[]")),
        ("put", "/v1/users/{id}", wire.put("/v1/users/eve", "{}")),
        ("put", "/v1/users/{id}", wire.put("/v1/users/ada", &large)),
        ("put", "/v1/users/{id}", wire.put("/v1/users/bob", r#"{"username":"ada"}"#)),
        ("put", "/v1/users/{id}", wire.send("PUT /v1/users/ada", "if-match: x\r\n", "{}")),
        ("put", "/v1/users/{id}", wire.send("PUT /v1/users/ada", text, "{}")),
        ("put", "/v1/users/{id}", wire.send_as("PUT /v1/users/ada", "", "{}")),
        ("put", "/v1/users/{id}", wire.send("PUT /v1/users/ada?dry_run=1", "", "{}")),
        ("patch", "/v1/users/{id}", wire.send("PATCH /v1/users/ada", merge, "{}")),
        ("patch", "/v1/users/{id}", wire.patch("/v1/users/ada", "[]")),
        ("patch", "/v1/users/{id}", wire.patch("/v1/users/ada", "[")),
        ("patch", "/v1/users/{id}", wire.patch("/v1/users/ada", "{}")),
        ("patch", "/v1/users/{id}", wire.patch("/v1/users/eve", "[]")),
        ("patch", "/v1/users/{id}", wire.patch("/v1/users/ada", &large)),
        ("patch", "/v1/users/{id}", wire.put("/v1/users/ada", "{}")),
        ("patch", "/v1/users/{id}", wire.send("PATCH /v1/users/bob", merge, r#"{"username":"ada"}"#)),
        (
            "patch",
            "/v1/users/{id}",
            wire.send("PATCH /v1/users/ada", &format!("{merge}if-match: x\r\n"), "{}"),
        ),
        ("patch", "/v1/users/{id}", wire.send_as("PATCH /v1/users/ada", "", "{}")),
        ("delete", "/v1/users/{id}", wire.delete("/v1/users/eve")),
        ("delete", "/v1/users/{id}", wire.send("DELETE /v1/users/ada", "if-match: x\r\n", "")),
        ("delete", "/v1/users/{id}", wire.send("DELETE /v1/users/ada?dry_run=1", "", "")),
        ("delete", "/v1/users/{id}", wire.send("DELETE /v1/users/ada", "", &large)),
        ("delete", "/v1/users/{id}", wire.send_as("DELETE /v1/users/ada", "", "")),
        ("delete", "/v1/users/{id}", wire.delete("/v1/users/ada?dry_run=true")),
        ("post", "/v1/users", wire.send("POST /v1/users", key, "{}")),
        ("post", "/v1/users", wire.send("POST /v1/users", key, r#"{"bio":"x"}"#)),
        ("post", "/v1/users", wire.post("{}")),
        ("post", "/v1/users", wire.post("{")),
        ("post", "/v1/users", wire.post("[]")),
        ("post", "/v1/users", wire.post(&large)),
        ("post", "/v1/users", wire.post(r#"{"id":"ada"}"#)),
        ("post", "/v1/users", wire.send("POST /v1/users", text, "{}")),
        ("post", "/v1/users", wire.send_as("POST /v1/users", json, "{}")),
    ];
    assert_documented(asked);
}

#[test]
fn every_status_of_a_read_is_in_the_document() {
    let wire = Wire::start();
    let (text, large) = ("content-type: text/plain\r\n", " ".repeat(256 * 1024 + 1));
    let asked = [
        ("get", "/v1/users", wire.get("/v1/users")),
        ("get", "/v1/users", wire.get("/v1/users?limit=0")),
        ("get", "/v1/users", wire.send("GET /v1/users", "", "{")),
        ("get", "/v1/users", wire.send("GET /v1/users", text, "{}")),
        ("get", "/v1/users", wire.send("GET /v1/users", "", &large)),
        ("get", "/v1/users", wire.send_as("GET /v1/users", "", "")),
        ("get", "/v1/users/count", wire.get("/v1/users/count")),
        ("get", "/v1/users/count", wire.get("/v1/users/count?active=x")),
        ("get", "/v1/users/search", wire.get("/v1/users/search?query=a")),
        ("get", "/v1/users/search", wire.get("/v1/users/search")),
        ("get", "/v1/users/{id}", wire.get("/v1/users/ada")),
        ("get", "/v1/users/{id}", wire.get("/v1/users/eve")),
        ("get", "/v1/users/{id}", wire.send("GET /v1/users/ada", "if-match: x\r\n", "")),
        ("get", "/v1/users/{id}", wire.send("GET /v1/users/ada", "if-none-match: *\r\n", "")),
        ("get", "/livez", wire.get("/livez")),
        ("get", "/readyz", wire.get("/readyz")),
    ];
    assert_documented(asked);
}
