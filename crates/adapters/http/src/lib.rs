//! The users service on the wire: HTTP/1.1 with JSON bodies, and every refusal a problem of RFC 9457.
//!
//! Where to read:
//! - `routes.rs` is the route table.
//! - `extract/` reads requests: who calls, which user, what body, on which conditions. What an extractor gives to a
//!   handler is authorised and valid.
//! - `users/` and `operations/` hold the handlers, one endpoint a file.
//! - `problem/` says what can go wrong and how that is told.
//! - `middleware/` is around every endpoint: request id, trace, time limit, panics, the log line.
//! - `rate_limit/` counts the requests of tokens and addresses, and refuses those beyond the limits.
//! - `cors/` says which pages from elsewhere may use the service.
//! - `metrics/` is what is measured, and the page that shows it.
//! - `user_json.rs` is for those who read and write users elsewhere.
//! - `tls/` is the certificate, and what makes connections encrypted ones.
//! - `transport/` lies under the HTTP library: it lets one request through at a time, and covers what goes wrong before a
//!   request is one.

mod cors;
mod endpoint;
mod error_reference;
mod extract;
mod http_date;
mod metrics;
mod middleware;
mod openapi;
mod operations;
mod problem;
mod public_url;
mod rate_limit;
mod routes;
mod server;
mod services;
mod tls;
mod transport;
mod user_json;
mod users;

pub use cors::{AllowedOrigins, NotOrigins};
pub use error_reference::error_reference;
pub use metrics::{BuildInfo, MetricsPage, RequestMetrics, SpanCounts};
pub use middleware::{AddressLog, RequestStart, RequestTrace, RequestTracer, TRACE_TARGET};
pub use openapi::openapi_json;
pub use problem::{ErrorCode, FieldError};
pub use public_url::{NotAPublicUrl, PublicUrl};
pub use rate_limit::{NotARate, NotProxies, Rate, RateLimitSettings, RateLimits, TrustedProxies};
pub use server::{HttpSettings, metrics_server, server};
pub use services::Services;
pub use tls::{CertificateError, CertificateFiles, CertificateRenewal, Tls};
pub use user_json::{read_if_match, read_user, write_entity_tag, write_user};
