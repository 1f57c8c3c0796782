//! The list of users, the count and the search: their parameters, and what they answer.

use serde_json::{Value, json};
use users_domain::{Direction, Member, PageBounds, SearchPrefix};
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, SchemaType};
use utoipa::openapi::{Object, ObjectBuilder, Ref, RefOr, Required, Schema, Type};

use super::{patterns, users};
use crate::extract::ListParameter;

/// These parameters, as they stand in a query.
pub fn parameters(these: &[ListParameter]) -> impl Iterator<Item = Parameter> {
    these.iter().copied().map(|parameter| {
        let parameter_in = ParameterBuilder::new().name(parameter.name()).parameter_in(ParameterIn::Query);
        let schema = schema(parameter);
        parameter_in
            .required(if parameter == ListParameter::Query { Required::True } else { Required::False })
            .description(Some(description(parameter)))
            .schema(Some(schema))
            .build()
    })
}

const fn type_of(parameter: ListParameter) -> Type {
    match parameter {
        ListParameter::Limit | ListParameter::Offset => Type::Integer,
        ListParameter::IncludeTotal | ListParameter::IncludeEtags | ListParameter::Active => Type::Boolean,
        _ => Type::String,
    }
}

fn schema(parameter: ListParameter) -> ObjectBuilder {
    let schema = ObjectBuilder::new().schema_type(type_of(parameter));
    match parameter {
        ListParameter::Limit => {
            let schema = schema.minimum(Some(1.0)).maximum(Some(bound(PageBounds::MAX_LIMIT)));
            schema.default(Some(json!(PageBounds::DEFAULT_LIMIT)))
        }
        ListParameter::Offset => {
            // No default: generated clients would send it with every page, and ask for a total each time.
            schema.minimum(Some(0.0)).maximum(Some(bound(PageBounds::MAX_OFFSET)))
        }
        ListParameter::OrderDirection => schema
            .enum_values(Some(Direction::ALL.map(Direction::as_str)))
            .default(Some(json!(Direction::default().as_str()))),
        ListParameter::Query => {
            let schema =
                schema.min_length(Some(1)).max_length(usize::try_from(SearchPrefix::MAX_LENGTH).ok());
            schema.pattern(Some(patterns::line()))
        }
        ListParameter::Cursor => schema.pattern(Some(patterns::CURSOR)),
        ListParameter::IncludeTotal | ListParameter::IncludeEtags | ListParameter::Active => schema,
        ListParameter::Username => value_of(Member::Username),
        ListParameter::Email => value_of(Member::Email),
        ListParameter::Organization => value_of(Member::Organization),
        ListParameter::Country => value_of(Member::Country),
    }
}

/// What a member may be, but not null.
fn value_of(member: Member) -> ObjectBuilder {
    users::property(member).schema_type(Type::String)
}

const fn description(parameter: ListParameter) -> &'static str {
    match parameter {
        ListParameter::Query => {
            "What one of username, first name, last name, email address or organization begins with, in any case, width and composition."
        }
        ListParameter::Limit => "The most users on the page.",
        ListParameter::Cursor => {
            "Where the page begins: `next_cursor` of the page before. Opaque; goes with the same `order_direction` and \
             with no `offset` but 0."
        }
        ListParameter::OrderDirection => "The order of the ids, compared byte by byte.",
        ListParameter::Offset => {
            "Users to leave out first. The service counts its way past each, and users that come or go in between shift \
             the pages: prefer `cursor`."
        }
        ListParameter::IncludeTotal => {
            "Whether `pagination.total` is wanted; by default it is if `offset` is sent without a cursor. Counting visits every \
             match: ask once, not for each page."
        }
        ListParameter::IncludeEtags => {
            "Whether `etags` is wanted: the entity tag of each user on the page, by its id, for conditional writes. By default \
             it is not."
        }
        ListParameter::Username => "The user with this username, in any case and width (RFC 8265).",
        ListParameter::Email => "Users with this email address, in any case.",
        ListParameter::Organization => "Users with exactly this organization.",
        ListParameter::Country => "Users with exactly this country: `DE` is not `de`.",
        ListParameter::Active => "Users that are active, or that are not.",
    }
}

/// A page of the list.
pub fn user_list() -> Object {
    let schema = page("A page of the list.").property("pagination", pagination()).required("pagination");
    schema.examples([example()]).build()
}

/// A page of a search.
pub fn user_search() -> Object {
    page("A page of the users that were found.").examples([search_example()]).build()
}

/// A count.
pub fn user_count() -> Object {
    let count = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0.0));
    ObjectBuilder::new()
        .description(Some("How many users there are."))
        .property("count", count)
        .required("count")
        .build()
}

fn page(description: &str) -> ObjectBuilder {
    let cursor = ObjectBuilder::new()
        .schema_type(SchemaType::Array(vec![Type::String, Type::Null]))
        .description(Some("Where the next page begins; null on the last one."));
    let more = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .description(Some("Whether there are more users behind this page."));
    let schema = ObjectBuilder::new()
        .description(Some(description))
        .property("users", ArrayBuilder::new().items(Ref::from_schema_name("User")))
        .property("has_more", more)
        .property("next_cursor", cursor)
        .property("etags", etags());
    ["users", "has_more", "next_cursor"].into_iter().fold(schema, ObjectBuilder::required)
}

fn etags() -> ObjectBuilder {
    let tag = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The user's entity tag, as `ETag` has it."));
    ObjectBuilder::new()
        .description(Some(
            "The entity tag of each user on the page, by its id; only with `include_etags=true`.",
        ))
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(Schema::Object(tag.build())))))
}

fn pagination() -> ObjectBuilder {
    let number =
        |description: &str| ObjectBuilder::new().schema_type(Type::Integer).description(Some(description));
    ObjectBuilder::new()
        .property("limit", number("The most users on the page."))
        .property("offset", number("How many users were left out; 0 where a cursor was sent."))
        .property("total", number("How many users there are on all pages; see `include_total`."))
        .required("limit")
        .required("offset")
}

/// A page that an answer may hold.
pub fn example() -> Value {
    json!({
        "users": [users::example()],
        "has_more": true,
        "next_cursor": "MWFhZGE",
        "pagination": { "limit": 1, "offset": 0, "total": 2 }
    })
}

/// A page of a search that an answer may hold.
pub fn search_example() -> Value {
    json!({ "users": [users::example()], "has_more": true, "next_cursor": "MXNhZGEAYWRh" })
}

/// The bounds are far below the whole numbers that a float can tell apart.
fn bound(number: i64) -> f64 {
    f64::from(i32::try_from(number).unwrap_or(i32::MAX))
}
