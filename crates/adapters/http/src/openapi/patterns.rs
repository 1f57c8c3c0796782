//! What texts look like, as far as a pattern can say it: for documents alone, requests are judged by the domain.
//!
//! Each pattern fits every text that the domain accepts; the tests see to that. They mean the same in ECMA-262, in which
//! OpenAPI has them, and to the tools of other languages: no character class by name, no look-around.

use users_domain::Twitter;

/// Noncharacters of Unicode, as far as a pattern of every tool can name them.
const NONCHARACTERS: &str = r"\uFDD0-\uFDEF\uFFFE\uFFFF";
/// All control characters (category Cc).
const CONTROL: &str = r"\u0000-\u001F\u007F-\u009F";
/// Control characters, and all white space (`White_Space` of Unicode).
const CONTROL_AND_SPACE: &str =
    r"\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";
/// Control characters, and all white space but the space itself.
const CONTROL_AND_OTHER_SPACE: &str =
    r"\u0000-\u001F\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";
/// Control characters but line feed, carriage return and tab.
const CONTROL_IN_LINES: &str = r"\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F";

/// An id, besides the few that are kept for paths.
pub const ID: &str = r"^[A-Za-z0-9._~:@!$&'()*+,;=|-]+$";
/// A cursor: base64url without padding; an empty one is none.
pub const CURSOR: &str = "^[A-Za-z0-9_-]*$";

/// A line of text.
pub fn line() -> String {
    format!("^[^{CONTROL}{NONCHARACTERS}]*$")
}

/// Lines of text.
pub fn lines() -> String {
    format!("^[^{CONTROL_IN_LINES}{NONCHARACTERS}]*$")
}

/// A text without white space.
pub fn word() -> String {
    format!("^[^{CONTROL_AND_SPACE}{NONCHARACTERS}]*$")
}

/// A URL or a path, as far as its characters go.
pub fn address() -> String {
    format!(r"^[^{CONTROL_AND_OTHER_SPACE}{NONCHARACTERS}\\]*$")
}

/// A telephone number, as far as its characters go: digits are those of any script.
pub fn phone() -> String {
    format!("^[^{CONTROL}{NONCHARACTERS}<>@_?!]*$")
}

/// A Twitter handle.
pub fn twitter() -> String {
    format!("^@?[A-Za-z0-9_]{{1,{}}}$", Twitter::MAX_HANDLE)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use regex::Regex;
    use rstest::rstest;
    use serde_json::json;
    use users_domain::Member;
    use utoipa::openapi::Object;

    use super::super::users::property;
    use crate::extract::{Preferences, UserDocument};

    /// Whether the service takes the text as the value of the member.
    fn is_accepted(member: Member, text: &str) -> bool {
        let body = json!({ member.name(): text }).to_string();
        let mut document = UserDocument::parse(body.as_bytes()).unwrap();
        let id = document.new_id();
        let now = "2026-11-01T12:00:00Z".parse().unwrap();
        let valid = document.validate(Preferences::default(), now).is_ok();
        valid && (member != Member::Id || id.is_some())
    }

    /// Whether length and pattern of the member's schema fit the text.
    fn is_documented(member: Member, text: &str) -> bool {
        static SCHEMAS: LazyLock<HashMap<&str, (Object, Option<Regex>)>> = LazyLock::new(|| {
            let schemas = Member::ALL.map(|member| (member.name(), property(member).build()));
            let compiled =
                |schema: &Object| schema.pattern.as_ref().map(|pattern| Regex::new(pattern).unwrap());
            schemas.map(|(name, schema)| (name, (schema.clone(), compiled(&schema)))).into()
        });
        let (schema, pattern) = &SCHEMAS[member.name()];
        let length = text.chars().count();
        schema.max_length.is_none_or(|max| length <= max)
            && schema.min_length.is_none_or(|min| length >= min)
            && pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
    }

    /// Members of which the schema says all that the service asks of a text.
    const EXACT: [Member; 1] = [Member::Twitter];

    #[rstest]
    #[case(Member::Twitter, &["@ada", "A_1", "12345678901234567890", "@12345678901234567890"])]
    #[case(Member::Twitter, &["", "@", "@@a", "a-b", "123456789012345678901", "ada\n"])]
    #[case(Member::Bio, &["", "a\nb\tc", "\r\n", "\u{85}", "\u{0}", "\u{7f}", "\u{a0}", "\u{FFFE}", "\u{FDD0}"])]
    #[case(Member::Title, &["", "é😀", "a\nb", "\t", "\u{9f}", "a\u{ad}", "a\u{FFFF}"])]
    #[case(Member::Location, &["", "a\r\nb", "\u{9f}", "a\u{FFFF}"])]
    #[case(Member::Id, &["auth0|5f", "a+b@c", "o'brien", "a==", "uid=ada,ou=x", "a b", "a/b", "é", "a\"b"])]
    fn the_schema_says_what_the_service_does(#[case] member: Member, #[case] texts: &[&str]) {
        for text in texts {
            assert_eq!(is_documented(member, text), is_accepted(member, text), "{} {text:?}", member.name());
        }
    }

    #[rstest]
    #[case(Member::Id, "a b")]
    #[case(Member::Id, "")]
    #[case(Member::Avatar, "/a\\b")]
    #[case(Member::Avatar, "/a\u{2003}b")]
    #[case(Member::Username, "a b")]
    #[case(Member::Username, "")]
    #[case(Member::FirstName, "a\tb")]
    #[case(Member::Phone, "ada@example.org")]
    fn the_schema_refuses_much(#[case] member: Member, #[case] text: &str) {
        assert!(!is_documented(member, text) && !is_accepted(member, text));
    }

    proptest! {
        #[test]
        fn the_schema_fits_whatever_is_accepted(
            text in prop_oneof![any::<String>(), "[ -~]{0,20}", "\\PC{0,8}", r"\+?[0-9 ().x/;,#٣-]{3,24}", "@?[a-z_0-9]{1,18}"],
        ) {
            for member in Member::ALL.into_iter().filter(|member| *member != Member::Active) {
                let (documented, accepted) = (is_documented(member, &text), is_accepted(member, &text));
                prop_assert!(documented || !accepted, "{}", member.name());
                prop_assert!(accepted || !documented || !EXACT.contains(&member), "{}", member.name());
            }
        }
    }
}
