//! Writes of many users at once.

use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ArrayItems, SchemaType};
use utoipa::openapi::{ContentBuilder, Object, ObjectBuilder, Ref, ResponseBuilder, Schema, Type};

use super::operations::{ANY, body, guarded, refused};
use super::writes::{marked, write};
use super::{headers, users};
use crate::extract::MAX_ITEMS;

/// `POST /v1/users/bulk`
pub fn create_users() -> Operation {
    bulk("bulkCreateUsers", "Create many users", "users:write", "BulkCreation", creation_example())
}

/// `PUT /v1/users/bulk`
pub fn update_users() -> Operation {
    bulk("bulkUpdateUsers", "Update many users", "users:write", "BulkUpdate", update_example())
}

/// `DELETE /v1/users/bulk`
pub fn delete_users() -> Operation {
    bulk("bulkDeleteUsers", "Delete many users", "users:delete", "BulkDeletion", deletion_example())
}

fn bulk(name: &str, summary: &str, scope: &str, schema: &str, example: Value) -> Operation {
    let description = "Each item stands or falls by itself: the answer is 200 also if all are rejected, and has for each, in their \
                       order, the status and the user or the problem that a request of its own would have been answered with. \
                       Items of one user take effect in their order. The body may have 4 MiB.";
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("BulkResults")));
    let answer = marked(headers::with_limits(ResponseBuilder::new()))
        .description("What became of each item.")
        .content("application/json", content.example(Some(results_example())).build())
        .header("Preference-Applied", headers::preference_applied())
        .header("X-Request-Id", headers::request_id());
    let operation: OperationBuilder = write(guarded(name, summary, scope, description))
        .parameter(headers::sent("Prefer", "`handling=lenient`: unknown members are ignored."))
        .request_body(Some(body(schema, example)))
        .response("200", answer);
    refused(operation, &ANY, &[409, 412, 413, 415, 422])
}

/// A body that creates users.
pub fn creation() -> Object {
    only("Users that are to be created.", "items", Ref::from_schema_name("NewUser"), creation_example())
}

/// A body that updates users.
pub fn update() -> Object {
    let item = ObjectBuilder::new()
        .property(
            "id",
            users::sent_id("The user that is to be updated. An integer is read as its decimal text.", false),
        )
        .property("data", Ref::from_schema_name("UserUpdate"))
        .required("id")
        .required("data")
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)));
    only("Updates of users.", "updates", item, update_example())
}

/// A body that deletes users.
pub fn deletion() -> Object {
    let id = users::sent_id("The user that is to be deleted. An integer is read as its decimal text.", false);
    only("Users that are to be deleted.", "ids", id, deletion_example())
}

fn only(description: &str, name: &str, item: impl Into<ArrayItems>, example: Value) -> Object {
    let items = ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(MAX_ITEMS));
    ObjectBuilder::new()
        .description(Some(description))
        .property(name, items)
        .required(name)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
        .examples([example])
        .build()
}

/// What became of the items of a bulk request.
pub fn results() -> Object {
    let number = |description: &str| {
        let number = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0.0));
        number.description(Some(description))
    };
    let schema = ObjectBuilder::new()
        .description(Some("What became of the items of a bulk request."))
        .property("results", ArrayBuilder::new().items(result()))
        .property("succeeded", number("How many were carried out."))
        .property("failed", number("How many were not."))
        .examples([results_example()]);
    ["results", "succeeded", "failed"].into_iter().fold(schema, ObjectBuilder::required).build()
}

fn result() -> ObjectBuilder {
    let number =
        |description: &str| ObjectBuilder::new().schema_type(Type::Integer).description(Some(description));
    let types = SchemaType::Array(vec![Type::String, Type::Null]);
    let id = ObjectBuilder::new()
        .schema_type(types)
        .description(Some("The user; null where the item names none."));
    let schema = ObjectBuilder::new()
        .description(Some(
            "What became of one item: it has `user` where it was carried out, and `error` where not.",
        ))
        .property("index", number("The place of the item in the request, from 0."))
        .property("id", id)
        .property("status", number("The status that a request of its own would have been answered with."))
        .property("user", Ref::from_schema_name("User"))
        .property("error", Ref::from_schema_name("Problem"));
    ["index", "id", "status"].into_iter().fold(schema, ObjectBuilder::required)
}

/// Bodies that may be sent.
fn creation_example() -> Value {
    json!({ "items": [users::example(), { "firstName": "Grace" }] })
}

fn update_example() -> Value {
    json!({ "updates": [{ "id": "ada", "data": users::update_example() }] })
}

fn deletion_example() -> Value {
    json!({ "ids": ["ada", "grace"] })
}

fn results_example() -> Value {
    let error = json!({
        "type": "/docs/errors#RESOURCE_NOT_FOUND",
        "title": "Not found",
        "status": 404,
        "detail": "There is no user with this id.",
        "instance": "/v1/users/bulk#/updates/1",
        "code": "RESOURCE_NOT_FOUND",
        "message": "There is no user with this id.",
        "request_id": "7mc31yun18imuz7k-17"
    });
    json!({
        "results": [
            { "index": 0, "id": "ada", "status": 200, "user": users::example() },
            { "index": 1, "id": "grace", "status": 404, "error": error }
        ],
        "succeeded": 1,
        "failed": 1
    })
}
