//! A user as JSON outside of HTTP: whoever reads and writes users elsewhere does it in the API's form and by its rules.

use chrono::{DateTime, Utc};
use serde::de::IgnoredAny;
use users_domain::{Precondition, User, UserId, UserUpdate, Version};

use crate::extract::{EntityTags, Preferences, UserDocument};
use crate::problem::{FieldError, Problem};
use crate::users::{entity_tag, version_of};

/// Reads a user as the body of `POST /v1/users` has it, or tells everything that is wrong with it at once.
///
/// The id is `None` where the text has none. The update is what the text says of the other members.
pub fn read_user(json: &[u8], now: DateTime<Utc>) -> Result<(Option<UserId>, UserUpdate), Vec<FieldError>> {
    let read = UserDocument::parse(json).and_then(|mut document| {
        let id = document.new_id();
        document.validate(Preferences { lenient: false }, now).map(|update| (id, update))
    });
    read.map_err(|problem| errors_of(problem, json))
}

/// Writes a user as the API answers with it: all 18 members, on one line or, for people, on many.
pub fn write_user(user: &User, for_people: bool) -> Result<Vec<u8>, serde_json::Error> {
    if for_people { serde_json::to_vec_pretty(user) } else { serde_json::to_vec(user) }
}

/// The entity tag of a version, with its quotation marks.
pub fn write_entity_tag(version: Version) -> String {
    String::from_utf8_lossy(entity_tag(version).as_bytes()).into_owned()
}

/// Reads what a caller would send as `If-Match`; `None` where that is no list of entity tags.
///
/// A single tag may come without its quotation marks, which a shell takes away.
pub fn read_if_match(text: &str) -> Option<Precondition> {
    if let Some(version) = version_of(text.as_bytes()) {
        return Some(Precondition::VersionIn(vec![version]));
    }
    match EntityTags::parse([text.as_bytes()]) {
        Ok(Some(EntityTags::Any)) => Some(Precondition::Exists),
        Ok(Some(EntityTags::List(tags))) => {
            // Strong comparison, as in the API: a weak tag matches nothing.
            let strong = tags.into_iter().filter(|tag| !tag.weak);
            Some(Precondition::VersionIn(strong.filter_map(|tag| version_of(tag.opaque)).collect()))
        }
        Ok(None) | Err(_) => None,
    }
}

/// The errors of a refusal, of which there is at least one: what is no JSON at all is one by itself.
fn errors_of(problem: Problem, json: &[u8]) -> Vec<FieldError> {
    let code = problem.code().name();
    let errors = problem.into_errors();
    if !errors.is_empty() {
        return errors;
    }
    let detail = match (std::str::from_utf8(json), serde_json::from_slice::<IgnoredAny>(json)) {
        (Err(error), _) => format!("is not in UTF-8: look at byte {}", error.valid_up_to() + 1),
        (_, Err(error)) => format!("is not valid JSON: look at column {}", error.column()),
        // The grammar is right.
        (Ok(_), Ok(_)) => "has a member whose name is half a surrogate pair".to_owned(),
    };
    vec![FieldError { pointer: String::new(), code, detail }]
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use rstest::rstest;
    use users_domain::{Precondition, User, Version};
    use users_testkit::{full_user, minimal_user, update_to};

    use super::{read_if_match, read_user, write_entity_tag, write_user};

    fn now() -> DateTime<Utc> {
        "2026-11-01T12:00:00Z".parse().unwrap()
    }

    fn refusal(json: &str) -> Vec<(String, &'static str)> {
        let errors = read_user(json.as_bytes(), now()).unwrap_err();
        assert!(errors.iter().all(|error| !error.detail.is_empty()));
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        for user in [minimal_user("8"), full_user("ada")] {
            for for_people in [false, true] {
                let json = write_user(&user, for_people).unwrap();
                let (id, update) = read_user(&json, now()).unwrap();
                assert_eq!(id.as_ref(), Some(user.id()));
                let read = User::create(user.id().clone(), update.into(), now());
                assert_eq!(update_to(read.profile()), update_to(user.profile()));
            }
        }
    }

    #[rstest]
    #[case::nothing("", &[("", "MALFORMED_JSON")])]
    #[case::cut_off(r#"{"bio":"#, &[("", "MALFORMED_JSON")])]
    #[case::half_a_character(r#"{"bio":"\ud800","email":"x"}"#, &[("/bio", "INVALID_FORMAT"), ("/email", "INVALID_FORMAT")])]
    #[case::half_a_character_in_a_name(r#"{"\ud800":1}"#, &[("", "MALFORMED_JSON")])]
    #[case::list("[]", &[("", "INVALID_TYPE")])]
    #[case::twice(r#"{"first_name":"A","firstName":"B"}"#, &[("/firstName", "DUPLICATE_MEMBER")])]
    #[case::all_at_once(
        r#"{"id":"a b","active":null,"nick/name":1}"#,
        &[("/id", "INVALID_FORMAT"), ("/active", "NOT_NULLABLE"), ("/nick~1name", "UNKNOWN_MEMBER")]
    )]
    fn what_is_wrong_is_told_by_its_pointer(#[case] json: &str, #[case] expected: &[(&str, &'static str)]) {
        let expected: Vec<_> =
            expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect();
        assert_eq!(refusal(json), expected);
    }

    #[rstest]
    #[case::another_encoding(b"{\"bio\":\"\xfc\"}", "is not in UTF-8: look at byte 9")]
    #[case::cut_off(b"{\"bio\":", "is not valid JSON: look at column 7")]
    #[case::half_a_character(
        b"{\"bio\":\"\\ud800\"}",
        "must not hold half a surrogate pair, such as half an emoji"
    )]
    #[case::half_a_character_in_a_name(
        b"{\"\\ud800\":1}",
        "has a member whose name is half a surrogate pair"
    )]
    fn why_it_is_no_json_is_told(#[case] line: &[u8], #[case] expected: &str) {
        let errors = read_user(line, now()).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.detail.as_str()).collect::<Vec<_>>(), [expected]);
    }

    #[test]
    fn an_entity_tag_is_a_condition_with_and_without_its_quotation_marks() {
        let version = Version::from_stored(42);
        let tag = write_entity_tag(version);
        let expected = Some(Precondition::VersionIn(vec![version]));
        assert_eq!(read_if_match(&tag), expected);
        assert_eq!(read_if_match(tag.trim_matches('"')), expected);
        assert_eq!(read_if_match("*"), Some(Precondition::Exists));
        assert_eq!(read_if_match(&format!("W/{tag}")), Some(Precondition::VersionIn(vec![])));
        for malformed in ["", "x", "42"] {
            assert_eq!(read_if_match(malformed), None, "{malformed:?}");
        }
    }
}
