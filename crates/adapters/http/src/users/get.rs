//! `GET /v1/users/{id}`: reads a user.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use users_use_cases::Rejection;

use super::answer::answer;
use crate::Services;
use crate::extract::{Authorized, ReadConditions, ReadOne, UserIdPath};
use crate::problem::Problem;

/// Gives the user, or 304 where the client has it already.
///
/// A cache of the client's own may keep the user, but must ask each time whether it is still the same.
pub async fn get_user(
    services: web::Data<Services>,
    request: HttpRequest,
    id: Authorized<ReadOne, UserIdPath>,
) -> Result<HttpResponse, Problem> {
    let UserIdPath(id) = id.request;
    let user = services.get_user.execute(&id).await?.ok_or_else(Problem::no_such_user)?;
    let mut response = answer(StatusCode::OK, &user)?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    match ReadConditions::of(request.headers(), &user) {
        ReadConditions::Met => Ok(response),
        ReadConditions::NotModified => Ok(not_modified(response)),
        ReadConditions::Failed => Err(Rejection::PreconditionFailed { current: user.version() }.into()),
    }
}

/// Leaves of the answer what a 304 has (RFC 9110, section 15.4.5).
fn not_modified(response: HttpResponse) -> HttpResponse {
    let mut response = response.set_body(BoxBody::new(()));
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response.headers_mut().remove(header::CONTENT_TYPE);
    response
}
