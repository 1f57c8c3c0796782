//! Reads of many users: the list, the count and the search.

use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::{ContentBuilder, Ref, Required, ResponseBuilder};

use super::operations::{ANY, body, guarded, refused};
use super::{headers, lists};
use crate::extract::ListParameter;

/// `GET /v1/users`, or HEAD.
pub fn list_users(head: bool) -> Operation {
    let (name, summary) = if head {
        ("headUsers", "Read the headers of a page of the list")
    } else {
        ("listUsers", "List users, page by page")
    };
    let description = "Gives users in the order of their ids. Follow `next_cursor`, or the header `Link`, from page to \
                       page: no user is then missed or seen twice, whatever is written in the meantime, and a page takes \
                       as long at any depth. Where several filters are given, users fit that are as all of them say.";
    let parameters = body("ListParameters", lists::parameters_example());
    let operation = read(name, summary, &ListParameter::OF_LIST)
        .description(Some(description))
        .request_body(Some(RequestBodyBuilder::from(parameters).required(Some(Required::False)).build()))
        .response(
            "200",
            found("A page of the list.", "UserList", lists::example(), head).header("Link", link()),
        );
    refused(operation, &ANY, &[413, 415, 422])
}

/// `GET /v1/users/count`, or HEAD.
pub fn count_users(head: bool) -> Operation {
    let (name, summary) =
        if head { ("headCount", "Read the headers of a count") } else { ("countUsers", "Count users") };
    let description =
        "Tells how many users there are that are as all filters say. The service counts user by user.";
    let operation = read(name, summary, &ListParameter::OF_COUNT)
        .description(Some(description))
        .response("200", found("How many there are.", "UserCount", json!({ "count": 12_345 }), head));
    refused(operation, &ANY, &[413, 415, 422])
}

/// `GET /v1/users/search`, or HEAD.
pub fn search_users(head: bool) -> Operation {
    let (name, summary) = if head {
        ("headSearch", "Read the headers of a page of a search")
    } else {
        ("searchUsers", "Find users, page by page")
    };
    let description = "Finds users by what their username, first name, last name, email address or organization begins \
                       with, where case, width and composition make no difference. They come in the order of the text by which they are found, \
                       each once. Follow `next_cursor`, or the header `Link`, from page to page.";
    let operation = read(name, summary, &ListParameter::OF_SEARCH).description(Some(description)).response(
        "200",
        found("A page of what was found.", "UserSearch", lists::search_example(), head)
            .header("Link", link()),
    );
    refused(operation, &ANY, &[413, 415, 422])
}

fn read(name: &str, summary: &str, these: &[ListParameter]) -> OperationBuilder {
    let operation = guarded(name, summary, "users:read");
    let operation = lists::parameters(these).fold(operation, OperationBuilder::parameter);
    let lenient = "`handling=lenient`: parameters that there are not are ignored.";
    operation.parameter(headers::sent("Prefer", lenient))
}

fn found(description: &str, schema: &str, example: Value, head: bool) -> ResponseBuilder {
    let response = headers::with_limits(ResponseBuilder::new())
        .description(description)
        .header("Preference-Applied", headers::preference_applied())
        .header("X-Request-Id", headers::request_id());
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example));
    if head { response } else { response.content("application/json", content.build()) }
}

fn link() -> utoipa::openapi::Header {
    headers::answered("The path of the next page, `rel=\"next\"`, where there is one.")
}
