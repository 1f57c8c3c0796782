//! Reads a JSON object member by member, without a look into the values.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use users_domain::RuleCode;

use super::broken_rules::broken_rules;
use super::json_part::JsonPart;
use crate::problem::{ErrorCode, FieldError, Problem, pointer_to};

/// The members of an object, in the order in which they stand there.
pub type Members<'a> = Vec<(Cow<'a, str>, &'a RawValue)>;

/// Reads the members of the object that the part is; one that stands twice is there twice.
pub fn members(part: JsonPart<'_>) -> Result<Members<'_>, Problem> {
    require_object(part)?;
    let mut members = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(part.text);
    let read = json.deserialize_map(Collector(&mut members)).and_then(|()| json.end());
    read.map_err(|error| part.malformed(&error))?;
    Ok(members)
}

/// Rejects a part that does not begin as an object does.
pub fn require_object(part: JsonPart<'_>) -> Result<(), Problem> {
    require(part, b'{', "must be a JSON object")
}

/// Rejects a part that does not begin as an array does.
pub fn require_array(part: JsonPart<'_>) -> Result<(), Problem> {
    require(part, b'[', "must be a JSON array")
}

fn require(part: JsonPart<'_>, opening: u8, detail: &str) -> Result<(), Problem> {
    if part.text.trim_ascii_start().first() == Some(&opening) {
        return Ok(());
    }
    if let Err(error) = serde_json::from_slice::<&RawValue>(part.text) {
        return Err(part.malformed(&error));
    }
    let (code, detail) = (RuleCode::InvalidType.as_str(), detail.to_owned());
    Err(broken_rules(part.name, vec![FieldError { pointer: String::new(), code, detail }]))
}

/// A body in which a member stands twice.
pub fn duplicate(name: &str) -> Problem {
    duplicate_at(pointer_to(name))
}

/// A body in which the member that `pointer` leads to stands twice.
pub fn duplicate_at(pointer: String) -> Problem {
    let detail = format!("The body has a member twice: {pointer}.");
    let errors = vec![FieldError {
        pointer,
        code: "DUPLICATE_MEMBER",
        detail: "must not stand twice, under either of its names".to_owned(),
    }];
    Problem::new(ErrorCode::MalformedJson, detail).with_errors(errors)
}

struct Collector<'m, 'de>(&'m mut Members<'de>);

impl<'de> Visitor<'de> for Collector<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = members.next_key()? {
            self.0.push((name, members.next_value()?));
        }
        Ok(())
    }
}

/// A member's name, borrowed from the body where it has no escapes.
pub struct Name<'a>(pub Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::{JsonPart, members};

    #[test]
    fn members_come_as_they_stand_there() {
        let members = members(JsonPart::body(br#" {"a":1, "\u0062":[ {"c":"}"} ],"a":null}"#)).unwrap();
        let members: Vec<_> = members.iter().map(|(name, value)| (name.as_ref(), value.get())).collect();
        assert_eq!(members, [("a", "1"), ("b", r#"[ {"c":"}"} ]"#), ("a", "null")]);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for (body, status) in
            [("", 400), ("{", 400), ("{}x", 400), ("{'a':1}", 400), ("[]", 422), ("null", 422), ("[", 400)]
        {
            let problem = members(JsonPart::body(body.as_bytes())).unwrap_err();
            assert_eq!(problem.code().status().as_u16(), status, "{body}");
        }
    }
}
