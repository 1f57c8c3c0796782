use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Bytes;

use crate::error_reference::error_reference_page;
use crate::openapi::openapi_json;

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
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(PAGE.clone())
}
