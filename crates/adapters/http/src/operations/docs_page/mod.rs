//! `GET /docs`: the OpenAPI document as a page on which every operation can be tried out.
//!
//! The page is Swagger UI, of which the service has a copy: nothing is fetched from anywhere else, and the policy that goes
//! with the page sees to that.

mod assets;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::web::Redirect;
use actix_web::{HttpRequest, HttpResponse};

use crate::extract::EntityTags;
use crate::problem::Problem;
use assets::{Asset, PAGE, asset};

/// What the page may do: load and ask this service alone, and be shown in no frame.
///
/// Swagger UI has small pictures in its style sheet. It styles elements by its script, which is no inline style.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Gives the page.
pub async fn docs_page(request: HttpRequest) -> HttpResponse {
    let mut response = answer(&request, &PAGE);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// `GET /docs/`: leads to the page, which has one path. Relative, as all links of the page: a proxy may put it below a prefix.
pub async fn docs_page_with_slash() -> Redirect {
    Redirect::to("../docs").permanent()
}

/// `GET /`: leads to the page.
pub async fn root() -> Redirect {
    Redirect::to("docs").see_other()
}

/// `GET /docs/{asset}`: what the page is made of.
pub async fn docs_asset(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let name = request.match_info().get("asset").unwrap_or_default();
    asset(name).map(|asset| answer(&request, asset)).ok_or_else(Problem::no_such_path)
}

/// Answers with the file, or with 304 where the client has it already.
///
/// Caches may keep a file, but must ask each time whether it is still the same: it changes with the service.
fn answer(request: &HttpRequest, asset: &Asset) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, format!("\"{}\"", asset.tag)))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if is_known(request.headers(), &asset.tag) {
        return response.status(StatusCode::NOT_MODIFIED).finish();
    }
    response.content_type(asset.media_type).body(asset.content.clone())
}

/// Whether `If-None-Match` lists the tag, which is compared weakly (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    match EntityTags::parse(headers.get_all(header::IF_NONE_MATCH).map(HeaderValue::as_bytes)) {
        Ok(Some(EntityTags::Any)) => true,
        Ok(Some(EntityTags::List(tags))) => tags.iter().any(|known| known.opaque == tag.as_bytes()),
        Ok(None) | Err(_) => false,
    }
}
