//! `GET /v1/users/count`: counts users.

use actix_web::dev::Payload;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use users_domain::UserFilter;
use users_use_cases::Caller;

use super::answer::{answer_json, applied};
use crate::Services;
use crate::extract::{
    Authorized, FromAuthorized, ListParameter, ParameterCheck, Preferences, Read, SentParameters,
    count_visits,
};
use crate::problem::Problem;

/// A count that is allowed and valid.
pub struct CountRequest {
    filter: UserFilter,
    preferences: Preferences,
}

/// A count on the wire.
#[derive(Serialize)]
struct CountBody {
    count: u64,
}

/// Tells how many users the filters fit.
pub async fn count_users(
    services: web::Data<Services>,
    Authorized { caller, request, .. }: Authorized<Read, CountRequest>,
) -> Result<HttpResponse, Problem> {
    let CountRequest { filter, preferences } = request;
    let count = services.count_users.execute(&caller, &filter).await?;
    Ok(applied(answer_json(&CountBody { count }, 32)?, preferences))
}

impl FromAuthorized for CountRequest {
    async fn read(request: &HttpRequest, caller: &Caller, payload: Payload) -> Result<Self, Problem> {
        let sent = SentParameters::of(request, payload, &ListParameter::OF_COUNT).await?;
        let SentParameters { known, unknown, faults } = sent;
        let preferences = Preferences::of(request.headers());
        let mut check = ParameterCheck::new(&known, faults);
        let filter = check.filter();
        check.finish(&unknown, preferences)?;
        count_visits(request, caller)?;
        Ok(Self { filter, preferences })
    }
}
