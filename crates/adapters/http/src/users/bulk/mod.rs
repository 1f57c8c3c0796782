//! `POST`, `PUT` and `DELETE /v1/users/bulk`: creates, updates or deletes many users, each by itself.

mod answer;
mod request;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use users_domain::User;
use users_use_cases::{BulkItem, BulkUsers, BulkWritten, Caller, WriteError, WriteMode};

use super::answer::applied;
use super::written::marked;
use crate::Services;
use crate::extract::{Authorized, Delete, FromAuthorized, SentItem, Write, creation, deletion, update};
use crate::problem::Problem;
use answer::{ItemResult, answer};
use request::{BulkRequest, Shape};

const CREATION: Shape = Shape { member: "items", read: creation, user: "", done: StatusCode::CREATED };
const UPDATE: Shape = Shape { member: "updates", read: update, user: "/data", done: StatusCode::OK };
const DELETION: Shape = Shape { member: "ids", read: deletion, user: "", done: StatusCode::OK };

/// Users that are to be created.
pub struct Creations(BulkRequest);

/// Users that are to be updated.
pub struct Updates(BulkRequest);

/// Users that are to be deleted.
pub struct Deletions(BulkRequest);

/// Creates each user of the list that is valid and not taken.
pub async fn create_users(
    services: web::Data<Services>,
    request: Authorized<Write, Creations>,
) -> Result<HttpResponse, Problem> {
    carry_out(&services.bulk_users, &request.caller, request.request.0, &CREATION).await
}

/// Carries out each update of the list that is valid, on a user that there is.
pub async fn update_users(
    services: web::Data<Services>,
    request: Authorized<Write, Updates>,
) -> Result<HttpResponse, Problem> {
    carry_out(&services.bulk_users, &request.caller, request.request.0, &UPDATE).await
}

/// Deletes each user of the list that there is, and gives it as it was.
pub async fn delete_users(
    services: web::Data<Services>,
    request: Authorized<Delete, Deletions>,
) -> Result<HttpResponse, Problem> {
    carry_out(&services.bulk_users, &request.caller, request.request.0, &DELETION).await
}

impl FromAuthorized for Creations {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        BulkRequest::read(request, caller, payload, &CREATION).await.map(Self)
    }
}

impl FromAuthorized for Updates {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        BulkRequest::read(request, caller, payload, &UPDATE).await.map(Self)
    }
}

impl FromAuthorized for Deletions {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        BulkRequest::read(request, caller, payload, &DELETION).await.map(Self)
    }
}

/// Carries out the items that are valid, and answers what became of all.
async fn carry_out(
    bulk_users: &BulkUsers,
    caller: &Caller,
    request: BulkRequest,
    shape: &Shape,
) -> Result<HttpResponse, Problem> {
    let BulkRequest { items, mode, preferences, place } = request;
    let dry_run = mode == WriteMode::DryRun;
    let mut valid = Vec::with_capacity(items.len());
    let mut judged = Vec::with_capacity(items.len());
    for SentItem { id, content } in items {
        judged.push((id, content.map(|item| valid.push(item))));
    }
    let BulkWritten { outcomes, replayed } = execute(bulk_users, caller, valid, mode).await?;
    let mut outcomes = outcomes.into_iter();
    let results: Vec<_> = judged
        .into_iter()
        .map(|(id, content)| ItemResult { id, outcome: content.and_then(|()| next(&mut outcomes, shape)) })
        .collect();
    Ok(applied(marked(answer(&results, &place, shape.done)?, replayed, dry_run), preferences))
}

/// Carries out the items, of which there may be none.
async fn execute(
    bulk_users: &BulkUsers,
    caller: &Caller,
    items: Vec<BulkItem>,
    mode: WriteMode,
) -> Result<BulkWritten, Problem> {
    let count = items.len();
    if count == 0 {
        return Ok(BulkWritten { outcomes: Vec::new(), replayed: false });
    }
    let written = bulk_users.execute(caller, items, mode).await?;
    // Time alone can make an item valid, such as one with tomorrow's date. A request that is sent again is then another
    // one, and its items are not those whose outcomes were kept.
    if written.outcomes.len() == count { Ok(written) } else { Err(WriteError::KeyReused.into()) }
}

fn next(
    outcomes: &mut impl Iterator<Item = Result<User, WriteError>>,
    shape: &Shape,
) -> Result<User, Problem> {
    let outcome = outcomes.next().ok_or_else(|| Problem::internal("a command has no outcome"))?;
    outcome.map_err(|error| Problem::from(error).below(shape.user))
}
