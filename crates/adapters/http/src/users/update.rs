//! `PUT /v1/users/{id}`: updates a user.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use users_domain::{UserId, UserUpdate};
use users_use_cases::{Caller, WriteMode};

use super::answer::applied;
use super::written::{answer_written, refusal};
use crate::Services;
use crate::extract::{
    Authorized, FromAuthorized, IdSource, Preferences, UpdateOne, UserDocument, UserIdPath, WriteConditions,
    WriteOptions, read_body, require_json, services, with_patch_types,
};
use crate::problem::Problem;

/// An update that is allowed and valid.
pub struct UpdateRequest {
    id: UserId,
    update: UserUpdate,
    conditions: WriteConditions,
    preferences: Preferences,
    mode: WriteMode,
}

/// Sets the members that the body has, clears those that are null there, and leaves the others as they are.
pub async fn update_user(
    services: web::Data<Services>,
    Authorized { caller, request, .. }: Authorized<UpdateOne, UpdateRequest>,
) -> Result<HttpResponse, Problem> {
    let UpdateRequest { id, update, conditions, preferences, mode } = request;
    let WriteConditions { precondition, hopeless } = conditions;
    let dry_run = mode == WriteMode::DryRun;
    let written = services.update_user.execute(&caller, &id, update, precondition, mode).await;
    let written = written.map_err(|error| refusal(error, hopeless))?;
    Ok(applied(answer_written(StatusCode::OK, &written, dry_run)?, preferences))
}

impl FromAuthorized for UpdateRequest {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        let UserIdPath(id) = UserIdPath::of(request)?;
        require_json(request).map_err(with_patch_types)?;
        let options = WriteOptions::of(request)?;
        let body = read_body(request, payload).await?;
        let preferences = Preferences::of(request.headers());
        let mut document = UserDocument::parse(&body)?;
        document.require_permitted(caller.may_set())?;
        document.require_id(&id, IdSource::Path);
        let update = document.validate(preferences, services(request)?.clock.now())?;
        let (conditions, mode) =
            (WriteConditions::of(request.headers()), options.into_mode(request, caller, &body));
        Ok(Self { id, update, conditions, preferences, mode })
    }
}
