use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::http::{Method, StatusCode};

use super::histogram::{Durations, Histogram};

/// The methods that are told apart; what else a client makes up is `other`.
const METHODS: [&str; 8] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other"];

/// The classes of a status (RFC 9110, section 15); no answer is of the first one.
const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// How many requests there were, of which kind, and how long they took.
///
/// Every thread that serves counts for itself, in places that were made before the first request: so counting needs
/// neither a lock nor a search, and the threads do not wait for each other's memory. They are added up when somebody
/// asks.
#[derive(Clone, Debug, Default)]
pub struct RequestMetrics(Arc<Mutex<Vec<Arc<RouteRequests>>>>);

/// The requests of one route that one thread served.
#[derive(Debug)]
pub struct RouteRequests {
    route: &'static str,
    under_way: AtomicU64,
    /// By method, then by class of status.
    answered: [[Histogram; CLASSES.len()]; METHODS.len()],
}

/// A request that is not answered yet.
#[derive(Debug)]
pub struct RequestUnderWay(Arc<RouteRequests>);

/// The requests of one route, method and class of status that were answered.
#[derive(Debug, PartialEq, Eq)]
pub struct AnsweredRequests {
    /// The route's pattern.
    pub route: &'static str,
    /// One of [`METHODS`].
    pub method: &'static str,
    /// One of [`CLASSES`].
    pub status: &'static str,
    /// How long they took.
    pub durations: Durations,
}

impl RequestMetrics {
    /// A place for one thread to count the requests of a route in.
    pub fn route(&self, route: &'static str) -> Arc<RouteRequests> {
        let requests =
            Arc::new(RouteRequests { route, under_way: AtomicU64::default(), answered: <_>::default() });
        self.places().push(Arc::clone(&requests));
        requests
    }

    /// How many requests are not answered yet.
    pub fn under_way(&self) -> u64 {
        self.places().iter().map(|place| place.under_way.load(Relaxed)).sum()
    }

    /// The requests that were answered, by the order of the routes' names; kinds that never came are left out.
    pub fn answered(&self) -> Vec<AnsweredRequests> {
        let places = self.places().clone();
        let mut routes: Vec<_> = places.iter().map(|place| place.route).collect();
        routes.sort_unstable();
        routes.dedup();
        let mut answered = Vec::new();
        for route in routes {
            let threads: Vec<_> = places.iter().filter(|place| place.route == route).collect();
            for (m, method) in METHODS.into_iter().enumerate() {
                for (c, status) in CLASSES.into_iter().enumerate() {
                    let mut durations = Durations::default();
                    for histogram in threads.iter().filter_map(|thread| thread.answered.get(m)?.get(c)) {
                        histogram.add_to(&mut durations);
                    }
                    if !durations.is_empty() {
                        answered.push(AnsweredRequests { route, method, status, durations });
                    }
                }
            }
        }
        answered
    }

    /// Nothing that can panic is done under the lock, so what a poisoned one holds is whole.
    fn places(&self) -> std::sync::MutexGuard<'_, Vec<Arc<RouteRequests>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RouteRequests {
    /// Counts a request as under way until what is given back is answered or dropped.
    pub fn begin(self: &Arc<Self>) -> RequestUnderWay {
        self.under_way.fetch_add(1, Relaxed);
        RequestUnderWay(Arc::clone(self))
    }
}

impl RequestUnderWay {
    /// Counts how the request was answered, and how long that took.
    pub fn answered(self, method: &Method, status: StatusCode, took: Duration) {
        let by_status = self.0.answered.get(method_index(method));
        if let Some(histogram) = by_status.and_then(|classes| classes.get(class_index(status))) {
            histogram.record(took);
        }
    }
}

impl Drop for RequestUnderWay {
    /// A client that goes away leaves its request without an answer.
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

/// Where the method stands in [`METHODS`].
fn method_index(method: &Method) -> usize {
    METHODS.iter().position(|name| *name == method.as_str()).unwrap_or(METHODS.len() - 1)
}

/// Where the class of the status stands in [`CLASSES`].
fn class_index(status: StatusCode) -> usize {
    usize::from(status.as_u16() / 100).saturating_sub(2)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use actix_web::http::{Method, StatusCode};

    use super::RequestMetrics;

    #[test]
    fn requests_are_counted_by_route_method_and_class_over_all_threads() {
        let metrics = RequestMetrics::default();
        let threads = [metrics.route("/b"), metrics.route("/a"), metrics.route("/b")];
        let odd = Method::from_bytes(b"BREW").unwrap();
        for (thread, method, status) in [
            (&threads[0], Method::PUT, StatusCode::OK),
            (&threads[2], Method::PUT, StatusCode::CREATED),
            (&threads[0], Method::PUT, StatusCode::NOT_FOUND),
            (&threads[1], Method::GET, StatusCode::NOT_MODIFIED),
            (&threads[1], odd, StatusCode::SERVICE_UNAVAILABLE),
        ] {
            thread.begin().answered(&method, status, Duration::from_millis(2));
        }
        let counted: Vec<_> = metrics
            .answered()
            .iter()
            .map(|it| (it.route, it.method, it.status, it.durations.buckets.iter().sum::<u64>()))
            .collect();
        assert_eq!(
            counted,
            [
                ("/a", "GET", "3xx", 1),
                ("/a", "other", "5xx", 1),
                ("/b", "PUT", "2xx", 2),
                ("/b", "PUT", "4xx", 1)
            ]
        );
    }

    #[test]
    fn a_request_is_under_way_until_it_is_answered_or_given_up() {
        let metrics = RequestMetrics::default();
        let thread = metrics.route("/a");
        let (answered, given_up) = (thread.begin(), thread.begin());
        assert_eq!(metrics.under_way(), 2);
        answered.answered(&Method::GET, StatusCode::OK, Duration::ZERO);
        assert_eq!(metrics.under_way(), 1);
        drop(given_up);
        assert_eq!(metrics.under_way(), 0);
        assert_eq!(metrics.answered().len(), 1);
    }
}
