//! What `/livez` and `/readyz` answer.

use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Object, ObjectBuilder, Ref, ResponseBuilder, Type};

use super::headers;
use super::operations::{UNLIMITED, open, refused};
use crate::problem::Checks;

/// `GET /livez`.
pub fn live() -> Operation {
    operation("live", "Whether the process runs", "Liveness")
}

/// `GET /readyz`.
pub fn ready() -> Operation {
    operation("ready", "Whether the service can do its work now", "Readiness")
}

fn operation(name: &str, summary: &str, schema: &str) -> Operation {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema)));
    let answer = ResponseBuilder::new()
        .description(summary)
        .content("application/json", content.build())
        .header("X-Request-Id", headers::request_id());
    let operation = open(name, summary).response("200", answer);
    refused(operation, &UNLIMITED, &[])
}

/// The body of `/livez`.
pub fn liveness() -> Object {
    ObjectBuilder::new().property("status", word(&["ok"])).required("status").build()
}

/// The body of `/readyz`.
pub fn readiness() -> Object {
    ObjectBuilder::new()
        .property("status", word(&["ready"]))
        .property("checks", Ref::from_schema_name("Checks"))
        .required("status")
        .required("checks")
        .build()
}

/// What the service depends on.
pub fn checks() -> Object {
    ObjectBuilder::new()
        .description(Some("The state of each thing that the service cannot do without."))
        .property(
            "database",
            check("Whether the database answers and takes writes.", &Checks::database_causes()),
        )
        .property(
            "schema",
            check(
                "Whether the database has the tables of this version; `ahead` is no failure.",
                &Checks::SCHEMA_CAUSES,
            ),
        )
        .required("database")
        .required("schema")
        .build()
}

fn check(description: &str, causes: &[&str]) -> Object {
    let status = word(&["ok", "failed", "unknown"])
        .description(Some("`unknown` is what could not be looked at since something before it has failed."));
    ObjectBuilder::new()
        .description(Some(description))
        .property("status", status)
        .property("cause", word(causes).description(Some("Why; other causes may be added.")))
        .required("status")
        .build()
}

fn word(words: &[&str]) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.to_vec()))
}
