//! The user as it is answered, and as it may be sent.

use serde_json::{Value, json};
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Member, PersonName, Phone, Profile, Twitter,
    UserId, Username,
};
use utoipa::openapi::schema::{AdditionalProperties, KnownFormat, SchemaFormat, SchemaType};
use utoipa::openapi::{Deprecated, Object, ObjectBuilder, Schema, Type};

use super::patterns;

/// A user as it is answered.
pub fn user() -> Object {
    let schema =
        ObjectBuilder::new().description(Some("A user. All members are there; one that is unset is null."));
    let schema = Member::ALL.into_iter().fold(schema, |schema, member| {
        schema.property(member.name(), property(member)).required(member.name())
    });
    schema.examples([example()]).build()
}

/// A body of an update.
pub fn user_update() -> Object {
    let description = "What is to be changed. A member that is absent is left as it is; one that is null is cleared. \
                       `first_name` and `last_name` are read as `firstName` and `lastName`.";
    let id =
        sent_id("The id in the path: an id never changes. An integer is read as its decimal text.", false);
    sent(description, id).examples([update_example()]).build()
}

/// A body of a creation.
pub fn new_user() -> Object {
    let description = "A new user. `first_name` and `last_name` are read as `firstName` and `lastName`.";
    let id = sent_id("Chosen by the caller; where it is absent or null the service makes up a UUIDv7.", true);
    // The default stands in the description alone: with a `default` generated clients demand the member.
    let rule = format!("Whether the user is currently active; {} if absent.", Profile::default().active);
    let active = property(Member::Active).description(Some(rule));
    sent(description, id).property(Member::Active.name(), active).examples([new_example()]).build()
}

/// Other names under which members are read, for the vendor's clients.
const ALIASES: [(&str, Member); 2] = [("first_name", Member::FirstName), ("last_name", Member::LastName)];

fn sent(description: &str, id: ObjectBuilder) -> ObjectBuilder {
    let schema = ObjectBuilder::new().description(Some(description)).property(Member::Id.name(), id);
    let members = Member::ALL.into_iter().filter(|member| *member != Member::Id);
    let schema = members.fold(schema, |schema, member| schema.property(member.name(), property(member)));
    let schema = ALIASES.into_iter().fold(schema, |schema, (alias, member)| {
        let rule = format!("The same as `{member}`; not to be sent beside it.");
        schema.property(alias, property(member).description(Some(rule)).deprecated(Some(Deprecated::True)))
    });
    schema.additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
}

/// The schema of an id as it may be sent.
pub fn sent_id(description: &str, nullable: bool) -> ObjectBuilder {
    let mut types = vec![Type::String, Type::Integer];
    types.extend(nullable.then_some(Type::Null));
    id(description).schema_type(SchemaType::Array(types))
}

fn id(description: &str) -> ObjectBuilder {
    let rule = format!(
        "{description} Letters and digits of ASCII and `{}`; not `.`, `..` or one of: {}.",
        UserId::MARKS,
        UserId::RESERVED.join(", ")
    );
    let schema = ObjectBuilder::new().description(Some(rule)).pattern(Some(patterns::ID));
    schema.min_length(Some(1)).max_length(length(UserId::MAX_LENGTH))
}

/// The schema of the id in a path.
pub fn path_id() -> ObjectBuilder {
    id("Which user.").schema_type(Type::String)
}

