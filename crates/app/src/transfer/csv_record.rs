//! Records of CSV (RFC 4180), where an empty value and no value are two things.
//!
//! As in the CSV of PostgreSQL's `COPY`: a value that is empty and not quoted is null, `""` is the empty text. Crates that
//! read CSV do not tell whether a value was quoted, so this file does it; its tests hold it against one of them.

/// The values of one record; `None` is null.
pub type Record = Vec<Option<String>>;

/// Why a text is no record of CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A quotation mark stands within a value that does not begin with one.
    MarkInside,
    /// Something stands between the quotation mark that ends a value and the next separator.
    AfterMark,
    /// A value is not UTF-8; which one, from 0.
    NotUtf8(usize),
}

impl Malformed {
    /// What would be accepted.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::MarkInside => {
                "a value containing a quotation mark must be quoted, with each inner mark doubled"
            }
            Self::AfterMark => "a quoted value must be followed by a separator or the end of the line",
            Self::NotUtf8(_) => "must be in UTF-8",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// Nothing of the value was read.
    #[default]
    Start,
    /// In a value without quotation marks.
    Plain,
    /// In a value with quotation marks.
    Quoted,
    /// Behind a quotation mark within such a value: it ends there, or goes on with another mark.
    Mark,
}

/// Reads a record, which may stretch over many lines.
#[derive(Debug)]
pub struct RecordReader {
    separator: u8,
    state: State,
    value: Vec<u8>,
    values: Vec<Option<Vec<u8>>>,
}

impl RecordReader {
    /// A reader of values that this byte separates: a comma by RFC 4180.
    pub const fn new(separator: u8) -> Self {
        Self { separator, state: State::Start, value: Vec::new(), values: Vec::new() }
    }

    /// Reads one more line of the record, and tells whether the record ends with it.
    pub fn line(&mut self, text: &[u8], ending: &[u8]) -> Result<bool, Malformed> {
        for byte in text {
            self.byte(*byte)?;
        }
        if self.state == State::Quoted {
            self.value.extend(ending);
            return Ok(false);
        }
        self.end_value();
        Ok(true)
    }

    /// The record, once it has ended.
    pub fn finish(self) -> Result<Record, Malformed> {
        let values = self.values.into_iter().enumerate();
        let texts = values.map(|(place, value)| {
            value.map(String::from_utf8).transpose().map_err(|_| Malformed::NotUtf8(place))
        });
        texts.collect()
    }

    fn byte(&mut self, byte: u8) -> Result<(), Malformed> {
        match (self.state, byte) {
            (State::Start, b'"') => self.state = State::Quoted,
            (State::Quoted, b'"') => self.state = State::Mark,
            (State::Plain, b'"') => return Err(Malformed::MarkInside),
            (State::Start | State::Plain | State::Mark, byte) if byte == self.separator => self.end_value(),
            (State::Mark, b'"') => {
                self.value.push(b'"');
                self.state = State::Quoted;
            }
            (State::Mark, _) => return Err(Malformed::AfterMark),
            (State::Start, _) => {
                self.value.push(byte);
                self.state = State::Plain;
            }
            (State::Plain | State::Quoted, _) => self.value.push(byte),
        }
        Ok(())
    }

    fn end_value(&mut self) {
        let value = std::mem::take(&mut self.value);
        self.values.push((self.state != State::Start).then_some(value));
        self.state = State::Start;
    }
}

/// Adds a record to `out`, with the end of its line.
pub fn write_record<'a>(values: impl IntoIterator<Item = Option<&'a str>>, out: &mut Vec<u8>) {
    for (place, value) in values.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        match value {
            None => {}
            Some(value) if needs_marks(value) => {
                out.push(b'"');
                out.extend(value.replace('"', "\"\"").as_bytes());
                out.push(b'"');
            }
            Some(value) => out.extend(value.as_bytes()),
        }
    }
    out.push(b'\n');
}

