use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;

use crate::error_reference::error_reference_page;
use crate::openapi::openapi_json;

/// What the page of errors may do: nothing but be shown, and in no frame. Its style is its own.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET /openapi.json`: the OpenAPI document of the service.
pub async fn openapi() -> HttpResponse {
    static DOCUMENT: LazyLock<Bytes> = LazyLock::new(|| openapi_json().into());
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.clone())
}

/// `GET /docs/errors`: the page that the `type` of every problem leads to.
pub async fn error_page() -> HttpResponse {
    static PAGE: LazyLock<Bytes> = LazyLock::new(|| error_reference_page().into());
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(PAGE.clone())
}
