use std::net::SocketAddr;

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::field::Empty;
use tracing::{Span, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use users_http::{RequestStart, RequestTrace, RequestTracer, TRACE_TARGET};

use super::sampling::Sampling;

/// The name of the span that everything else of a request is in.
pub const REQUEST_SPAN: &str = "request";

/// Begins the spans of requests, with the attributes of the semantic conventions for HTTP servers.
///
/// `url.path` is the route's pattern: in its place the path would have the ids of users.
#[derive(Debug)]
pub struct Tracer {
    sampling: Sampling,
    propagator: TraceContextPropagator,
    scheme: &'static str,
    address: String,
    port: u16,
}

impl Tracer {
    /// A tracer of requests to the service at `address`, with URLs of this scheme.
    pub fn new(sampling: Sampling, address: SocketAddr, scheme: &'static str) -> Self {
        let (address, port) = (address.ip().to_string(), address.port());
        Self { sampling, propagator: TraceContextPropagator::new(), scheme, address, port }
    }

    fn span(&self, request: &RequestStart<'_>) -> Span {
        let &RequestStart { method, route, .. } = request;
        let name = match (method, route) {
            ("_OTHER", Some(route)) => format!("HTTP {route}"),
            ("_OTHER", None) => "HTTP".to_owned(),
            (method, Some(route)) => format!("{method} {route}"),
            (method, None) => method.to_owned(),
        };
        info_span!(
            target: TRACE_TARGET,
            REQUEST_SPAN,
            otel.name = name,
            otel.kind = "server",
            otel.status_code = Empty,
            http.request.method = method,
            http.route = route,
            http.response.status_code = Empty,
            error.type = Empty,
            url.scheme = self.scheme,
            url.path = route,
            server.address = self.address,
            server.port = self.port,
        )
    }
}

impl RequestTracer for Tracer {
    fn begin(&self, request: &RequestStart<'_>) -> RequestTrace {
        let caller = self.propagator.extract_with_context(&Context::new(), &Headers(request));
        let parent = caller.span().span_context().clone();
        if !self.sampling.samples(&parent) {
            let id = parent.is_valid().then(|| parent.trace_id().to_string());
            return RequestTrace { id, span: Span::none() };
        }
        let span = self.span(request);
        if parent.is_valid() {
            // It fails for a span that has begun, or is not made: this one is new, and the id below is then none.
            let _ = span.set_parent(caller);
        }
        let context = span.context().span().span_context().clone();
        RequestTrace { id: context.is_valid().then(|| context.trace_id().to_string()), span }
    }
}

/// The headers of the W3C Trace Context.
struct Headers<'a>(&'a RequestStart<'a>);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            "traceparent" => self.0.traceparent,
            "tracestate" => self.0.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}
