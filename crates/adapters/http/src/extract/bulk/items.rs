use std::fmt;

use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use users_domain::RuleCode;

use super::object::{Object, required};
use crate::extract::Preferences;
use crate::extract::broken_rules::broken_rules;
use crate::extract::json_part::JsonPart;
use crate::problem::{FieldError, Problem, pointer_to};

/// The most items of one request.
pub const MAX_ITEMS: usize = 1_000;

/// Reads the items of a body: the list that its only member has, 1 to [`MAX_ITEMS`] long.
pub fn items<'a>(
    body: JsonPart<'a>,
    name: &str,
    preferences: Preferences,
) -> Result<Vec<&'a RawValue>, Problem> {
    let Object { values: [list], mut errors } = Object::read(body, [name], preferences)?;
    let wrong =
        |code, detail: &str| FieldError { pointer: pointer_to(name), code, detail: detail.to_owned() };
    let items = match list {
        None => Err(required(name)),
        Some(list) if !list.get().starts_with('[') => {
            Err(wrong(RuleCode::InvalidType.as_str(), "must be a list"))
        }
        Some(list) => match elements(body, list)? {
            items if (1..=MAX_ITEMS).contains(&items.len()) => Ok(items),
            _ => {
                let detail = format!("must have 1 to {MAX_ITEMS} items");
                Err(wrong(RuleCode::OutOfRange.as_str(), &detail))
            }
        },
    };
    match items {
        Ok(items) if errors.is_empty() => return Ok(items),
        Ok(_) => {}
        Err(error) => errors.insert(0, error),
    }
    Err(broken_rules("body", errors))
}

/// The first elements of a list, one more than a request may have at most.
fn elements<'a>(body: JsonPart<'a>, list: &'a RawValue) -> Result<Vec<&'a RawValue>, Problem> {
    let mut json = serde_json::Deserializer::from_str(list.get());
    json.deserialize_seq(Elements).map_err(|error| body.inner(list, "body").malformed(&error))
}

struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() <= MAX_ITEMS {
            match list.next_element()? {
                Some(item) => items.push(item),
                None => return Ok(items),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{JsonPart, MAX_ITEMS, items};
    use crate::extract::Preferences;

    fn read(body: &str, lenient: bool) -> Result<Vec<String>, String> {
        let items = items(JsonPart::body(body.as_bytes()), "items", Preferences { lenient });
        let text =
            |items: Vec<&serde_json::value::RawValue>| items.iter().map(|it| it.get().to_owned()).collect();
        items.map(text).map_err(|problem| problem.to_string())
    }

    #[test]
    fn items_are_read_as_they_stand_there() {
        assert_eq!(
            read(r#"{"items":[ 1, {"a":[2]} ,"]"]}"#, false).unwrap(),
            ["1", r#"{"a":[2]}"#, r#""]""#]
        );
        assert_eq!(read(r#"{"x":1,"items":[1]}"#, true).unwrap(), ["1"]);
        let most = format!(r#"{{"items":[0{}]}}"#, ",0".repeat(MAX_ITEMS - 1));
        assert_eq!(read(&most, false).unwrap().len(), MAX_ITEMS);
    }

    #[rstest]
    #[case("[]", "must be a JSON object")]
    #[case("{", "not valid JSON")]
    #[case("{}", "/items must be sent")]
    #[case(r#"{"items":null}"#, "/items must be a list")]
    #[case(r#"{"items":{}}"#, "/items must be a list")]
    #[case(r#"{"items":[]}"#, "/items must have 1 to 1000 items")]
    #[case(r#"{"items":[1],"x":1}"#, "/x is not a member of this object")]
    #[case(r#"{"updates":[1]}"#, "2 rules; the first: /items must be sent")]
    #[case(r#"{"items":[1],"items":[1]}"#, "a member twice: /items")]
    #[case(r#"{"x":1,"items":[1],"x":1}"#, "a member twice: /x")]
    fn what_is_no_list_of_items_is_refused(#[case] body: &str, #[case] expected: &str) {
        let told = read(body, false).unwrap_err();
        assert!(told.contains(expected), "{told}");
    }

    #[test]
    fn a_list_may_be_too_long() {
        let longer = format!(r#"{{"items":[0{}]}}"#, ",[0]".repeat(MAX_ITEMS));
        assert!(read(&longer, false).unwrap_err().contains("1 to 1000"));
    }

    proptest! {
        #[test]
        fn as_many_items_are_read_as_there_are(count in prop_oneof![0..5_usize, MAX_ITEMS - 2..MAX_ITEMS + 3]) {
            let list: Vec<_> = (0..count).map(|number| format!(r#"{{"id":{number}}}"#)).collect();
            let read = read(&format!(r#"{{"items":[{}]}}"#, list.join(", ")), false);
            prop_assert_eq!(read.ok(), (1..=MAX_ITEMS).contains(&count).then_some(list));
        }

        #[test]
        fn no_body_makes_it_panic(
            body in prop_oneof![any::<String>(), r#"\{("(items|x)":(\[[0-9,"]{0,8}\]|[0-9]),?){0,3}\}?"#],
            lenient: bool,
        ) {
            let _ = read(&body, lenient);
        }
    }
}
