use actix_web::http::header::{HeaderMap, HeaderName};

use crate::problem::{ErrorCode, Problem};

/// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header).
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The most characters of a key.
pub const MAX_KEY_LENGTH: usize = 255;

/// The key by which a caller recognises a request that it may send again.
///
/// It shows nothing of itself: a caller may have made it of personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Reads the key; `None` where there is none.
    ///
    /// It is a string of RFC 8941, section 3.3.3, as the draft has it, or, as most clients send it, the same without
    /// quotation marks.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let mut lines = headers.get_all(IDEMPOTENCY_KEY);
        let Some(line) = lines.next() else { return Ok(None) };
        let alone = lines.next().is_none();
        line.to_str().ok().filter(|_| alone).and_then(parse).map(Some).ok_or_else(|| {
            let detail = format!(
                "Idempotency-Key must be there once and have 1 to {MAX_KEY_LENGTH} visible characters of ASCII."
            );
            Problem::new(ErrorCode::ValidationError, detail)
        })
    }

    /// The key as text.
    pub fn into_string(self) -> String {
        self.0
    }
}

fn parse(line: &str) -> Option<IdempotencyKey> {
    let line = line.trim_matches([' ', '\t']);
    let key = match line.strip_prefix('"') {
        Some(quoted) => unescape(quoted.strip_suffix('"')?)?,
        None => line.to_owned(),
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=MAX_KEY_LENGTH).contains(&key.len())).then_some(IdempotencyKey(key))
}

/// What stands between the quotation marks of a string, which escapes quotation marks and backslashes and nothing else.
fn unescape(inner: &str) -> Option<String> {
    let (mut key, mut characters) = (String::with_capacity(inner.len()), inner.chars());
    while let Some(character) = characters.next() {
        match character {
            '"' => return None,
            '\\' => key.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            other => key.push(other),
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{IDEMPOTENCY_KEY, IdempotencyKey, parse};

    fn read(line: &str) -> Option<String> {
        parse(line).map(IdempotencyKey::into_string)
    }

    #[rstest]
    #[case::bare("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    #[case::quoted(r#""8e03978e-40d5""#, "8e03978e-40d5")]
    #[case::escapes(r#""a\"b\\c""#, r#"a"b\c"#)]
    #[case::a_quotation_mark_within(r#"a"b"#, r#"a"b"#)]
    #[case::a_bare_backslash(r"a\b", r"a\b")]
    #[case::one_character("x", "x")]
    #[case::spaces_around(" x\t", "x")]
    fn a_key_is_read(#[case] line: &str, #[case] expected: &str) {
        assert_eq!(read(line).as_deref(), Some(expected));
    }

    #[rstest]
    #[case::empty("")]
    #[case::blank(" ")]
    #[case::empty_string(r#""""#)]
    #[case::open(r#""a"#)]
    #[case::one_mark("\"")]
    #[case::space("a b")]
    #[case::space_in_a_string(r#""a b""#)]
    #[case::mark_in_a_string(r#""a"b""#)]
    #[case::other_escape(r#""a\n""#)]
    #[case::open_escape(r#""a\""#)]
    #[case::parameter(r#""a";b=1"#)]
    #[case::not_ascii("é")]
    fn anything_else_is_refused(#[case] line: &str) {
        assert_eq!(read(line), None);
    }

    #[test]
    fn a_key_has_255_characters_at_most() {
        assert!(read(&"k".repeat(255)).is_some());
        assert!(read(&"k".repeat(256)).is_none());
        assert!(read(&format!("\"{}\"", r"\\".repeat(255))).is_some());
    }

    #[test]
    fn a_header_may_be_absent_but_not_there_twice() {
        let mut headers = HeaderMap::new();
        assert!(matches!(IdempotencyKey::of(&headers), Ok(None)));
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("k"));
        assert!(matches!(IdempotencyKey::of(&headers), Ok(Some(_))));
        headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("k"));
        assert!(IdempotencyKey::of(&headers).is_err());
    }

    proptest! {
        #[test]
        fn a_key_is_the_same_with_and_without_quotation_marks(key in "[!#-~][!-~]{0,40}") {
            let quoted = format!("\"{}\"", key.replace('\\', r"\\").replace('"', r#"\""#));
            prop_assert_eq!(read(&quoted), Some(key.clone()));
            prop_assert_eq!(read(&key), Some(key));
        }

        #[test]
        fn no_header_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                let mut headers = HeaderMap::new();
                headers.append(IDEMPOTENCY_KEY, value);
                let _ = IdempotencyKey::of(&headers);
            }
        }
    }
}