/// Whether a value would be read otherwise without quotation marks, by this reader or by one that trims.
fn needs_marks(value: &str) -> bool {
    value.is_empty() || value.trim() != value || value.contains([',', '"', '\n', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Malformed, Record, RecordReader, write_record};
    use crate::transfer::lines::Lines;

    /// Reads the records of a whole file.
    fn read(text: &[u8]) -> Result<Vec<Record>, Malformed> {
        let mut lines = Lines::new(text);
        let mut records = Vec::new();
        let mut reader = RecordReader::new(b',');
        while let Some(line) = lines.next().unwrap() {
            if reader.line(line.text, line.ending)? {
                records.push(std::mem::replace(&mut reader, RecordReader::new(b',')).finish()?);
            }
        }
        Ok(records)
    }

    fn record(values: &[Option<&str>]) -> Record {
        values.iter().map(|value| value.map(ToOwned::to_owned)).collect()
    }

    #[rstest]
    #[case::nothing_is_null("a,,", &[Some("a"), None, None])]
    #[case::quoted_nothing_is_a_text(r#","","a""#, &[None, Some(""), Some("a")])]
    #[case::marks_are_doubled(r#""say ""hi""","""""#, &[Some("say \"hi\""), Some("\"")])]
    #[case::line_breaks("\"a\nb\r\n\",c\r\n", &[Some("a\nb\r\n"), Some("c")])]
    #[case::commas("\"a,b\",c d", &[Some("a,b"), Some("c d")])]
    #[case::blanks_belong_to_the_value(" a ,\" b\"", &[Some(" a "), Some(" b")])]
    fn a_record_is_read(#[case] text: &str, #[case] expected: &[Option<&str>]) {
        assert_eq!(read(text.as_bytes()), Ok(vec![record(expected)]));
    }

    #[rstest]
    #[case::mark_inside(b"a\"b", Malformed::MarkInside)]
    #[case::text_after_the_mark(b"\"a\"b", Malformed::AfterMark)]
    #[case::blank_after_the_mark(b"\"a\" ,b", Malformed::AfterMark)]
    #[case::another_encoding(b"a,M\xfcller", Malformed::NotUtf8(1))]
    fn what_is_no_record_is_refused(#[case] text: &[u8], #[case] expected: Malformed) {
        assert_eq!(read(text), Err(expected));
    }

    /// Values of the characters that mean something, and others.
    fn records() -> impl Strategy<Value = Vec<Record>> {
        let value = proptest::option::of("[a,\"\n\r é\u{10ffff}]{0,6}");
        // A lone null would be an empty line, which is no record.
        proptest::collection::vec(proptest::collection::vec(value, 2..5), 1..5)
    }

    fn written(records: &[Record]) -> Vec<u8> {
        let mut text = Vec::new();
        for record in records {
            write_record(record.iter().map(Option::as_deref), &mut text);
        }
        text
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(records in records()) {
            prop_assert_eq!(read(&written(&records)), Ok(records));
        }

        #[test]
        fn others_read_what_is_written(records in records()) {
            let text = written(&records);
            let mut reader =
                csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_slice());
            let texts: Vec<Vec<String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
            let expected: Vec<Vec<_>> =
                records.into_iter().map(|record| record.into_iter().map(Option::unwrap_or_default).collect()).collect();
            prop_assert_eq!(texts, expected);
        }

        #[test]
        fn what_others_write_is_read(records in records()) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for record in &records {
                writer.write_record(record.iter().map(|value| value.as_deref().unwrap_or_default())).unwrap();
            }
            let read = read(&writer.into_inner().unwrap()).unwrap();
            let texts = |records: Vec<Record>| -> Vec<Vec<String>> {
                records.into_iter().map(|record| record.into_iter().map(Option::unwrap_or_default).collect()).collect()
            };
            prop_assert_eq!(texts(read), texts(records));
        }

        #[test]
        fn no_text_makes_it_panic(text: Vec<u8>) {
            let _ = read(&text);
        }
    }
}
