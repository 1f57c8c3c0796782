//! Skeleton: the shape that the app wires.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use users_use_cases::{Authenticate, CheckReadiness, Clock, CreateUser, GetUser, UpdateUser};

/// What the routes call.
#[derive(Clone)]
pub struct Services {
    /// `PUT /v1/users/{id}`
    pub update_user: UpdateUser,
    /// `POST /v1/users`
    pub create_user: CreateUser,
    /// `GET /v1/users/{id}`
    pub get_user: GetUser,
    /// `Authorization`
    pub authenticate: Arc<Authenticate>,
    /// `GET /readyz`
    pub check_readiness: CheckReadiness,
    /// What input is validated against.
    pub clock: Arc<dyn Clock>,
}

/// How the server behaves.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Threads that serve requests.
    pub workers: usize,
    /// The longest that a request may take before it is answered 503.
    pub request_timeout: Duration,
    /// The longest that requests under way may take to finish once the server is told to stop.
    pub shutdown_timeout: Duration,
    /// What the request ids start with that this process makes up; random, so that those of two processes differ.
    pub request_id_prefix: String,
}

/// Serves on `listener` until SIGTERM or SIGINT, then finishes the requests under way.
pub fn server(
    _listener: TcpListener,
    _services: Services,
    _settings: &HttpSettings,
) -> std::io::Result<actix_web::dev::Server> {
    Err(std::io::Error::other("skeleton"))
}

/// The OpenAPI document of the service, as indented JSON that ends with a line feed.
pub fn openapi_json() -> String {
    String::new()
}
