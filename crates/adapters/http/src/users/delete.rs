//! `DELETE /v1/users/{id}`: deletes a user.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use users_domain::UserId;
use users_use_cases::{Caller, WriteMode};

use super::written::{answer_written, refusal};
use crate::Services;
use crate::extract::{
    Authorized, Delete, FromAuthorized, UserIdPath, WriteConditions, WriteOptions, read_body,
};
use crate::problem::Problem;

/// A deletion that is allowed.
pub struct DeleteRequest {
    id: UserId,
    conditions: WriteConditions,
    mode: WriteMode,
}

/// Deletes the user, and gives it as it was: the clients of this interface cannot read an answer without a body.
pub async fn delete_user(
    services: web::Data<Services>,
    Authorized { caller, request, .. }: Authorized<Delete, DeleteRequest>,
) -> Result<HttpResponse, Problem> {
    let DeleteRequest { id, conditions, mode } = request;
    let WriteConditions { precondition, hopeless } = conditions;
    let dry_run = mode == WriteMode::DryRun;
    let written = services.delete_user.execute(&caller, &id, precondition, mode).await;
    answer_written(StatusCode::OK, &written.map_err(|error| refusal(error, hopeless))?, dry_run)
}

impl FromAuthorized for DeleteRequest {
    /// A body has no meaning here (RFC 9110, section 9.3.5), whatever its type, and is read only to be out of the way.
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        let UserIdPath(id) = UserIdPath::of(request)?;
        let options = WriteOptions::of(request)?;
        let body = read_body(request, payload).await?;
        let mode = options.into_mode(request, caller, &body);
        Ok(Self { id, conditions: WriteConditions::of(request.headers()), mode })
    }
}
