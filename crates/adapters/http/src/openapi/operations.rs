//! Every path and method, with every status that it can answer.

use utoipa::openapi::link::LinkBuilder;
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathItemBuilder,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, Paths, PathsBuilder, Ref, Required, ResponseBuilder, SecurityRequirement,
    Type,
};

use super::{bulk, headers, health, problems, reads, users, writes};

/// What any request with a token may be refused with.
pub const ANY: [u16; 8] = [400, 401, 403, 408, 429, 431, 500, 503];
/// What a request without a token may be refused with.
const OPEN: [u16; 6] = [400, 408, 429, 431, 500, 503];
/// What a request may be refused with that no limit is for.
pub const UNLIMITED: [u16; 5] = [400, 408, 431, 500, 503];

/// All paths.
pub fn paths() -> Paths {
    let user = PathItemBuilder::new()
        .operation(HttpMethod::Get, get_user())
        .operation(HttpMethod::Put, writes::update_user())
        .operation(HttpMethod::Patch, writes::patch_user())
        .operation(HttpMethod::Delete, writes::delete_user());
    let users = PathItemBuilder::new()
        .operation(HttpMethod::Get, reads::list_users())
        .operation(HttpMethod::Post, writes::create_user());
    let many = PathItemBuilder::new()
        .operation(HttpMethod::Post, bulk::create_users())
        .operation(HttpMethod::Put, bulk::update_users())
        .operation(HttpMethod::Delete, bulk::delete_users());
    let read = |operation: Operation| PathItemBuilder::new().operation(HttpMethod::Get, operation).build();
    PathsBuilder::new()
        .path("/v1/users", users.build())
        .path("/v1/users/bulk", many.build())
        .path("/v1/users/count", read(reads::count_users()))
        .path("/v1/users/search", read(reads::search_users()))
        .path("/v1/users/{id}", user.build())
        .path("/livez", read(health::live()))
        .path("/readyz", read(health::ready()))
        .path("/openapi.json", read(document("openapi", "This document", "application/json")))
        .path("/docs", read(document("docs", "This document as a page", "text/html")))
        .path("/docs/errors", read(document("errors", "The reference of error codes", "text/html")))
        .build()
}

fn get_user() -> Operation {
    let unchanged = bare_user("The user is the one that the client has already.");
    let description = format!(
        "Gives the user. A self-service token may read its own user; every other is 404 to it. {HEAD}"
    );
    let operation = guarded("getUser", "Read a user", "users:read", &description)
        .parameter(id())
        .parameter(headers::sent(
            "If-None-Match",
            "Entity tags that the client has, or `*`; one that matches gives 304.",
        ))
        .parameter(headers::sent("If-Modified-Since", "Gives 304 if the user was not changed since."))
        .parameter(headers::sent("If-Match", "Entity tags of which the user must have one now, or `*`."))
        .response("200", with_links(user("The user.")))
        .response("304", unchanged);
    refused(operation, &ANY, &[404, 412])
}

/// What is said of HEAD at each GET. It is no operation of its own here: generated clients would read bodies that it has not.
pub const HEAD: &str = "`HEAD` is answered with the same status and headers.";

/// Leads from an answer with a user to what can be done with it.
pub fn with_links(answer: ResponseBuilder) -> ResponseBuilder {
    ["getUser", "updateUser", "patchUser", "deleteUser"].into_iter().fold(answer, |answer, operation| {
        let link = LinkBuilder::new().operation_id(operation).parameter("id", "$response.body#/id");
        answer.link(operation, link.build())
    })
}

fn document(name: &str, summary: &str, media_type: &str) -> Operation {
    refused(unguarded(name, summary, media_type), &OPEN, &[])
}

/// A page that needs no token.
fn unguarded(name: &str, summary: &str, media_type: &str) -> OperationBuilder {
    let content = ContentBuilder::new().schema(Some(ObjectBuilder::new().schema_type(match media_type {
        "text/html" => Type::String,
        _ => Type::Object,
    })));
    let answer = ResponseBuilder::new()
        .description(summary)
        .content(media_type, content.build())
        .header("X-Request-Id", headers::request_id());
    open(name, summary).response("200", answer)
}

/// An operation that needs no token.
pub fn open(name: &str, summary: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(name))
        .tag("operations")
        .summary(Some(summary))
        .description(Some(format!("{summary}. Needs no token. {HEAD}")))
        .securities(Some([]))
}

/// An operation that needs a token with this scope.
pub fn guarded(name: &str, summary: &str, scope: &str, description: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(name))
        .tag("users")
        .summary(Some(summary))
        .description(Some(format!("{description} Needs the scope `{scope}`.")))
        .security(SecurityRequirement::new("bearer", [""; 0]))
        .security(SecurityRequirement::new("token", [""; 0]))
}

/// The operation with what it may be refused with.
pub fn refused(operation: OperationBuilder, always: &[u16], besides: &[u16]) -> Operation {
    let mut statuses = [always, besides].concat();
    statuses.sort_unstable();
    let request_id =
        headers::sent("X-Request-Id", "What the request is to be called in the log and in the answer.");
    let operation = statuses.into_iter().fold(operation.parameter(request_id), |operation, status| {
        operation.response(status.to_string(), problems::reference(status))
    });
    operation.build()
}

/// An answer about a user, without its body.
pub fn bare_user(description: &str) -> ResponseBuilder {
    headers::with_limits(ResponseBuilder::new())
        .description(description)
        .header("ETag", headers::entity_tag())
        .header("Last-Modified", headers::last_modified())
        .header("X-Request-Id", headers::request_id())
}

/// An answer with a user.
pub fn user(description: &str) -> ResponseBuilder {
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name("User"))).example(Some(users::example()));
    bare_user(description).content("application/json", content.build())
}

/// A JSON body, which must be there.
pub fn body(schema: &str, example: serde_json::Value) -> RequestBody {
    let content =
        ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build();
    RequestBodyBuilder::new().required(Some(Required::True)).content("application/json", content).build()
}

pub fn id() -> Parameter {
    ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("Which user."))
        .example(Some(serde_json::json!("ada")))
        .schema(Some(users::path_id()))
        .build()
}
