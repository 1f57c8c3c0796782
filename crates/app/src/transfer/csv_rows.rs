use std::io::{self, BufRead};

use chrono::{DateTime, Utc};
use users_domain::{Member, Violation};

use super::columns::Columns;
use super::csv_guard::{GUARD, unguarded};
use super::csv_record::{Malformed, Record, RecordReader};
use super::csv_user::TextUser;
use super::lines::{Lines, MAX_ROW_BYTES};
use super::ndjson_rows::too_long;
use super::row::{Fault, Place, Row, Rows, Wish};

/// The rows of a CSV file with a header; empty lines are skipped.
///
/// Values are separated by commas, by semicolons or by tabs, whichever the header has most of. A first line `sep=;`, which
/// Excel reads and writes, says it too.
pub struct CsvRows<R> {
    lines: Lines<R>,
    separator: u8,
    /// What the columns hold, and how the header names them.
    members: Vec<Option<Member>>,
    names: Vec<String>,
    /// Which columns have apostrophes before their values.
    guarded: Vec<bool>,
}

/// Why the rows of a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The header does not say what the columns are; a sentence that names the columns.
    #[error("{0}")]
    Refused(String),
}

/// What [`CsvRows::record`] found.
struct Found {
    first_line: u64,
    record: Result<Record, Fault>,
}

impl<R: BufRead> CsvRows<R> {
    /// Reads the header, which must name members of a user, each once, or columns that stand for them.
    pub fn open(lines: Lines<R>, columns: &Columns) -> Result<Self, HeaderError> {
        let mut rows =
            Self { lines, separator: b',', members: Vec::new(), names: Vec::new(), guarded: Vec::new() };
        rows.find_separator()?;
        let refused =
            |why: &str| HeaderError::Refused(format!("the file must begin with a CSV header: {why}"));
        let Some(Found { record, .. }) = rows.record()? else { return Err(refused("it is empty")) };
        let record = record.map_err(|fault| refused(&format!("the first line {}", fault.detail)))?;
        let names = record.into_iter().map(Option::unwrap_or_default);
        (rows.guarded, rows.names) = names
            .map(|name| match name.strip_prefix(GUARD) {
                Some(name) => (true, name.to_owned()),
                None => (false, name),
            })
            .unzip();
        rows.members = columns.members(&rows.names).map_err(|why| refused(&why))?;
        Ok(rows)
    }

