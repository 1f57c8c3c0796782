//! Users in one JSON array.

use std::io::{self, BufRead};

use chrono::{DateTime, Utc};

use super::json_user::JsonUser;
use super::lines::MAX_ROW_BYTES;
use super::ndjson_rows::too_long;
use super::row::{Fault, Place, Row, Rows};

/// The mark that some programs put before UTF-8 (RFC 3629, section 6).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a file that begins like this holds an array.
pub fn begins_with(start: &[u8]) -> bool {
    start.strip_prefix(BYTE_ORDER_MARK).unwrap_or(start).trim_ascii_start().first() == Some(&b'[')
}

/// The rows of a file that holds one JSON array of objects, one object in memory at a time.
///
/// The array is taken apart by its brackets, quotation marks and commas; whether an element is JSON is found out when it
/// is read as a user. So one bad element harms no other, unless its brackets do not match.
pub struct JsonArrayRows<R> {
    input: R,
    json: JsonUser,
    line: u64,
    bytes_read: u64,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first bracket.
    Before,
    /// In the array.
    Inside,
    /// Behind the last bracket.
    Behind,
}

/// Where in an element the reader is.
#[derive(Default)]
struct Element {
    text: Vec<u8>,
    /// The line on which it begins, once it has begun.
    line: Option<u64>,
    is_too_long: bool,
    depth: usize,
    in_string: bool,
    escaped: bool,
}

impl Element {
    /// Takes a byte, unless it ends the element.
    fn take(&mut self, byte: u8, line: u64) -> bool {
        let ends = self.depth == 0 && !self.in_string && matches!(byte, b',' | b']');
        if ends {
            return false;
        }
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.in_string => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            b'{' | b'[' if !self.in_string => self.depth += 1,
            b'}' | b']' if !self.in_string => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        if self.line.is_none() && !byte.is_ascii_whitespace() {
            self.line = Some(line);
        }
        self.is_too_long |= self.text.len() == MAX_ROW_BYTES;
        if self.line.is_some() && !self.is_too_long {
            self.text.push(byte);
        }
        true
    }
}

