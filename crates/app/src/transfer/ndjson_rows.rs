use std::io::{self, BufRead};

use chrono::{DateTime, Utc};

use super::json_user::JsonUser;
use super::lines::{Lines, MAX_ROW_BYTES};
use super::row::{Fault, Place, Row, Rows};

/// The rows of a file with one JSON object a line; empty lines are skipped.
pub struct NdjsonRows<R> {
    lines: Lines<R>,
    json: JsonUser,
}

impl<R: BufRead> NdjsonRows<R> {
    /// The rows of these lines, read as users in this way.
    pub const fn new(lines: Lines<R>, json: JsonUser) -> Self {
        Self { lines, json }
    }
}

impl<R: BufRead + Send> Rows for NdjsonRows<R> {
    fn next(&mut self, now: DateTime<Utc>) -> io::Result<Option<Row>> {
        let content = loop {
            let Some(line) = self.lines.next()? else { return Ok(None) };
            if line.is_too_long {
                break Err(vec![too_long()]);
            }
            if !line.text.trim_ascii().is_empty() {
                break self.json.read(line.text, now).map(Some);
            }
        };
        let line = self.lines.number();
        Ok(Some(Row { line, last_line: line, bytes_read: self.lines.bytes_read(), content }))
    }

    fn place(&self, member: &str) -> Place {
        self.json.place(member)
    }
}

/// The fault of a row that nobody can hold in memory.
pub fn too_long() -> Fault {
    Fault::of_row("TOO_LONG", format!("must have at most {MAX_ROW_BYTES} bytes"))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::super::Columns;
    use super::{JsonUser, NdjsonRows};
    use crate::transfer::lines::{Lines, MAX_ROW_BYTES};
    use crate::transfer::row::Rows as _;

    #[test]
    fn each_line_is_a_row_by_itself() {
        let long = format!("{{\"bio\":\"{}\"}}", "x".repeat(MAX_ROW_BYTES));
        let text =
            ["{\"id\":\"a\"}", "", " \t\r", "{\"bio\":1,\"x\":2}", "{", &long, "{\"id\":8}"].join("\n");
        let mut rows = NdjsonRows::new(Lines::new(text.as_bytes()), JsonUser::new(&Columns::default()));
        let mut told = Vec::new();
        while let Some(row) = rows.next(DateTime::UNIX_EPOCH).unwrap() {
            assert_eq!(row.line, row.last_line);
            let content = match row.content {
                Ok(wish) => wish.unwrap().id.unwrap().to_string(),
                Err(faults) => faults
                    .iter()
                    .map(|it| format!("{:?} {}", it.place, it.code))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            told.push(format!("{}: {content}", row.line));
        }
        assert_eq!(
            told,
            [
                "1: a",
                "4: Pointer(\"/bio\") INVALID_TYPE, Pointer(\"/x\") UNKNOWN_MEMBER",
                "5: Row MALFORMED_JSON",
                "6: Row TOO_LONG",
                "7: 8",
            ]
        );
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic_and_each_line_stands_alone(
            lines in prop::collection::vec(prop::collection::vec(any::<u8>().prop_filter("one line", |it| *it != b'\n'), 0..30), 0..6)
        ) {
            let mut text = lines.join(&b'\n');
            text.extend(b"\n{\"id\":\"last\"}");
            let mut rows = NdjsonRows::new(Lines::new(text.as_slice()), JsonUser::new(&Columns::default()));
            let mut last = None;
            while let Some(row) = rows.next(DateTime::UNIX_EPOCH).unwrap() {
                prop_assert_eq!(row.line, row.last_line);
                last = Some((row.line, row.content));
            }
            // Whatever stands before it, the last line is read.
            let (line, content) = last.unwrap();
            prop_assert_eq!(line, lines.len().max(1) as u64 + 1);
            let id = content.unwrap().unwrap().id.unwrap();
            prop_assert_eq!(id.as_str(), "last");
        }
    }
}
