use std::any::Any;
use std::future::{Ready, ready};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::{Service, ServiceRequest, ServiceResponse, Transform, forward_ready};
use actix_web::http::ConnectionType;
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use tracing::{Instrument as _, Span};

use super::answer::{complete, problem_of};
use super::log::{AddressLog, LogLine};
use super::trace::{RequestTrace, RequestTracer};
use super::{Leaving, Notes, RequestIds};
use crate::metrics::RouteRequests;
use crate::problem::Problem;
use crate::rate_limit::{Admission, RateLimits};
use crate::{AllowedOrigins, RequestMetrics};

/// Watches over the requests of one route: gives each an id and a time limit, turns a panic into an answer, makes
/// every refusal a problem, counts it, holds it against the limits, and logs one line.
///
/// It is put around each route instead of the whole app, so that the route's pattern is known without being looked up.
#[derive(Clone, Debug)]
pub struct Observe {
    /// The pattern of the route, for the log and the metrics.
    pub route: &'static str,
    /// The longest that a request may take.
    pub time_limit: Duration,
    /// Where ids come from.
    pub request_ids: RequestIds,
    /// Where requests are counted.
    pub metrics: RequestMetrics,
    /// How many there may be.
    pub limits: RateLimits,
    /// Which pages from elsewhere may read the answers.
    pub origins: AllowedOrigins,
    /// Which lines of the log have the address of the client.
    pub addresses: Arc<AddressLog>,
    /// What decides which are traced; `None`: none is.
    pub tracer: Option<Arc<dyn RequestTracer>>,
    /// Whether connections end with the next answer.
    pub leaving: Leaving,
}

impl Observe {
    /// The route of requests that no route is for.
    pub const UNKNOWN: &str = "unknown";
}

impl<S> Transform<S, ServiceRequest> for Observe
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Transform = Observed<S>;
    type InitError = ();
    type Future = Ready<Result<Observed<S>, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        let requests = self.metrics.route(self.route);
        ready(Ok(Observed { service, observe: self.clone(), requests }))
    }
}

/// A service that is watched over.
pub struct Observed<S> {
    service: S,
    observe: Observe,
    requests: Arc<RouteRequests>,
}

impl<S> Service<ServiceRequest> for Observed<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse, Error = Error>,
    S::Future: 'static,
{
    type Response = ServiceResponse;
    type Error = Error;
    type Future = LocalBoxFuture<'static, Result<ServiceResponse, Error>>;

    forward_ready!(service);

    fn call(&self, request: ServiceRequest) -> Self::Future {
        let started = Instant::now();
        let under_way = self.requests.begin();
        let &Observe { route, time_limit, .. } = &self.observe;
        let origins = self.observe.origins.clone();
        let addresses = Arc::clone(&self.observe.addresses);
        let is_last = self.observe.leaving.has_begun();
        let trace = self.observe.tracer.as_deref().map(|tracer| {
            RequestTrace::begin(tracer, &request, Some(route).filter(|route| *route != Observe::UNKNOWN))
        });
        let request_id = self.observe.request_ids.of(request.headers());
        let notes = Notes::new(request_id, trace, self.observe.limits.admission(&request));
        request.extensions_mut().insert(notes.clone());
        let http_request = request.request().clone();
        let admitted = notes.admission().map_or(Ok(()), Admission::count_request);
        let work = admitted.map(|()| self.service.call(request));
        async move {
            let span = notes.trace().map_or_else(Span::none, |trace| trace.span.clone());
            let response = match work {
                Ok(work) => limited(work.instrument(span), time_limit, &notes, http_request).await,
                Err(problem) => ServiceResponse::from_err(problem, http_request),
            };
            let mut response = complete(response, notes.request_id());
            if let Some(admission) = notes.admission() {
                admission.write(response.headers_mut());
            }
            origins.write(&mut response);
            if is_last {
                response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
            }
            let took = started.elapsed();
            under_way.answered(response.request().method(), response.status(), took);
            if let Some(trace) = notes.trace() {
                trace.answered(response.status());
            }
            log(&response, route, took, &notes, &addresses);
            Ok(response)
        }
        .boxed_local()
    }
}

/// Does the work within the time limit, and answers also where it panics.
async fn limited(
    work: impl Future<Output = Result<ServiceResponse, Error>>,
    time_limit: Duration,
    notes: &Notes,
    request: HttpRequest,
) -> ServiceResponse {
    // A request that panics leaves nothing behind that another one could see in pieces: the notes are its own, and the
    // services keep their own order.
    let work = AssertUnwindSafe(work).catch_unwind();
    let error: Error = match tokio::time::timeout(time_limit, work).await {
        Ok(Ok(Ok(response))) => return response,
        Ok(Ok(Err(error))) => error,
        Ok(Err(panic)) => {
            Problem::internal(format!("the handler panicked: {}", words(panic.as_ref()))).into()
        }
        Err(_) if notes.is_reading_body() => Problem::request_timeout().into(),
        Err(_) => {
            let cause = format!("the request took longer than {} ms", time_limit.as_millis());
            Problem::unavailable("The service could not answer in time. Try again.", cause).into()
        }
    };
    ServiceResponse::from_err(error, request)
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("without words")
}

fn log(
    response: &ServiceResponse,
    route: &'static str,
    duration: Duration,
    notes: &Notes,
    addresses: &AddressLog,
) {
    LogLine {
        request: response.request(),
        route,
        status: response.status(),
        duration,
        notes,
        address: addresses.address_of(response.request(), response.status()),
        problem: problem_of(response),
    }
    .write();
}
