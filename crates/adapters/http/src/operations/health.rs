use actix_web::{HttpResponse, web};

use crate::Services;
use crate::problem::{Checks, Problem};

/// `GET /livez`: the process runs and answers. Where it does not, it should be started anew.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

/// `GET /readyz`: the service can do its work now. Where it cannot, requests should go elsewhere.
///
/// What it depends on is told one by one, with the cause where something is wrong; see [`Checks`].
pub async fn ready(services: web::Data<Services>) -> Result<HttpResponse, Problem> {
    let checks = Checks::of(services.check_readiness.execute().await?);
    Ok(HttpResponse::Ok().json(Ready { status: "ready", checks }))
}

/// What is told of a service that can do its work.
#[derive(serde::Serialize)]
struct Ready {
    status: &'static str,
    checks: Checks,
}