impl<R: BufRead> JsonArrayRows<R> {
    /// The rows of this input, read as users in this way.
    pub const fn new(input: R, json: JsonUser) -> Self {
        Self { input, json, line: 1, bytes_read: 0, state: State::Before }
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let byte = loop {
            match self.input.fill_buf() {
                Ok(bytes) => break bytes.first().copied(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        };
        if let Some(byte) = byte {
            self.input.consume(1);
            self.bytes_read += 1;
            self.line += u64::from(byte == b'\n');
        }
        Ok(byte)
    }

    /// Reads up to the end of an element, and tells whether the array goes on behind it.
    fn element(&mut self, element: &mut Element) -> io::Result<Option<bool>> {
        while let Some(byte) = self.byte()? {
            // The number of the line is counted up with the break that ends it.
            let line = self.line - u64::from(byte == b'\n');
            if !element.take(byte, line) {
                return Ok(Some(byte == b','));
            }
        }
        Ok(None)
    }

    /// Whether nothing but blanks is left.
    fn is_over(&mut self) -> io::Result<bool> {
        while let Some(byte) = self.byte()? {
            if !byte.is_ascii_whitespace() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn row(&self, line: u64, content: Result<Option<super::row::Wish>, Vec<Fault>>) -> Row {
        Row { line, last_line: self.line, bytes_read: self.bytes_read, content }
    }

    fn fault(&self, detail: &str) -> Row {
        self.row(self.line, Err(vec![Fault::of_row("MALFORMED_JSON", detail)]))
    }
}

impl<R: BufRead + Send> Rows for JsonArrayRows<R> {
    fn next(&mut self, now: DateTime<Utc>) -> io::Result<Option<Row>> {
        if self.state == State::Before {
            // The file begins with the bracket, or it would not be read as an array.
            while self.byte()?.is_some_and(|byte| byte != b'[') {}
            self.state = State::Inside;
        }
        while self.state == State::Inside {
            let mut element = Element::default();
            let goes_on = self.element(&mut element)?;
            let Some(goes_on) = goes_on else {
                self.state = State::Behind;
                let fault =
                    self.fault("must have a ] at the end of the array, and a partner for each bracket");
                return Ok(Some(fault));
            };
            if !goes_on {
                self.state = State::Behind;
            }
            let Some(line) = element.line else {
                if goes_on {
                    return Ok(Some(self.fault("must have a user before each comma")));
                }
                continue;
            };
            let content = if element.is_too_long {
                Err(vec![too_long()])
            } else {
                self.json.read(&element.text, now).map(Some)
            };
            return Ok(Some(self.row(line, content)));
        }
        // What stands behind the array is told once.
        if self.is_over()? {
            return Ok(None);
        }
        while self.byte()?.is_some() {}
        Ok(Some(self.fault("must have nothing behind the array")))
    }

    fn place(&self, member: &str) -> Place {
        self.json.place(member)
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use chrono::DateTime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::Columns;
    use super::{JsonArrayRows, JsonUser, MAX_ROW_BYTES, begins_with};
    use crate::transfer::row::Rows as _;

    fn told(text: &[u8]) -> Vec<String> {
        let json = JsonUser::new(&Columns::default());
        let mut rows = JsonArrayRows::new(BufReader::with_capacity(7, text), json);
        let mut told = Vec::new();
        while let Some(row) = rows.next(DateTime::UNIX_EPOCH).unwrap() {
            let content = match row.content {
                Ok(wish) => wish.unwrap().id.map_or("new".to_owned(), |id| id.to_string()),
                Err(faults) => faults.iter().map(|it| it.code).collect::<Vec<_>>().join(", "),
            };
            told.push(format!("{}-{}: {content}", row.line, row.last_line));
        }
        told
    }

    #[rstest]
    #[case::empty(" [ ] \n", &[])]
    #[case::one_line(r#"[{"id":"a"},{"id":"b"}]"#, &["1-1: a", "1-1: b"])]
    #[case::many_lines("\u{feff}[\n  {\n    \"id\": \"a\"\n  },\n  {}\n]\n", &["2-4: a", "5-6: new"])]
    #[case::brackets_in_texts(r#"[{"bio":"],[\\\"}"},{"id":"b"}]"#, &["1-1: new", "1-1: b"])]
    #[case::one_bad_element("[{\"id\":\"a\"},\n7,{\"id\":8.5},{\"id\":[]},\n{\"id\":\"b\"}]",
        &["1-1: a", "2-2: INVALID_TYPE", "2-2: INVALID_TYPE", "2-2: INVALID_TYPE", "3-3: b"])]
    #[case::no_end("[{\"id\":\"a\"},\n{\"id\":", &["1-1: a", "2-2: MALFORMED_JSON"])]
    #[case::comma_too_many("[{\"id\":\"a\"},]", &["1-1: a"])]
    #[case::nothing_before_a_comma("[,{\"id\":\"a\"}]", &["1-1: MALFORMED_JSON", "1-1: a"])]
    #[case::something_behind("[{\"id\":\"a\"}]\n[]", &["1-1: a", "2-2: MALFORMED_JSON"])]
    fn an_array_is_taken_apart(#[case] text: &str, #[case] expected: &[&str]) {
        assert!(begins_with(text.as_bytes()));
        assert_eq!(told(text.as_bytes()), expected);
    }

    #[test]
    fn an_element_that_is_too_long_is_skipped() {
        let text = format!("[{{\"bio\":\"{}\"}},{{\"id\":\"b\"}}]", "x".repeat(MAX_ROW_BYTES));
        assert_eq!(told(text.as_bytes()), ["1-1: TOO_LONG", "1-1: b"]);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_or_hang(text in prop::collection::vec(prop::sample::select(b"[]{},:\"\\ \na1".to_vec()), 0..60)) {
            told(&[b"[", text.as_slice()].concat());
        }
    }
}
