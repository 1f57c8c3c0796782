//! Refusals.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use utoipa::openapi::schema::ArrayBuilder;
use utoipa::openapi::{ContentBuilder, Object, ObjectBuilder, Ref, Response, ResponseBuilder, Type};

use super::headers;
use crate::problem::ErrorCode;

/// The body of a refusal.
pub fn problem() -> Object {
    // No closed set: a generated client must not fail over a code that is added.
    let codes: Vec<_> = ErrorCode::ALL.into_iter().map(|code| format!("`{}`", code.name())).collect();
    let codes_sentence =
        format!("What happened, for programs; stable. One of {}; others may be added.", codes.join(", "));
    let errors = ArrayBuilder::new().items(Ref::from_schema_name("FieldError"));
    let errors =
        errors.description(Some("The places in the body, or the parameters, where such can be named."));
    let schema = ObjectBuilder::new()
        .description(Some("What went wrong (RFC 9457)."))
        .property("type", property("A reference to the entry of the code in the error reference."))
        .property("title", property("The code in a few words."))
        .property("status", ObjectBuilder::new().schema_type(Type::Integer).description(Some("The status.")))
        .property("detail", property("What happened, in a sentence for people; may change."))
        .property(
            "instance",
            property("The path that was asked for; of an item of a bulk request, with a pointer to the item as its fragment."),
        )
        .property("code", property(&codes_sentence).examples([ErrorCode::ValidationError.name()]))
        .property("message", property("The same as `detail`."))
        .property("request_id", property("The same as the header `X-Request-Id`."))
        .property("errors", errors)
        .property("checks", Ref::from_schema_name("Checks"));
    let required = ["type", "title", "status", "detail", "instance", "code", "message", "request_id"];
    required.into_iter().fold(schema, ObjectBuilder::required).build()
}

fn property(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// One entry of `errors`.
pub fn field_error() -> Object {
    let schema = ObjectBuilder::new()
        .description(Some("A rule that the request breaks, and where."))
        .property(
            "pointer",
            property("A JSON pointer (RFC 6901) into the body, or into the item of a bulk request, or a slash and the name of a parameter; empty for the whole."),
        )
        .property("code", property("The kind of rule, for programs; stable."))
        .property("detail", property("What would be accepted."));
    ["pointer", "code", "detail"].into_iter().fold(schema, ObjectBuilder::required).build()
}

/// A response for each status, under the name that [`reference`] leads to.
pub fn responses() -> impl Iterator<Item = (String, Response)> {
    let mut by_status: BTreeMap<u16, Vec<ErrorCode>> = BTreeMap::new();
    // A method that a path does not have is no operation, so nothing refers to its status.
    for code in ErrorCode::ALL.into_iter().filter(|code| code.status() != StatusCode::METHOD_NOT_ALLOWED) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    by_status.into_iter().map(|(status, codes)| (name(status), response(status, &codes)))
}

/// A reference to the response of a status.
pub fn reference(status: u16) -> Ref {
    Ref::from_response_name(name(status))
}

fn name(status: u16) -> String {
    format!("Problem{status}")
}

fn response(status: u16, codes: &[ErrorCode]) -> Response {
    let lines: Vec<_> = codes.iter().map(|code| format!("`{}`: {}.", code.name(), code.title())).collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = headers::with_limits(ResponseBuilder::new())
        .description(lines.join("\n\n"))
        .content("application/problem+json", content)
        .header("X-Request-Id", headers::request_id());
    headers_of(status)
        .iter()
        .fold(response, |response, (name, description)| {
            response.header(*name, headers::answered(description))
        })
        .build()
}

/// The headers that belong to a status: name and description of each.
const fn headers_of(status: u16) -> &'static [(&'static str, &'static str)] {
    match status {
        401 | 403 => &[(
            "WWW-Authenticate",
            "The schemes by which a token is shown, and what is wrong with the one shown.",
        )],
        409 => &[("Retry-After", "After how many seconds to try again, with `IDEMPOTENCY_KEY_IN_USE`.")],
        412 => &[("ETag", "The entity tag that the user has now.")],
        415 => &[
            ("Accept", "The types that a body may have."),
            ("Accept-Patch", "The types that a patch may have; only where the path has PATCH."),
        ],
        429 | 503 => &[("Retry-After", "After how many seconds to try again.")],
        _ => &[],
    }
}
