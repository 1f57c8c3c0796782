use actix_web::dev::ServiceResponse;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderValue};

use super::AllowedOrigins;

/// What a page may read of an answer besides its body. Kept to one line, since it goes with every answer.
const EXPOSED: &str = "ETag, Last-Modified, Location, Link, Retry-After, Allow, Accept-Patch, WWW-Authenticate, \
                       X-Request-Id, Idempotency-Replayed, Dry-Run, Preference-Applied, RateLimit, RateLimit-Policy, \
                       X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";
/// What a page may send besides what any page may.
const ACCEPTED: &str = "Authorization, Content-Type, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, \
                        Idempotency-Key, Prefer, X-Request-Id, Traceparent, Tracestate, Baggage, Sentry-Trace, \
                        Cache-Control, Pragma, X-Requested-With";
/// How many seconds a browser may remember what it may ask: as long as the one does that forgets first.
const REMEMBERED: &str = "7200";

impl AllowedOrigins {
    /// Adds to an answer what lets the page that asked read it, and to one of OPTIONS what the page may ask for then.
    ///
    /// A page that is not allowed is answered like everybody: it is its browser that keeps the answer from it.
    pub fn write(&self, response: &mut ServiceResponse) {
        if *self == Self::None {
            return;
        }
        let request = response.request();
        let allowed = self.allow(request.headers());
        let asks_first = *request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        let headers = response.headers_mut();
        if matches!(self, Self::Listed(_)) {
            headers.append(header::VARY, HeaderValue::from_static("Origin"));
        }
        let Some(origin) = allowed else { return };
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if !asks_first {
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        } else if let Some(methods) = headers.get(header::ALLOW).cloned() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ACCEPTED));
            headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBERED));
        }
    }

    /// What the answer to a request with these headers says of its origin.
    fn allow(&self, request: &HeaderMap) -> Option<HeaderValue> {
        let origin = request.get(header::ORIGIN)?;
        match self {
            Self::None => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::Listed(origins) => origins.contains(origin).then(|| origin.clone()),
        }
    }
}
