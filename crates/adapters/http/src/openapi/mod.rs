//! The OpenAPI document: what `docs/openapi.json` holds and `GET /openapi.json` answers.
//!
//! It is built of the same constants and codes that the service works with, so that no limit stands twice.

mod bulk;
mod headers;
mod health;
mod lists;
mod operations;
mod patterns;
mod problems;
mod reads;
mod users;
mod writes;

use std::sync::LazyLock;

use serde_json::{Value, json};
use users_domain::UserId;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, ComponentsBuilder, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder,
    ServerBuilder,
};

use crate::PublicUrl;

const DESCRIPTION: &str = "Creates, reads, lists, updates and deletes users.\n\n\
An update is partial: a member that is present is set, one that is null is cleared, and **one that is absent is left as \
it is**, though the method is PUT. A member that a user does not have is refused, unless the request says \
`Prefer: handling=lenient`.\n\n\
Every write can be tried with `?dry_run=true`, and sent again without harm under an `Idempotency-Key`.\n\n\
Every refusal is a problem of RFC 9457; the page `/docs/errors` tells of each code.";

/// The OpenAPI document of the service, as indented JSON that ends with a line feed.
pub fn openapi_json() -> String {
    // Strings, numbers and lists alone: there is nothing that could fail to be written.
    let mut json = reserve_words(&document().to_pretty_json().unwrap_or_default());
    json.push('\n');
    json
}

/// The same document for a service that is reached below `public_url`.
pub fn openapi_json_below(public_url: &PublicUrl) -> String {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi_json);
    if *public_url == PublicUrl::default() {
        return DOCUMENT.clone();
    }
    let server = |url: &str| format!("\"url\": {}", Value::from(url));
    DOCUMENT.replacen(&server("/"), &server(&public_url.of_path("")), 1)
}

/// Takes the reserved words out of every schema of an id, for which the builders have no `not`: `/v1/users/bulk` is no
/// user's path. The text is changed, since the order of the members would be lost with anything else.
fn reserve_words(document: &str) -> String {
    let pattern = format!("\"pattern\": {}", Value::from(patterns::ID));
    let words = json!({ "enum": UserId::RESERVED });
    document.replace(&pattern, &format!("\"not\": {words}, {pattern}"))
}

fn document() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    // The document comes from a running service; nobody else is known here.
    let contact = ContactBuilder::new().name(Some("The operator of this service")).build();
    let info = InfoBuilder::new()
        .contact(Some(contact))
        .title("Users")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .license(Some(license));
    let tag =
        |name: &str, description: &str| TagBuilder::new().name(name).description(Some(description)).build();
    let tags = [
        tag("users", "Users, one by one and many at once."),
        tag("operations", "What the service says of itself."),
    ];
    OpenApiBuilder::new()
        .info(info)
        .servers(Some([ServerBuilder::new().url("/").description(Some("This service.")).build()]))
        .tags(Some(tags))
        .paths(operations::paths())
        .components(Some(components()))
        .build()
}