/// The schema of a member.
pub fn property(member: Member) -> ObjectBuilder {
    match member {
        Member::Id => id("Which user it is; never changes, case-sensitive.").schema_type(Type::String),
        Member::Active => {
            let schema = ObjectBuilder::new().schema_type(Type::Boolean);
            schema.description(Some("Whether the user is currently active; cannot be null."))
        }
        Member::Avatar => text(
            "The user's picture: an http or https URL, the same without its scheme (`//host/path`), or a path.",
            Avatar::MAX_LENGTH,
            patterns::address(),
        ),
        Member::Bio => text(
            "What the user says about themselves; may have line breaks.",
            Bio::MAX_LENGTH,
            patterns::lines(),
        ),
        Member::Birthday => {
            let rule = format!("Date of birth, from {} to today.", Birthday::EARLIEST);
            nullable(&rule).format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        }
        Member::Country => {
            let rule = "Country of residence: a name or a code. Two letters are a code, in any case: one of ISO 3166-1, or one \
                        in use beside it, such as `UK`, `EU`, `EL`, `XK` or a former code.";
            line(rule, Country::MAX_LENGTH)
        }
        Member::Email => nullable("An address of RFC 5321, or internationalized of RFC 6531; not unique.")
            .format(Some(SchemaFormat::Custom("idn-email".to_owned())))
            .max_length(length(Email::MAX_LENGTH)),
        Member::FirstName => line("First name; not blank.", PersonName::MAX_LENGTH).min_length(Some(1)),
        Member::LastName => line("Last name; not blank.", PersonName::MAX_LENGTH).min_length(Some(1)),
        Member::LastSeen => moment("When the user was last seen"),
        Member::LastTyped => moment("When the user last typed a message"),
        Member::Location => {
            text("Location or address; may have line breaks.", Location::MAX_LENGTH, patterns::lines())
        }
        Member::Organization => line("Organization or company.", Label::MAX_LENGTH),
        Member::Phone => {
            let (min, max, dialled) = (Phone::MIN_DIGITS, Phone::MAX_DIGITS, Phone::MAX_DIALLED);
            let rule = format!(
                "Phone number of {min} to {dialled} digits of any script, at most {max} after a `+`; may have separators and an \
                 extension."
            );
            text(&rule, Phone::MAX_LENGTH, patterns::phone())
        }
        Member::Regions => line("Regions or areas.", Label::MAX_LENGTH),
        Member::Title => line("Job title.", Label::MAX_LENGTH),
        Member::Twitter => {
            text("Twitter handle, with or without `@`.", Twitter::MAX_LENGTH, patterns::twitter())
        }
        Member::Username => {
            let rule =
                "Username of RFC 8265; unique, and names that differ in case or width alone are the same.";
            text(rule, Username::MAX_LENGTH, patterns::word()).min_length(Some(1))
        }
    }
}

fn nullable(description: &str) -> ObjectBuilder {
    let types = SchemaType::Array(vec![Type::String, Type::Null]);
    ObjectBuilder::new().schema_type(types).description(Some(description))
}

fn text(description: &str, max_length: u64, pattern: String) -> ObjectBuilder {
    nullable(description).max_length(length(max_length)).pattern(Some(pattern))
}

fn line(description: &str, max_length: u64) -> ObjectBuilder {
    text(description, max_length, patterns::line())
}

fn moment(what: &str) -> ObjectBuilder {
    let rule = "answered in UTC and to the microsecond at most. A date alone is read as its midnight in UTC.";
    nullable(&format!("{what}; {rule}")).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
}

fn length(max: u64) -> Option<usize> {
    usize::try_from(max).ok()
}

/// A user that an answer may hold, and that may be sent.
pub fn example() -> Value {
    json!({
        "id": "ada",
        "active": true,
        "avatar": "https://example.org/ada.png",
        "bio": "Wrote the first program.",
        "birthday": "1915-12-10",
        "country": "GB",
        "email": "ada@example.org",
        "firstName": "Ada",
        "lastName": "Lovelace",
        "last_seen": "2026-11-01T12:00:00Z",
        "last_typed": null,
        "location": "London",
        "organization": "Analytical Engines",
        "phone": "+44 20 7946 0000",
        "regions": "Europe",
        "title": "Mathematician",
        "twitter": "@ada",
        "username": "ada"
    })
}

/// A user that may be created beside the one of [`example`].
pub fn new_example() -> Value {
    json!({
        "firstName": "Grace",
        "lastName": "Hopper",
        "email": "grace@example.org",
        "organization": "US Navy"
    })
}

/// An update that sets one member and clears another.
pub fn update_example() -> Value {
    json!({ "title": "Countess", "last_typed": null })
}

#[cfg(test)]
mod tests {
    use utoipa::openapi::Object;

    use super::{example, new_example, new_user, update_example, user_update};
    use crate::extract::{Preferences, UserDocument};

    #[test]
    fn the_examples_are_valid() {
        let now = "2026-11-01T12:00:00Z".parse().unwrap();
        for example in [example(), new_example(), update_example()] {
            let body = example.to_string();
            let document = UserDocument::parse(body.as_bytes()).unwrap();
            assert!(document.validate(Preferences::default(), now).is_ok(), "{body}");
        }
    }

    #[test]
    fn no_member_has_a_default() {
        for schema in [new_user(), user_update()] {
            let schema = serde_json::to_value::<Object>(schema).unwrap();
            for (name, property) in schema["properties"].as_object().unwrap() {
                assert_eq!(property.get("default"), None, "{name}");
            }
        }
    }
}
