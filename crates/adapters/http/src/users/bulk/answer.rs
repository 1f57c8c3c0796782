use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;
use users_domain::{User, UserId};

use super::super::answer::{USUAL_SIZE, answer_json};
use super::request::Place;
use crate::problem::{Problem, ProblemBody};

/// What became of a bulk request, on the wire.
#[derive(Serialize)]
struct BulkBody<'a> {
    results: Vec<ItemBody<'a>>,
    succeeded: usize,
    failed: usize,
}

/// What became of one item.
#[derive(Serialize)]
struct ItemBody<'a> {
    index: usize,
    id: Option<&'a UserId>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a User>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ProblemBody<'a>>,
}

/// An item, and what became of it.
pub struct ItemResult {
    /// The user that the item named.
    pub id: Option<UserId>,
    /// The user after it, or why nothing happened.
    pub outcome: Result<User, Problem>,
}

/// Answers with what became of each item of the request at `place`, `done` being the status of those that were carried
/// out.
pub fn answer(results: &[ItemResult], place: &Place, done: StatusCode) -> Result<HttpResponse, Problem> {
    log_faults(results, place);
    let failed = results.iter().filter(|result| result.outcome.is_err()).count();
    let body = BulkBody {
        results: results.iter().enumerate().map(|(index, result)| item(index, result, place, done)).collect(),
        succeeded: results.len() - failed,
        failed,
    };
    answer_json(&body, USUAL_SIZE * results.len())
}

fn item<'a>(index: usize, result: &'a ItemResult, place: &'a Place, done: StatusCode) -> ItemBody<'a> {
    match &result.outcome {
        Ok(user) => {
            let (id, status) = (Some(user.id()), done.as_u16());
            ItemBody { index, id, status, user: Some(user), error: None }
        }
        Err(problem) => {
            let (id, status) = (result.id.as_ref(), problem.code().status().as_u16());
            let error = problem.body(place.public_url(), place.of_item(index), place.request_id());
            ItemBody { index, id, status, user: None, error: Some(error) }
        }
    }
}

/// Says once for the whole request what went wrong inside, which no answer tells.
fn log_faults(results: &[ItemResult], place: &Place) {
    let problems = results.iter().filter_map(|result| result.outcome.as_ref().err());
    let mut causes = problems.filter_map(Problem::cause);
    if let Some(cause) = causes.next() {
        let (items, request_id) = (causes.count() + 1, place.request_id());
        tracing::error!(cause, items, request_id, "items of a bulk request failed");
    }
}
