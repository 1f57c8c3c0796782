//! Reads the value of one member from its JSON text.

use serde_json::value::RawValue;
use users_domain::{BrokenRule, Change, RuleCode};

/// Reads a string or null.
pub fn text(value: &RawValue) -> Result<Change<String>, BrokenRule> {
    match value.get().as_bytes().first() {
        Some(b'"') => unquote(value.get()).map(Change::Set),
        Some(b'n') => Ok(Change::Clear),
        _ => Err(wrong_type("must be a string or null")),
    }
}

/// Reads true, false or null.
pub fn boolean(value: &RawValue) -> Result<Change<bool>, BrokenRule> {
    match value.get() {
        "true" => Ok(Change::Set(true)),
        "false" => Ok(Change::Set(false)),
        "null" => Ok(Change::Clear),
        _ => Err(wrong_type("must be true or false")),
    }
}

/// Reads a string, an integer of any size as its decimal text, or null.
///
/// `1.0` and `1e2` are numbers that have an integer's value, but no integer's text.
pub fn id(value: &RawValue) -> Result<Change<String>, BrokenRule> {
    let digits = value.get().strip_prefix('-').unwrap_or(value.get());
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Change::Set(value.get().to_owned()));
    }
    match text(value) {
        Err(rule) if rule.code() == RuleCode::InvalidType => {
            Err(wrong_type("must be a string or an integer"))
        }
        other => other,
    }
}

fn wrong_type(detail: &'static str) -> BrokenRule {
    BrokenRule::new(RuleCode::InvalidType, detail)
}

/// A string with half a surrogate pair: JSON by its grammar (RFC 8259, section 8.2), but no text. It comes from programs
/// that cut a text between the two halves.
pub fn half_a_character() -> BrokenRule {
    let detail = "must not hold half a surrogate pair, such as half an emoji";
    BrokenRule::new(RuleCode::InvalidFormat, detail)
}

/// Reads a JSON string. Most have no escape, and then their text is what stands between the quotation marks.
fn unquote(quoted: &str) -> Result<String, BrokenRule> {
    let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(plain) if !plain.contains('\\') => Ok(plain.to_owned()),
        _ => serde_json::from_str(quoted).map_err(|_| half_a_character()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::value::RawValue;
    use users_domain::{Change, RuleCode};

    use super::{boolean, id, text};

    fn raw(json: &str) -> &RawValue {
        serde_json::from_str(json).unwrap()
    }

    #[rstest]
    #[case(r#""""#, "")]
    #[case(r#""a""#, "a")]
    #[case(r#""a\nb""#, "a\nb")]
    #[case(r#""\ud83d\ude00""#, "😀")]
    #[case(r#""\"""#, "\"")]
    fn strings_are_read(#[case] json: &str, #[case] expected: &str) {
        assert_eq!(text(raw(json)).unwrap(), Change::Set(expected.to_owned()));
    }

    #[rstest]
    #[case(r#""\ud83d""#)]
    #[case(r#""\ude00\ud83d""#)]
    fn half_a_surrogate_pair_is_no_text(#[case] json: &str) {
        assert_eq!(text(raw(json)).unwrap_err().code(), RuleCode::InvalidFormat);
        assert_eq!(id(raw(json)).unwrap_err().code(), RuleCode::InvalidFormat);
    }

    #[rstest]
    #[case("1")]
    #[case("1e400")]
    #[case("true")]
    #[case("[]")]
    #[case("{}")]
    fn other_types_are_no_text(#[case] json: &str) {
        assert_eq!(text(raw(json)).unwrap_err().code(), RuleCode::InvalidType);
    }

    #[test]
    fn null_clears() {
        assert_eq!(text(raw("null")).unwrap(), Change::Clear);
        assert_eq!(boolean(raw("null")).unwrap(), Change::Clear);
        assert_eq!(id(raw("null")).unwrap(), Change::Clear);
    }

    #[test]
    fn booleans_are_read_and_nothing_like_them() {
        assert_eq!(boolean(raw("true")).unwrap(), Change::Set(true));
        assert_eq!(boolean(raw("false")).unwrap(), Change::Set(false));
        assert!(boolean(raw("0")).is_err());
        assert!(boolean(raw(r#""true""#)).is_err());
    }

    #[rstest]
    #[case("8", Some("8"))]
    #[case("-8", Some("-8"))]
    #[case("123456789012345678901234567890", Some("123456789012345678901234567890"))]
    #[case(r#""8""#, Some("8"))]
    #[case("8.0", None)]
    #[case("8e0", None)]
    #[case("true", None)]
    #[case("[8]", None)]
    fn an_id_is_a_string_or_an_integer(#[case] json: &str, #[case] expected: Option<&str>) {
        assert_eq!(id(raw(json)).ok(), expected.map(|expected| Change::Set(expected.to_owned())));
    }

    proptest! {
        #[test]
        fn any_text_comes_through(expected: String) {
            let json = serde_json::to_string(&expected).unwrap();
            prop_assert_eq!(text(raw(&json)).unwrap(), Change::Set(expected));
        }
    }
}