    /// Looks at the first line that is not empty.
    fn find_separator(&mut self) -> io::Result<()> {
        while let Some(line) = self.lines.next()? {
            match line.text {
                [] if !line.is_too_long => {}
                // Files for Microsoft Entra ID begin so.
                version if version.starts_with(b"version:v1.0") => {}
                [b's', b'e', b'p', b'=', separator] => {
                    self.separator = *separator;
                    return Ok(());
                }
                header => {
                    self.separator = most_frequent_separator(header);
                    self.lines.give_again();
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// The next record; what is no record is skipped up to the end of the line.
    fn record(&mut self) -> io::Result<Option<Found>> {
        let mut reader = RecordReader::new(self.separator);
        let (mut first_line, mut size) = (None, 0);
        loop {
            let Some(line) = self.lines.next()? else {
                // The last value has no end.
                let unfinished = |first_line| Found { first_line, record: Err(no_end()) };
                return Ok(first_line.map(unfinished));
            };
            if first_line.is_none() && line.text.is_empty() && !line.is_too_long {
                continue;
            }
            size += line.text.len() + line.ending.len();
            let ended = if line.is_too_long || size > MAX_ROW_BYTES {
                Err(if first_line.is_some() { no_end() } else { too_long() })
            } else {
                reader.line(line.text, line.ending).map_err(malformed)
            };
            let first_line = *first_line.get_or_insert(self.lines.number());
            let record = match ended {
                Ok(false) => continue,
                Ok(true) => reader.finish().map_err(|error| self.in_column(error)),
                Err(fault) => Err(fault),
            };
            return Ok(Some(Found { first_line, record }));
        }
    }

    fn wish(&self, record: Record, now: DateTime<Utc>) -> Result<Wish, Vec<Fault>> {
        if record.len() != self.members.len() {
            let detail =
                format!("has {} values, and the header {} columns", record.len(), self.members.len());
            return Err(vec![Fault::of_row("COLUMN_COUNT", detail)]);
        }
        let values = record.into_iter().zip(&self.guarded);
        let values = values.map(|(value, is_guarded)| if *is_guarded { unguarded(value) } else { value });
        let user = TextUser::of(&self.members, values.collect());
        user.validate(now).map_err(|violations| violations.iter().map(|it| self.broken(it)).collect())
    }

    fn broken(&self, violation: &Violation) -> Fault {
        let place = self.column(violation.place());
        Fault { place, code: violation.rule().code().as_str(), detail: violation.rule().detail().to_owned() }
    }

    /// Where the fault of one value is, the value being named by its number.
    fn in_column(&self, error: Malformed) -> Fault {
        let fault = malformed(error);
        let name = if let Malformed::NotUtf8(number) = error { self.names.get(number) } else { None };
        Fault { place: name.map_or(Place::Row, |name| Place::Column(name.clone())), ..fault }
    }

    /// The column of the member with this name, as the header calls it.
    fn column(&self, member: &str) -> Place {
        let number = self.members.iter().position(|it| it.is_some_and(|it| it.name() == member));
        let name = number.and_then(|number| self.names.get(number));
        Place::Column(name.map_or(member, String::as_str).to_owned())
    }
}

impl<R: BufRead + Send> Rows for CsvRows<R> {
    fn next(&mut self, now: DateTime<Utc>) -> io::Result<Option<Row>> {
        let Some(Found { first_line, record }) = self.record()? else { return Ok(None) };
        let content = match record {
            Err(fault) => Err(vec![fault]),
            // Spreadsheets write such a record for each row that was cleared.
            Ok(record) if record.iter().flatten().all(String::is_empty) => Ok(None),
            Ok(record) => self.wish(record, now).map(Some),
        };
        let (last_line, bytes_read) = (self.lines.number(), self.lines.bytes_read());
        Ok(Some(Row { line: first_line, last_line, bytes_read, content }))
    }

    fn place(&self, member: &str) -> Place {
        self.column(member)
    }
}

/// Of comma, semicolon and tab the one that the line has most of; the comma if none of the others has more.
fn most_frequent_separator(line: &[u8]) -> u8 {
    let count = |separator: u8| line.split(|byte| *byte == separator).count();
    // The last of those with the most.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

fn malformed(error: Malformed) -> Fault {
    Fault::of_row("MALFORMED_CSV", error.detail())
}

fn no_end() -> Fault {
    let detail = format!("must have a quotation mark at the end of a value, within {MAX_ROW_BYTES} bytes");
    Fault::of_row("MALFORMED_CSV", detail)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Columns, CsvRows};
    use crate::transfer::lines::{Lines, MAX_ROW_BYTES};
    use crate::transfer::row::Rows as _;

    /// First and last line of each row, with its id or its faults.
    fn told(text: &[u8]) -> Vec<String> {
        let mut rows = CsvRows::open(Lines::new(text), &Columns::default()).unwrap();
        let mut told = Vec::new();
        while let Some(row) = rows.next(DateTime::UNIX_EPOCH).unwrap() {
            let content = match row.content {
                Ok(None) => "empty".to_owned(),
                Ok(Some(wish)) => wish.id.map_or("new".to_owned(), |id| id.to_string()),
                Err(faults) => faults
                    .iter()
                    .map(|it| format!("{:?} {}", it.place, it.code))
                    .collect::<Vec<_>>()
                    .join(", "),
            };
            told.push(format!("{}-{}: {content}", row.line, row.last_line));
        }
        told
    }

    #[test]
    fn a_row_may_stretch_over_lines_and_a_bad_one_harms_no_other() {
        let text = b"id,bio,first_name\r\n\r\na,\"x\ny\",\n,,Ada\nb,x\nc\"d,,\ne,M\xfcller,\nf,, \ng,,\n";
        assert_eq!(
            told(text),
            [
                "3-4: a",
                "5-5: new",
                "6-6: Row COLUMN_COUNT",
                "7-7: Row MALFORMED_CSV",
                "8-8: Column(\"bio\") MALFORMED_CSV",
                "9-9: Column(\"first_name\") BLANK",
                "10-10: g",
            ]
        );
    }

    #[test]
    fn a_row_of_empty_values_says_nothing() {
        let text = b"id,bio,first_name\r\na,,\r\n,,\r\n,\"\",\r\n,,,,\r\nb,,\r\n,,";
        assert_eq!(told(text), ["2-2: a", "3-3: empty", "4-4: empty", "5-5: empty", "6-6: b", "7-7: empty"]);
    }

    #[rstest]
    #[case::semicolons("id;bio\na;\"x;y\"\n")]
    #[case::tabs("id\tbio\r\na\tx, y; z\r\n")]
    #[case::named("sep=;\nid;bio\na;x,y\n")]
    #[case::named_otherwise("\u{feff}sep=|\nid|bio\na|x,y\n")]
    #[case::behind_empty_lines("\n\nid;bio\na;x\n")]
    #[case::one_column("id\na\n")]
    #[case::of_entra("version:v1.0,,\nid,bio\na,x\n")]
    fn values_are_separated_as_the_header_is(#[case] text: &str) {
        let mut rows = CsvRows::open(Lines::new(text.as_bytes()), &Columns::default()).unwrap();
        let row = rows.next(DateTime::UNIX_EPOCH).unwrap().unwrap();
        assert_eq!(row.content.unwrap().unwrap().id.unwrap().as_str(), "a");
        assert!(rows.next(DateTime::UNIX_EPOCH).unwrap().is_none());
    }

    #[test]
    fn a_guarded_column_has_apostrophes_before_its_values() {
        let text = b"\xef\xbb\xbf'id,bio,'title\r\n'007,'x,\r\nb,,\"\"\r\n'''c,,'\r\n";
        let mut rows = CsvRows::open(Lines::new(text.as_slice()), &Columns::default()).unwrap();
        let mut told = Vec::new();
        while let Some(row) = rows.next(DateTime::UNIX_EPOCH).unwrap() {
            let wish = row.content.unwrap().unwrap();
            let bio = wish.update.bio.set().map(|bio| bio.as_str().to_owned());
            let title = wish.update.title.set().map(|title| title.as_str().to_owned());
            told.push((wish.id.unwrap().to_string(), bio, title));
        }
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                ("007".to_owned(), text("'x"), None),
                ("b".to_owned(), None, None),
                ("''c".to_owned(), None, text("")),
            ]
        );
    }

    #[test]
    fn a_value_without_end_is_told_with_the_lines_that_it_took() {
        assert_eq!(told(b"id,bio\na,\"x\nb,y\n"), ["2-3: Row MALFORMED_CSV"]);
        assert_eq!(told(b"id,bio\na,\"x\nb,\"y\"\nc,\n"), ["2-3: Row MALFORMED_CSV", "4-4: c"]);
        // The record grows beyond its limit with the last line but one; from there on lines are read as usual.
        let lines = "b,y\n".repeat(MAX_ROW_BYTES / 4);
        let last = MAX_ROW_BYTES / 4 + 1;
        let expected = [format!("2-{last}: Row MALFORMED_CSV"), format!("{0}-{0}: b", last + 1)];
        assert_eq!(told(format!("id,bio\na,\"x\n{lines}").as_bytes()), expected);
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped() {
        let text = format!("id,bio\na,{}\nb,\n", "x".repeat(MAX_ROW_BYTES));
        assert_eq!(told(text.as_bytes()), ["2-2: Row TOO_LONG", "3-3: b"]);
    }

    #[rstest]
    #[case::empty("", "it is empty")]
    #[case::unknown("id,e-mail,bio,\n", "[\"e-mail\", \"\"] must be members of a user: id, active, avatar")]
    #[case::other_separator("id|bio\n", "[\"id|bio\"] must be members")]
    #[case::twice("firstName,id,first_name\n", "it has the column \"firstName\" twice")]
    #[case::malformed("\"id\n", "the first line must have a quotation mark at the end")]
    fn the_header_must_name_members(#[case] text: &str, #[case] expected: &str) {
        let error =
            CsvRows::open(Lines::new(text.as_bytes()), &Columns::default()).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic_and_rows_come_in_their_order(
            rows in prop_oneof![
                prop::collection::vec(any::<u8>(), 0..80),
                r#"(("[a",\r\n]{0,4}"|[a",]{0,3}),?\r?\n?){0,12}"#.prop_map(String::into_bytes),
            ]
        ) {
            let file = [b"id,bio\n", rows.as_slice()].concat();
            let mut rows = CsvRows::open(Lines::new(file.as_slice()), &Columns::default()).unwrap();
            let mut last = 1;
            while let Some(row) = rows.next(DateTime::UNIX_EPOCH).unwrap() {
                prop_assert!(last < row.line && row.line <= row.last_line);
                prop_assert!(row.bytes_read <= file.len() as u64);
                last = row.last_line;
            }
            let _ = CsvRows::open(Lines::new(&file[7..]), &Columns::default());
        }
    }
}
