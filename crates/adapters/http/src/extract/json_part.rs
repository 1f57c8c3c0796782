use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::problem::{ErrorCode, Problem};

/// A JSON text in a body: all of it, or a part that is read by itself.
#[derive(Clone, Copy, Debug)]
pub struct JsonPart<'a> {
    /// The text.
    pub text: &'a [u8],
    /// What a problem calls it: "body", "item".
    pub name: &'static str,
    body: &'a [u8],
}

impl<'a> JsonPart<'a> {
    /// The whole body.
    pub const fn body(body: &'a [u8]) -> Self {
        Self { text: body, name: "body", body }
    }

    /// A value that stands in this one.
    pub fn inner(self, value: &'a RawValue, name: &'static str) -> Self {
        Self { text: value.get().as_bytes(), name, body: self.body }
    }

    /// A problem that says why the text is not JSON, with the place in the body. Nothing of the body is repeated.
    pub fn malformed(self, error: &serde_json::Error) -> Problem {
        let (before, first) = self.start();
        let line = before + error.line();
        let column = if error.line() == 1 { first + error.column() } else { error.column() };
        let detail = match self.fault() {
            Fault::Empty => "The body is empty: it must be JSON.".to_owned(),
            Fault::Utf16 => {
                "The body is in UTF-16: JSON must be in UTF-8 (RFC 8259, section 8.1).".to_owned()
            }
            Fault::NotUtf8(line, column) => format!(
                "The body is not in UTF-8, as JSON must be (RFC 8259, section 8.1): look at line {line}, column {column}."
            ),
            Fault::Name => format!(
                "The name of a member has half a surrogate pair (half an emoji, say): look at line {line}, column \
                 {column}."
            ),
            Fault::Grammar => format!("The body is not valid JSON: look at line {line}, column {column}."),
        };
        Problem::new(ErrorCode::MalformedJson, detail)
    }

    /// Where the text begins: the lines before it, and the bytes before it in its line.
    fn start(self) -> (usize, usize) {
        let offset = self.text.as_ptr().addr().saturating_sub(self.body.as_ptr().addr());
        let (line, column) = position(self.body.get(..offset).unwrap_or_default());
        (line - 1, column - 1)
    }

    fn fault(self) -> Fault {
        if self.body.trim_ascii().is_empty() {
            return Fault::Empty;
        }
        if is_utf_16(self.body) {
            return Fault::Utf16;
        }
        if let Err(error) = std::str::from_utf8(self.body) {
            let (line, column) = position(self.body.get(..error.valid_up_to()).unwrap_or_default());
            return Fault::NotUtf8(line, column);
        }
        // What is skipped is judged by its grammar alone, and a name's escapes are all that is looked at besides.
        if serde_json::from_slice::<IgnoredAny>(self.text).is_ok() { Fault::Name } else { Fault::Grammar }
    }
}

/// Why a text cannot be read.
enum Fault {
    Empty,
    Utf16,
    NotUtf8(usize, usize),
    Name,
    Grammar,
}

/// Whether the body begins as JSON in UTF-16 does, with a byte order mark or without.
fn is_utf_16(body: &[u8]) -> bool {
    matches!(body, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, b'{' | b'[', ..] | [b'{' | b'[', 0, ..])
}

/// The line and the column of what follows these bytes, counted in bytes from one.
fn position(before: &[u8]) -> (usize, usize) {
    let line = before.split(|byte| *byte == b'\n').count();
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::value::RawValue;

    use super::{JsonPart, position};
    use crate::extract::json_object::members;

    #[test]
    fn positions_count_from_one() {
        assert_eq!(position(b""), (1, 1));
        assert_eq!(position(b"a"), (1, 2));
        assert_eq!(position(b"ab\n"), (2, 1));
        assert_eq!(position(b"ab\ncd\ne"), (3, 2));
    }

    #[rstest]
    #[case::empty(b"", "The body is empty: it must be JSON.")]
    #[case::blank(b" \r\n", "The body is empty: it must be JSON.")]
    #[case::grammar(b"{\n\"a\": }", "The body is not valid JSON: look at line 2, column 6.")]
    #[case::latin_1(
        b"{\"bio\":\n \"caf\xE9\"}",
        "The body is not in UTF-8, as JSON must be (RFC 8259, section 8.1): look at line 2, column 6."
    )]
    #[case::utf_16(
        b"\xFF\xFE{\0}\0",
        "The body is in UTF-16: JSON must be in UTF-8 (RFC 8259, section 8.1)."
    )]
    #[case::utf_16_unmarked(
        b"{\0}\0",
        "The body is in UTF-16: JSON must be in UTF-8 (RFC 8259, section 8.1)."
    )]
    #[case::utf_16_big(b"\0{\0}", "The body is in UTF-16: JSON must be in UTF-8 (RFC 8259, section 8.1).")]
    #[case::name(
        br#"{"\ud83d":1}"#,
        "The name of a member has half a surrogate pair (half an emoji, say): look at line 1, column 9."
    )]
    fn what_is_wrong_is_said(#[case] body: &[u8], #[case] detail: &str) {
        assert_eq!(
            members(JsonPart::body(body)).unwrap_err().to_string(),
            format!("MALFORMED_JSON: {detail}")
        );
    }

    #[test]
    fn a_place_in_a_part_is_a_place_in_the_body() {
        let body = "{\"items\":\n[1, {\"\\ud83d\":1}]}";
        let start = body.find("{\"\\").unwrap();
        let item: &RawValue = serde_json::from_str(&body[start..start + 12]).unwrap();
        // The value is borrowed from a body that is read as a whole.
        assert_eq!(item.get().as_ptr(), body[start..].as_ptr());
        let problem = members(JsonPart::body(body.as_bytes()).inner(item, "item")).unwrap_err();
        assert!(problem.to_string().ends_with("look at line 2, column 13."), "{problem}");
    }
}
