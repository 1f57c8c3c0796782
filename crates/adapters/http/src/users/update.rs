//! `PUT /v1/users/{id}`: updates a user.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use users_domain::{UserId, UserUpdate};
use users_use_cases::{CommandRefusal, WriteMode, WriteUserError, Written};

use super::answer::{answer, applied};
use crate::Services;
use crate::extract::{
    Authorized, FromAuthorized, Preferences, UserDocument, UserIdPath, Write, WriteConditions, read_body,
    require_json, services,
};
use crate::problem::Problem;

/// An update that is allowed and valid.
pub struct UpdateRequest {
    id: UserId,
    update: UserUpdate,
    conditions: WriteConditions,
    preferences: Preferences,
}

/// Sets the members that the body has, clears those that are null there, and leaves the others as they are.
pub async fn update_user(
    services: web::Data<Services>,
    request: Authorized<Write, UpdateRequest>,
) -> Result<HttpResponse, Problem> {
    let UpdateRequest { id, update, conditions, preferences } = request.into_inner();
    let WriteConditions { precondition, hopeless } = conditions;
    let updated = services.update_user.execute(&id, update, precondition, WriteMode::Real).await;
    let Written { user, .. } = updated.map_err(|error| refusal(error, hopeless))?;
    Ok(applied(answer(StatusCode::OK, &user)?, preferences))
}

impl FromAuthorized for UpdateRequest {
    async fn read(request: &HttpRequest, payload: Payload) -> Result<Self, Problem> {
        let UserIdPath(id) = UserIdPath::of(request)?;
        require_json(request)?;
        let body = read_body(request, payload).await?;
        let preferences = Preferences::of(request.headers());
        let mut document = UserDocument::parse(&body)?;
        document.require_id(&id);
        let update = document.validate(preferences, services(request)?.clock.now())?;
        Ok(Self { id, update, conditions: WriteConditions::of(request.headers()), preferences })
    }
}

/// A refused update; where its condition could never hold, the client is told why.
fn refusal(error: WriteUserError, hopeless: Option<&'static str>) -> Problem {
    match (&error, hopeless) {
        (WriteUserError::Refused(CommandRefusal::PreconditionFailed { .. }), Some(why)) => {
            Problem::from(error).with_detail(why)
        }
        _ => error.into(),
    }
}
