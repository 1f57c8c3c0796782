use std::net::IpAddr;
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use tracing::field::display;

use super::Notes;
use crate::problem::Problem;
use crate::rate_limit::{TrustedProxies, client_address};

/// Which lines of the log have the address of the client, which is personal data.
#[derive(Clone, Debug, Default)]
pub struct AddressLog {
    /// Whether every line has the client's address, and not just that of a request that was answered 401, 403 or 429.
    pub every_request: bool,
    /// The proxies that are believed about the client's address.
    pub trusted_proxies: TrustedProxies,
}

impl AddressLog {
    /// The address to log of a request that was answered with this status.
    pub fn address_of(&self, request: &HttpRequest, status: StatusCode) -> Option<IpAddr> {
        let is_refused = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS]
            .contains(&status);
        (self.every_request || is_refused)
            .then(|| client_address(request.peer_addr(), request.headers(), &self.trusted_proxies))
    }
}

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
    /// The client's address, if the log is to have it.
    pub address: Option<IpAddr>,
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
        let address = self.address.map(display);
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
                client.address = address,
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
                client.address = address,
                code,
                "request"
            );
        }
    }
}