fn components() -> Components {
    let token = ApiKeyValue::with_description(
        "Authorization",
        "The word `Token`, a space and the token: `Token usr_…`.",
    );
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("The token alone, as it was shown when it was made."));
    let mut components = ComponentsBuilder::new()
        .schema("User", users::user())
        .schema("UserUpdate", users::user_update())
        .schema("NewUser", users::new_user())
        .schema("JsonPatch", writes::json_patch())
        .schema("JsonPatchOperation", writes::json_patch_operation())
        .schema("UserList", lists::user_list())
        .schema("UserSearch", lists::user_search())
        .schema("UserCount", lists::user_count())
        .schema("BulkCreation", bulk::creation())
        .schema("BulkUpdate", bulk::update())
        .schema("BulkDeletion", bulk::deletion())
        .schema("BulkResults", bulk::results())
        .schema("Liveness", health::liveness())
        .schema("Readiness", health::readiness())
        .schema("Checks", health::checks())
        .schema("Problem", problems::problem())
        .schema("FieldError", problems::field_error())
        .security_scheme("token", SecurityScheme::ApiKey(ApiKey::Header(token)))
        .security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    for (name, response) in problems::responses() {
        components = components.response(name, response);
    }
    components.build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;
    use users_domain::Member;

    use super::openapi_json;
    use crate::problem::ErrorCode;

    fn document() -> Value {
        serde_json::from_str(&openapi_json()).unwrap()
    }

    /// Every `$ref` below `value`.
    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                if let Some(Value::String(reference)) = members.get("$ref") {
                    found.insert(reference.clone());
                }
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn it_is_openapi_3_1_and_ends_with_a_line_feed() {
        assert!(openapi_json().ends_with("}\n"));
        assert!(document()["openapi"].as_str().unwrap().starts_with("3.1"));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            assert!(document.pointer(reference.strip_prefix('#').unwrap()).is_some(), "{reference}");
        }
    }

    #[test]
    fn a_user_has_its_18_members_in_their_order() {
        let document = document();
        // What is sent may have two of them under another name.
        for (schema, aliases) in [("User", 0), ("UserUpdate", 2), ("NewUser", 2)] {
            let properties = document["components"]["schemas"][schema]["properties"].as_object().unwrap();
            assert_eq!(properties.len(), Member::ALL.len() + aliases);
            assert!(Member::ALL.iter().all(|member| properties.contains_key(member.name())));
        }
        let required: Vec<_> = Member::ALL.iter().map(|member| member.name()).collect();
        assert_eq!(document["components"]["schemas"]["User"]["required"], serde_json::json!(required));
        let json = openapi_json();
        let (_, text) = json.split_once("\"User\": {").unwrap();
        let positions: Vec<_> =
            required.iter().map(|name| text.find(&format!("\"{name}\": {{")).unwrap()).collect();
        assert!(positions.is_sorted());
    }

    #[test]
    fn every_answer_to_a_token_tells_of_its_limit() {
        let document = document();
        let mut seen = 0;
        let operations =
            document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap());
        for (_, operation) in operations
            .filter(|(_, operation)| operation["security"].as_array().is_some_and(|all| !all.is_empty()))
        {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let response = match response.get("$ref") {
                    Some(reference) => document.pointer(&reference.as_str().unwrap()[1..]).unwrap(),
                    None => response,
                };
                assert!(
                    response["headers"].get("RateLimit").is_some(),
                    "{} {status}",
                    operation["operationId"]
                );
                seen += 1;
            }
        }
        assert!(seen > 100);
    }

    #[test]
    fn a_problem_names_every_code_and_closes_none_out() {
        let code = &document()["components"]["schemas"]["Problem"]["properties"]["code"];
        let description = code["description"].as_str().unwrap();
        assert!(ErrorCode::ALL.into_iter().all(|code| description.contains(&format!("`{}`", code.name()))));
        assert_eq!(code.get("enum"), None);
    }

    /// What the recommended rules of public linters ask of a document.
    #[test]
    fn linters_find_nothing() {
        let document = document();
        assert!(!document["servers"].as_array().unwrap().is_empty());
        let declared: Vec<_> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
        let mut ids = BTreeSet::new();
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let at = format!("{method} {path}");
                assert!(!operation["description"].as_str().unwrap().is_empty(), "{at}");
                assert!(operation["security"].is_array(), "{at}");
                assert!(declared.contains(&&operation["tags"][0]), "{at}");
                assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{at}");
                // Those of the path come first, and what hardly anybody sends last.
                let parameters = operation["parameters"].as_array().unwrap();
                assert_eq!(path.contains('{'), parameters[0]["in"] == "path", "{at}");
                assert_eq!(parameters.last().unwrap()["name"], "X-Request-Id", "{at}");
            }
        }
        let mut used = BTreeSet::new();
        references(&document, &mut used);
        for kind in ["schemas", "responses"] {
            for name in document["components"][kind].as_object().unwrap().keys() {
                assert!(used.contains(&format!("#/components/{kind}/{name}")), "{kind}/{name} is not used");
            }
        }
    }

    #[test]
    fn a_reserved_word_is_no_id() {
        let document = document();
        let id = document["paths"]["/v1/users/{id}"]["put"]["parameters"][0]["schema"].clone();
        assert_eq!(id["not"]["enum"], serde_json::json!(["bulk", "count", "search"]));
    }
}
