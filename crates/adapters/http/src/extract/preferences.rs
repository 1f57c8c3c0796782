use actix_web::http::header::{HeaderMap, HeaderName};

/// `Prefer` (RFC 7240, section 2).
const PREFER: HeaderName = HeaderName::from_static("prefer");
/// `Preference-Applied` (RFC 7240, section 3).
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What the caller would like, where it can choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `handling=lenient`: members that a user does not have, and parameters that a read does not have, are ignored
    /// instead of refused.
    pub lenient: bool,
}

impl Preferences {
    /// Reads all lines of `Prefer`. What is not understood there is ignored, as RFC 7240 asks for.
    pub fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(PREFER).filter_map(|line| line.to_str().ok());
        Self { lenient: lines.flat_map(preferences).find_map(handling).unwrap_or_default() }
    }
}

/// The preferences of a line, without their parameters.
fn preferences(line: &str) -> impl Iterator<Item = &str> {
    split_unquoted(line, ',').map(|preference| split_unquoted(preference, ';').next().unwrap_or_default())
}

/// Whether `handling` is to be lenient; `None` where this is another preference. The first one counts.
fn handling(preference: &str) -> Option<bool> {
    let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
    if !name.trim().eq_ignore_ascii_case("handling") {
        return None;
    }
    let value = value.trim();
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some(quoted.unwrap_or(value).eq_ignore_ascii_case("lenient"))
}

/// Splits at each separator that does not stand in a quoted string (RFC 9110, section 5.6.4).
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        if escaped {
            escaped = false;
        } else if quoted && character == '\\' {
            escaped = true;
        } else if character == '"' {
            quoted = !quoted;
        } else {
            return character == separator && !quoted;
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{PREFER, Preferences};

    fn lenient(lines: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(PREFER, HeaderValue::from_str(line).unwrap());
        }
        Preferences::of(&headers).lenient
    }

    #[rstest]
    #[case::plain(&["handling=lenient"])]
    #[case::any_case(&["Handling=Lenient"])]
    #[case::quoted(&[r#"handling="lenient""#])]
    #[case::spaces(&[" handling = lenient "])]
    #[case::parameter(&["handling=lenient; foo=bar"])]
    #[case::in_a_list(&["respond-async, wait=100, handling=lenient"])]
    #[case::on_another_line(&["respond-async", "handling=lenient"])]
    #[case::the_first_counts(&["handling=lenient, handling=strict"])]
    #[case::after_a_quoted_comma(&[r#"x="a,b", handling=lenient"#])]
    #[case::after_an_escaped_quote(&[r#"x="a\",b", handling=lenient"#])]
    fn leniency_is_found(#[case] lines: &[&str]) {
        assert!(lenient(lines));
    }

    #[rstest]
    #[case::none(&[])]
    #[case::empty(&[""])]
    #[case::strict(&["handling=strict"])]
    #[case::the_first_counts(&["handling=strict", "handling=lenient"])]
    #[case::no_value(&["handling"])]
    #[case::other_name(&["handlings=lenient"])]
    #[case::a_parameter_only(&["x; handling=lenient"])]
    #[case::quoted_text(&[r#"x=", handling=lenient""#])]
    #[case::an_open_quote(&[r#"x="y, handling=lenient"#])]
    fn anything_else_is_strict(#[case] lines: &[&str]) {
        assert!(!lenient(lines));
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..4)) {
            let mut headers = HeaderMap::new();
            for line in &lines {
                if let Ok(value) = HeaderValue::from_bytes(line) {
                    headers.append(PREFER, value);
                }
            }
            let _ = Preferences::of(&headers);
        }
    }
}
