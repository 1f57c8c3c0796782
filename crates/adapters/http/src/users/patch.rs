//! `PATCH /v1/users/{id}`: updates a user by a patch.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use users_domain::{SelfEditable, UserId, UserUpdate};
use users_use_cases::{Caller, PatchUserError, WriteMode};

use super::answer::applied;
use super::written::{answer_written, refusal};
use crate::Services;
use crate::extract::{
    Authorized, FromAuthorized, IdSource, JsonPatch, PatchFormat, Preferences, UpdateOne, UserDocument,
    UserIdPath, WriteConditions, WriteOptions, read_body, services,
};
use crate::problem::Problem;

/// A patch that is allowed, and valid as far as that can be told without the user.
pub struct PatchRequest {
    id: UserId,
    patch: Patch,
    conditions: WriteConditions,
    preferences: Preferences,
    mode: WriteMode,
}

enum Patch {
    /// For members that are no objects a merge patch (RFC 7396) means what the body of a PUT means here.
    Merge(Box<UserUpdate>),
    /// What a JSON patch (RFC 6902) comes to depends on what the user is, and so does whether the caller may set that.
    Json(JsonPatch, Option<SelfEditable>),
}

/// Carries the patch out as a whole or not at all, and gives the user after it.
pub async fn patch_user(
    services: web::Data<Services>,
    Authorized { caller, request, .. }: Authorized<UpdateOne, PatchRequest>,
) -> Result<HttpResponse, Problem> {
    let PatchRequest { id, patch, conditions, preferences, mode } = request;
    let WriteConditions { precondition, hopeless } = conditions;
    let dry_run = mode == WriteMode::DryRun;
    let written = match patch {
        Patch::Merge(update) => {
            let written = services.update_user.execute(&caller, &id, *update, precondition, mode).await;
            written.map_err(PatchUserError::Write)
        }
        Patch::Json(patch, may_set) => {
            let now = services.clock.now();
            let patched = |user: &_| patch.update_of(user, may_set, preferences, now);
            services.patch_user.execute(&caller, &id, patched, &precondition, mode).await
        }
    };
    let written = written.map_err(|error| match error {
        PatchUserError::Patch(problem) => problem,
        PatchUserError::Write(error) => refusal(error, hopeless),
        error @ PatchUserError::GivenUp => Problem::unavailable(
            "The user kept changing while the patch was applied. Try again.",
            error.to_string(),
        ),
    })?;
    Ok(applied(answer_written(StatusCode::OK, &written, dry_run)?, preferences))
}

impl FromAuthorized for PatchRequest {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        let UserIdPath(id) = UserIdPath::of(request)?;
        let format = PatchFormat::of(request)?;
        let options = WriteOptions::of(request)?;
        let body = read_body(request, payload).await?;
        let preferences = Preferences::of(request.headers());
        let patch = match format {
            PatchFormat::Merge => {
                let mut document = UserDocument::parse(&body)?;
                document.require_permitted(caller.may_set())?;
                document.require_id(&id, IdSource::Path);
                Patch::Merge(document.validate(preferences, services(request)?.clock.now())?.into())
            }
            PatchFormat::Json => Patch::Json(JsonPatch::parse(&body)?, caller.may_set()),
        };
        let (conditions, mode) =
            (WriteConditions::of(request.headers()), options.into_mode(request, caller, &body));
        Ok(Self { id, patch, conditions, preferences, mode })
    }
}
