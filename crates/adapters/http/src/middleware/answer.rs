use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::ConnectionType;
use actix_web::http::header::{self, HeaderValue};

use super::request_id::X_REQUEST_ID;
use crate::PublicUrl;
use crate::problem::{ErrorCode, Problem};

/// Gives an answer what every answer has: `X-Request-Id`, `Cache-Control`, and a problem as its body where it refuses.
pub fn complete(response: ServiceResponse, request_id: &HeaderValue) -> ServiceResponse {
    let refused = response.status().is_client_error() || response.status().is_server_error();
    let mut response = if refused { refusal(response, request_id) } else { response };
    let headers = response.headers_mut();
    headers.insert(X_REQUEST_ID, request_id.clone());
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// The problem that an answer tells of.
pub fn problem_of(response: &ServiceResponse) -> Option<&Problem> {
    response.response().error()?.as_error()
}

/// Writes the answer's problem. A refusal of the framework's own, which has none, gets the one that fits its status.
fn refusal(response: ServiceResponse, request_id: &HeaderValue) -> ServiceResponse {
    let Some(problem) = problem_of(&response) else {
        let problem = of_the_framework(&response);
        return refusal(response.error_response(problem), request_id);
    };
    let (request, id) = (response.request(), request_id.to_str().unwrap_or_default());
    let body = problem.to_json(&PublicUrl::of(request), request.path(), id);
    let (headers, closes) = (problem.headers().to_vec(), problem.closes_connection());
    response.map_body(|head, _| {
        head.headers.clear();
        head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in headers {
            head.headers.append(name, value);
        }
        if closes {
            head.set_connection_type(ConnectionType::Close);
        }
        BoxBody::new(body)
    })
}

fn of_the_framework(response: &ServiceResponse) -> Problem {
    let code = ErrorCode::of_status(response.status());
    match (code, response.response().error()) {
        (ErrorCode::InternalError, Some(error)) => Problem::internal(error.to_string()),
        (ErrorCode::InternalError, None) => Problem::internal("the framework gave no reason"),
        _ => Problem::new(code, "The request cannot be read."),
    }
}
