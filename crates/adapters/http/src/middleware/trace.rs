use std::borrow::Cow;
use std::fmt;

use actix_web::dev::ServiceRequest;
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use tracing::Span;

/// The target of the spans of traced requests.
pub const TRACE_TARGET: &str = "users_trace";

/// Decides which requests are traced, as parts of the traces that their callers are in.
pub trait RequestTracer: fmt::Debug + Send + Sync {
    /// Begins the trace of a request.
    fn begin(&self, request: &RequestStart<'_>) -> RequestTrace;
}

/// What a tracer is told of a request: nothing of it that could be personal.
#[derive(Debug)]
pub struct RequestStart<'a> {
    /// The method, or `_OTHER` for one that HTTP does not have.
    pub method: &'static str,
    /// The pattern of the route; `None`: there is nothing at the path.
    pub route: Option<&'static str>,
    /// The header `traceparent` (W3C Trace Context, section 3.2), where there is one.
    pub traceparent: Option<&'a str>,
    /// The headers `tracestate` (section 3.3), with commas between, where there are any.
    pub tracestate: Option<Cow<'a, str>>,
}

/// The trace that a request is a part of.
#[derive(Debug)]
pub struct RequestTrace {
    /// Its id, where there is one: also where the caller does not want this request to be told of.
    pub id: Option<String>,
    /// The span of the request, in which it is served; disabled where it is not traced.
    pub span: Span,
}

impl RequestTrace {
    /// Begins the trace of a request to `route`.
    pub fn begin(tracer: &dyn RequestTracer, request: &ServiceRequest, route: Option<&'static str>) -> Self {
        tracer.begin(&RequestStart {
            method: known_method(request.method().as_str()),
            route,
            traceparent: only(request.headers(), "traceparent"),
            tracestate: all(request.headers(), "tracestate"),
        })
    }

    /// Notes how the request was answered.
    pub fn answered(&self, status: StatusCode) {
        self.span.record("http.response.status_code", status.as_u16());
        if status.is_server_error() {
            self.span.record("otel.status_code", "error").record("error.type", status.as_str());
        }
    }
}

/// The methods of HTTP, as the semantic conventions name them.
fn known_method(name: &str) -> &'static str {
    const METHODS: [&str; 9] =
        ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];
    METHODS.into_iter().find(|method| *method == name).unwrap_or("_OTHER")
}

/// The value of a header that must not stand twice.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut lines = headers.get_all(name);
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        _ => None,
    }
}

/// The values of a header, as one list.
fn all<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    let mut lines = headers.get_all(name).filter_map(|line| line.to_str().ok());
    let first = lines.next()?;
    Some(lines.fold(Cow::Borrowed(first), |list, line| Cow::Owned(format!("{list},{line}"))))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{all, known_method, only};

    fn headers(lines: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static("x"), HeaderValue::from_static(line));
        }
        headers
    }

    #[test]
    fn a_parent_that_stands_twice_is_none_and_states_are_a_list() {
        assert_eq!(only(&headers(&["a"]), "x"), Some("a"));
        assert_eq!(only(&headers(&["a", "b"]), "x"), None);
        assert_eq!(all(&headers(&[]), "x"), None);
        assert_eq!(all(&headers(&["a=1", "b=2"]), "x").as_deref(), Some("a=1,b=2"));
    }

    #[test]
    fn an_invented_method_is_not_repeated() {
        assert_eq!((known_method("PUT"), known_method("BREW")), ("PUT", "_OTHER"));
    }
}
