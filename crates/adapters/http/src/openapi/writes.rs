//! The operations that write one user.

use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder};
use utoipa::openapi::{Array, ContentBuilder, ObjectBuilder, Ref, Required, ResponseBuilder, Schema, Type};

use super::operations::{ANY, body, guarded, id, refused, user, with_links};
use super::{headers, users};
use crate::extract::{DRY_RUN, MAX_KEY_LENGTH, MAX_OPERATIONS};

/// `PUT /v1/users/{id}`
pub fn update_user() -> Operation {
    let description = "Sets the members that the body has, clears those that are null there, and **leaves those that are \
                       absent as they are**. The update is atomic and on disk before it is answered. One that changes \
                       nothing is answered with the same `ETag`. It never creates a user. A self-service token may \
                       update its own user, and is answered 403 where the body has a member that it may not set.";
    let operation = guarded("updateUser", "Update a user", "users:write", description).parameter(id());
    let operation = lenient(write(conditional(operation)))
        .request_body(Some(body("UserUpdate", users::update_example())))
        .response("200", preferred(written("The user after the update.")));
    refused(operation, &ANY, &[404, 409, 412, 413, 415, 422])
}

/// `PATCH /v1/users/{id}`
pub fn patch_user() -> Operation {
    let description = "A merge patch (RFC 7396) means what the body of the PUT means. A JSON patch (RFC 6902) is carried out \
                       on the user as it is answered, as a whole or not at all; a member that it removes is cleared. What it \
                       changes must keep the rules of an update; `errors` points to the operation. It is judged on the very \
                       version that it changes: no write of anybody else is lost. A self-service token may patch its own \
                       user, and is answered 403 where a member would change that it may not set, or a merge patch has one.";
    let operation = guarded("patchUser", "Patch a user", "users:write", description).parameter(id());
    let operation = lenient(write(conditional(operation)))
        .request_body(Some(patch()))
        .response("200", preferred(written("The user after the patch.")));
    refused(operation, &ANY, &[404, 409, 412, 413, 415, 422])
}

/// `POST /v1/users`
pub fn create_user() -> Operation {
    let description = "Creates a user of the members that the body has. The id is that of the body, or a new UUIDv7. An id or a \
                       username that is taken is 409.";
    let created = with_links(preferred(written("The user that was created.")))
        .header("Location", headers::answered("The path of the user; not on a dry run."));
    let operation = lenient(write(guarded("createUser", "Create a user", "users:write", description)))
        .request_body(Some(body("NewUser", users::new_example())))
        .response("201", created);
    refused(operation, &ANY, &[409, 413, 415, 422])
}

/// `DELETE /v1/users/{id}`
pub fn delete_user() -> Operation {
    let description = "Deletes the user and gives it as it was. Its id and its username are free afterwards, and its self-service tokens \
                       are revoked. A body has no meaning.";
    let operation = guarded("deleteUser", "Delete a user", "users:delete", description).parameter(id());
    let operation =
        write(conditional(operation)).response("200", written("The user as it was before it was deleted."));
    refused(operation, &ANY, &[404, 409, 412, 413, 422])
}

/// A list of operations.
pub fn json_patch() -> Array {
    ArrayBuilder::new()
        .items(Ref::from_schema_name("JsonPatchOperation"))
        .max_items(Some(MAX_OPERATIONS))
        .description(Some(
            "A JSON patch (RFC 6902): operations on the user as it is answered, in their order.",
        ))
        .examples([json_patch_example()])
        .build()
}

/// One operation.
pub fn json_patch_operation() -> Schema {
    let operation = |names: &[&str]| {
        let op = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.to_vec()));
        let path = pointer("The place that the operation is about.");
        ObjectBuilder::new().property("op", op).required("op").property("path", path).required("path")
    };
    let value = ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue);
    let value = value.description(Some("What is put there or expected there."));
    let operation = OneOfBuilder::new()
        .item(operation(&["add", "replace", "test"]).property("value", value).required("value"))
        .item(operation(&["remove"]))
        .item(
            operation(&["move", "copy"])
                .property("from", pointer("Where the value is taken from."))
                .required("from"),
        )
        .description(Some("An operation of a JSON patch. Members that it does not need are ignored."));
    Schema::OneOf(operation.build())
}

fn pointer(description: &str) -> ObjectBuilder {
    let description = format!("{description} A JSON pointer (RFC 6901).");
    let schema = ObjectBuilder::new().schema_type(Type::String).description(Some(description));
    schema.pattern(Some("^(/([^~/]|~[01])*)*$"))
}

fn patch() -> RequestBody {
    let content = |schema: &str, example: Value| {
        ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).example(Some(example)).build()
    };
    RequestBodyBuilder::new()
        .required(Some(Required::True))
        .content("application/merge-patch+json", content("UserUpdate", users::update_example()))
        .content("application/json-patch+json", content("JsonPatch", json_patch_example()))
        .build()
}

/// A patch that may be sent.
fn json_patch_example() -> Value {
    json!([
        { "op": "add", "path": "/title", "value": "Mathematician" },
        { "op": "test", "path": "/title", "value": "Mathematician" },
        { "op": "replace", "path": "/title", "value": "Countess" },
        { "op": "remove", "path": "/last_typed" }
    ])
}

/// Adds what every write may say of how it is meant.
pub fn write(operation: OperationBuilder) -> OperationBuilder {
    operation.parameter(dry_run()).parameter(idempotency_key())
}

fn conditional(operation: OperationBuilder) -> OperationBuilder {
    operation.parameter(headers::sent("If-Match", "Entity tags of which the user must have one now, or `*`."))
}

fn lenient(operation: OperationBuilder) -> OperationBuilder {
    let description = "`handling=lenient`: members that a user does not have are ignored.";
    operation.parameter(headers::sent("Prefer", description))
}

fn dry_run() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::Boolean).default(Some(json!(false)));
    ParameterBuilder::new()
        .name(DRY_RUN)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(
            "Whether the request is only to be judged: everything is checked, the answer shows what would be, and nothing is \
             written.",
        ))
        .schema(Some(schema))
        .build()
}

fn idempotency_key() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    let schema = schema.max_length(Some(MAX_KEY_LENGTH)).pattern(Some("^[!#-~][!-~]*$"));
    let description = "Makes the request take effect once within 24 hours, however often it is sent with the same key, which \
                       is best a UUID. Ignored on a dry run.";
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// An answer with a user that was written.
fn written(description: &str) -> ResponseBuilder {
    marked(user(description))
}

/// Adds what an answer to a write says of how it came about.
pub fn marked(response: ResponseBuilder) -> ResponseBuilder {
    response
        .header(
            "Idempotency-Replayed",
            headers::answered("`true` where this is the answer to an earlier request with the same key."),
        )
        .header("Dry-Run", headers::answered("`true` where nothing was written."))
}

fn preferred(response: ResponseBuilder) -> ResponseBuilder {
    response.header("Preference-Applied", headers::preference_applied())
}

#[cfg(test)]
mod tests {
    use super::json_patch_example;
    use crate::extract::JsonPatch;

    #[test]
    fn the_example_is_valid() {
        assert!(JsonPatch::parse(json_patch_example().to_string().as_bytes()).is_ok());
    }
}
