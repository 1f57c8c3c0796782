//! What every write answers.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use users_use_cases::{Rejection, WriteError, Written};

use super::answer::answer;
use crate::problem::Problem;

/// Tells that an answer is the one to an earlier request with the same key.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Tells that nothing was written.
const DRY_RUN: HeaderName = HeaderName::from_static("dry-run");

/// Answers with the user that was written, or would have been.
///
/// A user that only would have been is in no version: its tag could be that of another state later, and then hold where it
/// must not.
pub fn answer_written(status: StatusCode, written: &Written, dry_run: bool) -> Result<HttpResponse, Problem> {
    let mut response = answer(status, &written.user)?;
    if dry_run {
        response.headers_mut().remove(header::ETAG);
        response.headers_mut().remove(header::LAST_MODIFIED);
    }
    Ok(marked(response, written.replayed, dry_run))
}

/// Tells of an answer to a write whether it was given before, and whether it is only about what would be.
pub fn marked(mut response: HttpResponse, replayed: bool, dry_run: bool) -> HttpResponse {
    for (name, _) in [(IDEMPOTENCY_REPLAYED, replayed), (DRY_RUN, dry_run)].into_iter().filter(|it| it.1) {
        response.headers_mut().insert(name, HeaderValue::from_static("true"));
    }
    response
}

/// A refused write; where its condition could never hold, the client is told why.
pub fn refusal(error: WriteError, hopeless: Option<&'static str>) -> Problem {
    match (&error, hopeless) {
        (WriteError::Rejected(Rejection::PreconditionFailed { .. }), Some(why)) => {
            Problem::from(error).with_detail(why)
        }
        _ => error.into(),
    }
}
