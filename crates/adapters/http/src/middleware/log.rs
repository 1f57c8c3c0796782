use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;

use super::Notes;
use crate::problem::Problem;

/// One request that was answered, for the one line that is logged of it.
///
/// The line names the route's pattern instead of the path, ids of users and tokens, and nothing else of what was sent.
pub struct LogLine<'a> {
    /// The request.
    pub request: &'a HttpRequest,
    /// The pattern of the route that answered it.
    pub route: &'static str,
    /// The status of the answer.
    pub status: StatusCode,
    /// How long that took.
    pub duration: Duration,
    /// What was learned on the way.
    pub notes: &'a Notes,
    /// Why it was refused, where it was.
    pub problem: Option<&'a Problem>,
}

impl LogLine<'_> {
    /// Writes the line: faults and outages as errors, with their cause; everything else for information.
    pub fn write(&self) {
        let &Self { request, route, notes, .. } = self;
        let request_id = notes.request_id().to_str().unwrap_or_default();
        let trace_id = notes.trace().and_then(|trace| trace.id.as_deref());
        let (method, status) = (request.method().as_str(), self.status.as_u16());
        let user_id = request.match_info().get("id").filter(|_| notes.names_user());
        let token_id = notes.token_id();
        // Milliseconds with three decimals; anything beyond an hour is an hour.
        let duration_ms =
            f64::from(u32::try_from(self.duration.as_micros()).unwrap_or(3_600_000_000)) / 1000.0;
        if self.status.is_server_error() {
            let cause = self.problem.and_then(Problem::cause);
            tracing::error!(
                request_id,
                trace_id,
                method,
                route,
                status,
                duration_ms,
                user.id = user_id,
                token.id = token_id,
                cause,
                "request failed"
            );
        } else {
            let code = self.problem.map(|problem| problem.code().name());
            tracing::info!(
                request_id,
                trace_id,
                method,
                route,
                status,
                duration_ms,
                user.id = user_id,
                token.id = token_id,
                code,
                "request"
            );
        }
    }
}
