use actix_web::{HttpResponse, web};

use crate::Services;
use crate::problem::Problem;

/// `GET /livez`: the process runs and answers. Where it does not, it should be started anew.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ok"}"#)
}

/// `GET /readyz`: the service can do its work now. Where it cannot, requests should go elsewhere.
pub async fn ready(services: web::Data<Services>) -> Result<HttpResponse, Problem> {
    services.check_readiness.execute().await?;
    Ok(HttpResponse::Ok().content_type("application/json").body(r#"{"status":"ready"}"#))
}
