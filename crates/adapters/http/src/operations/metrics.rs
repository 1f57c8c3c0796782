use actix_web::{HttpResponse, web};

use crate::MetricsPage;

/// What the text format of Prometheus is called on the wire.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /metrics`: what is measured, for a Prometheus server. It is served on an address of its own.
pub async fn metrics(page: web::Data<MetricsPage>) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT_FORMAT).body(page.render())
}
