//! `POST /v1/users`: creates a user.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use users_domain::{Profile, UserId};
use users_use_cases::{Caller, WriteMode};

use super::answer::applied;
use super::written::answer_written;
use crate::extract::{
    Authorized, FromAuthorized, Preferences, UserDocument, Write, WriteOptions, read_body, require_json,
    services,
};
use crate::problem::Problem;
use crate::{PublicUrl, Services};

/// A new user that is allowed and valid.
pub struct CreateRequest {
    id: Option<UserId>,
    profile: Profile,
    preferences: Preferences,
    mode: WriteMode,
}

/// Creates a user of the members that the body has, under the id that it has, or under a new one.
pub async fn create_user(
    services: web::Data<Services>,
    public_url: web::Data<PublicUrl>,
    Authorized { caller, request, .. }: Authorized<Write, CreateRequest>,
) -> Result<HttpResponse, Problem> {
    let CreateRequest { id, profile, preferences, mode } = request;
    let dry_run = mode == WriteMode::DryRun;
    let written = services.create_user.execute(&caller, id, profile, mode).await?;
    let mut response = applied(answer_written(StatusCode::CREATED, &written, dry_run)?, preferences);
    if !dry_run {
        response.headers_mut().insert(header::LOCATION, location(&public_url, written.user.id())?);
    }
    Ok(response)
}

impl FromAuthorized for CreateRequest {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        require_json(request)?;
        let options = WriteOptions::of(request)?;
        let body = read_body(request, payload).await?;
        let preferences = Preferences::of(request.headers());
        let mut document = UserDocument::parse(&body)?;
        let id = document.new_id();
        let update = document.validate(preferences, services(request)?.clock.now())?;
        Ok(Self { id, profile: update.into(), preferences, mode: options.into_mode(request, caller, &body) })
    }
}

/// Where a user is. Every character of an id but `|` may stand in a segment of a path as it is (RFC 3986, section 3.3).
fn location(public_url: &PublicUrl, id: &UserId) -> Result<HeaderValue, Problem> {
    let path = format!("/v1/users/{}", id.as_str().replace('|', "%7C"));
    HeaderValue::try_from(public_url.of_path(&path))
        .map_err(|_| Problem::internal("a user was kept under an id that no path can hold"))
}
