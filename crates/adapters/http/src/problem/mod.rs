//! What can go wrong, and how that is told.

mod body;
mod checks;
mod code;
mod mapping;

use std::borrow::Cow;
use std::fmt;

use actix_web::ResponseError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};

use crate::PublicUrl;

pub use body::{FieldError, ProblemBody, pointer_to};
pub use checks::Checks;
pub use code::ErrorCode;

/// A refusal on its way to the client.
///
/// It becomes an answer in the middleware, which knows the path and the id of the request; see
/// [`ProblemBody`] for what is sent.
#[derive(Debug)]
pub struct Problem {
    code: ErrorCode,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
    /// Boxed: one answer in very many has them, and every handler's result has room for a problem.
    checks: Option<Box<Checks>>,
}

impl Problem {
    /// A refusal; `detail` is a sentence for the client and must not tell what was sent.
    pub fn new(code: ErrorCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            headers: Vec::new(),
            cause: None,
            checks: None,
        }
    }

    /// A fault of the service. `cause` is for the log; it is never sent.
    pub fn internal(cause: impl Into<String>) -> Self {
        let detail = "The service could not answer. The request id tells its operator why.";
        Self { cause: Some(cause.into()), ..Self::new(ErrorCode::InternalError, detail) }
    }

    /// The service cannot do its work now. `cause` is for the log; it is never sent.
    pub fn unavailable(detail: impl Into<Cow<'static, str>>, cause: impl Into<String>) -> Self {
        let problem = Self { cause: Some(cause.into()), ..Self::new(ErrorCode::ServiceUnavailable, detail) };
        problem.with_header(header::RETRY_AFTER, HeaderValue::from_static("1"))
    }

    /// There is nothing at this path.
    pub fn no_such_path() -> Self {
        Self::new(ErrorCode::ResourceNotFound, "There is nothing at this path.")
    }

    /// There is no user with this id.
    pub fn no_such_user() -> Self {
        Self::new(ErrorCode::ResourceNotFound, "There is no user with this id.")
    }

    /// The path has other methods than `method`; `allow` lists them.
    pub fn method_not_allowed(method: &Method, allow: HeaderValue) -> Self {
        // A method is a token of visible ASCII, but may be as long as a request's head.
        let detail = match method.as_str() {
            name if name.len() <= 16 => format!("{name} is not a method of this path."),
            _ => "This is not a method of this path.".to_owned(),
        };
        Self::new(ErrorCode::MethodNotAllowed, detail).with_header(header::ALLOW, allow)
    }

    /// There were too many requests; after so many seconds there may be another one.
    pub fn rate_limited(detail: &'static str, seconds: u64) -> Self {
        Self::new(ErrorCode::RateLimited, detail).with_header(header::RETRY_AFTER, seconds.into())
    }

    /// The request did not arrive in time.
    pub fn request_timeout() -> Self {
        Self::new(ErrorCode::RequestTimeout, "The body did not arrive in time.")
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Tells which rules are broken where.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// Puts the places of all broken rules below `pointer`: what was judged is a part of something larger.
    #[must_use]
    pub fn below(mut self, pointer: &str) -> Self {
        self.errors = self.errors.into_iter().map(|error| error.below(pointer)).collect();
        self
    }

    /// Tells in which state each thing is that the service depends on.
    #[must_use]
    pub fn with_checks(mut self, checks: Checks) -> Self {
        self.checks = Some(Box::new(checks));
        self
    }

    /// Says it otherwise.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    /// What went wrong.
    pub const fn code(&self) -> ErrorCode {
        self.code
    }

    /// Which rules are broken where.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// The headers that the answer must have.
    pub fn headers(&self) -> &[(HeaderName, HeaderValue)] {
        &self.headers
    }

    /// Whether the connection is given up with the answer: nothing tells where the next request would begin.
    pub fn closes_connection(&self) -> bool {
        matches!(self.code, ErrorCode::RequestTimeout | ErrorCode::MalformedRequest)
    }

    /// What happened, for the log alone.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// What is told of it, having happened at `instance`.
    pub fn body<'a>(
        &'a self,
        public_url: &'a PublicUrl,
        instance: impl Into<Cow<'a, str>>,
        request_id: &'a str,
    ) -> ProblemBody<'a> {
        ProblemBody::new(self.code, &self.detail, instance, request_id, &self.errors)
            .below(public_url)
            .with_checks(self.checks.as_deref().copied())
    }

    /// The answer's body for a request to the path `instance`.
    pub fn to_json(&self, public_url: &PublicUrl, instance: &str, request_id: &str) -> Vec<u8> {
        self.body(public_url, instance, request_id).to_json()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }
}
