//! Reads of many users: the list, the count and the search.

use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};

use super::operations::{ANY, HEAD, guarded, refused};
use super::{headers, lists};
use crate::extract::ListParameter;

/// `GET /v1/users`
///
/// The body that the vendor's sample sends with it is read, but stands in no document: no generated client could make
/// use of it.
pub fn list_users() -> Operation {
    let description = "Gives users in the order of their ids. Follow `next_cursor`, or the header `Link`, from page to \
                       page: no user is then missed or seen twice, whatever is written in the meantime, and a page takes \
                       as long at any depth. Filters combine with AND: a user must match all of them.";
    let operation = read("listUsers", "List users, page by page", &ListParameter::OF_LIST, description)
        .response("200", found("A page of the list.", "UserList", lists::example()).header("Link", link()));
    refused(operation, &ANY, &[413, 415, 422])
}

/// `GET /v1/users/count`
pub fn count_users() -> Operation {
    let description = "Counts the users that match all filters. Counting visits every match.";
    let operation = read("countUsers", "Count users", &ListParameter::OF_COUNT, description)
        .response("200", found("How many there are.", "UserCount", json!({ "count": 12_345 })));
    refused(operation, &ANY, &[413, 415, 422])
}

/// `GET /v1/users/search`
pub fn search_users() -> Operation {
    let description = "Finds users by what their username, first name, last name, email address or organization begins \
                       with. Case, width and composition make no difference. Users come in the order of the text by which they are \
                       found, each once. Follow `next_cursor`, or the header `Link`, from page to page.";
    let operation = read("searchUsers", "Find users, page by page", &ListParameter::OF_SEARCH, description)
        .response(
            "200",
            found("A page of what was found.", "UserSearch", lists::search_example()).header("Link", link()),
        );
    refused(operation, &ANY, &[413, 415, 422])
}

fn read(name: &str, summary: &str, these: &[ListParameter], description: &str) -> OperationBuilder {
    let operation = guarded(name, summary, "users:read", &format!("{description} {HEAD}"));
    let operation = lists::parameters(these).fold(operation, OperationBuilder::parameter);
    let lenient = "`handling=lenient`: unknown parameters are ignored.";
    operation.parameter(headers::sent("Prefer", lenient))
}

fn found(description: &str, schema: &str, example: Value) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example));
    headers::with_limits(ResponseBuilder::new())
        .description(description)
        .header("Preference-Applied", headers::preference_applied())
        .header("X-Request-Id", headers::request_id())
        .content("application/json", content.build())
}

fn link() -> utoipa::openapi::Header {
    headers::answered("The path of the next page, `rel=\"next\"`, if there is one.")
}
