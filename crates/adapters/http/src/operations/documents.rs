use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Bytes};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use crate::PublicUrl;
use crate::error_reference::{STYLE, error_reference_page};
use crate::openapi::openapi_json_below;

/// What the page of errors may do: nothing but be shown in its own style, known by its hash, and in no frame.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Base64 has nothing that a header could not hold.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// `GET /openapi.json`: the OpenAPI document of the service.
pub async fn openapi(public_url: web::Data<PublicUrl>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(openapi_json_below(&public_url))
}

/// `GET /docs/errors`: the page that the `type` of every problem leads to.
pub async fn error_page() -> HttpResponse {
    static PAGE: LazyLock<Bytes> = LazyLock::new(|| error_reference_page().into());
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY.clone()))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(PAGE.clone())
}
