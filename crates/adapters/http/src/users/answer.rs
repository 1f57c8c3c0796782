use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use serde::Serialize;
use users_domain::User;

use super::entity_tag;
use crate::extract::{PREFERENCE_APPLIED, Preferences};
use crate::http_date;
use crate::problem::Problem;

/// How large most users are on the wire, in bytes.
pub const USUAL_SIZE: usize = 1024;

/// Answers with the user, and with its version and time of change in `ETag` and `Last-Modified`.
pub fn answer(status: StatusCode, user: &User) -> Result<HttpResponse, Problem> {
    let mut body = Vec::with_capacity(USUAL_SIZE);
    serde_json::to_writer(&mut body, user)
        .map_err(|error| Problem::internal(format!("a user cannot be written as JSON: {error}")))?;
    let mut response = HttpResponse::new(status).set_body(body).map_into_boxed_body();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::ETAG, entity_tag(user.version()));
    headers.insert(header::LAST_MODIFIED, http_date::header_value(user.modified_at()));
    Ok(response)
}

/// Answers 200 with a JSON value that is about this long, in bytes.
pub fn answer_json(value: &impl Serialize, usual_size: usize) -> Result<HttpResponse, Problem> {
    let mut body = Vec::with_capacity(usual_size);
    serde_json::to_writer(&mut body, value)
        .map_err(|error| Problem::internal(format!("an answer cannot be written as JSON: {error}")))?;
    let mut response = HttpResponse::new(StatusCode::OK).set_body(body).map_into_boxed_body();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

/// Adds what became of the caller's preferences.
pub fn applied(mut response: HttpResponse, preferences: Preferences) -> HttpResponse {
    if preferences.lenient {
        let applied = HeaderValue::from_static("handling=lenient");
        response.headers_mut().insert(PREFERENCE_APPLIED, applied);
    }
    response
}
