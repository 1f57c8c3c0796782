use std::io::{self, BufRead};

/// The most bytes that a row may have: as many as the body of a request to the API.
pub const MAX_ROW_BYTES: usize = 256 * 1024;

/// The mark that some programs put before UTF-8 (RFC 3629, section 6).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Splits a file into lines, holding one line in memory, and of one that is too long only the beginning.
pub struct Lines<R> {
    input: R,
    number: u64,
    bytes_read: u64,
    line: Vec<u8>,
    /// Whether the line that was read last is to be given once more.
    again: bool,
}

/// A line without what ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// What it says; empty where it is too long.
    pub text: &'a [u8],
    /// What ends it: `\n`, `\r\n`, or nothing at the end of the file.
    pub ending: &'a [u8],
    /// Whether it has more than [`MAX_ROW_BYTES`].
    pub is_too_long: bool,
}

impl<R: BufRead> Lines<R> {
    /// The lines of `input`.
    pub const fn new(input: R) -> Self {
        Self { input, number: 0, bytes_read: 0, line: Vec::new(), again: false }
    }

    /// The number of the line that was read last, from 1.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// How many bytes were read so far.
    pub const fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Has [`next`](Self::next) give the line that was read last once more.
    pub const fn give_again(&mut self) {
        self.again = self.number > 0;
    }

    /// The next line; `None` at the end.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        if std::mem::take(&mut self.again) {
            return Ok(Some(self.split(self.line.len() > MAX_ROW_BYTES)));
        }
        self.line.clear();
        let mut is_too_long = false;
        loop {
            let piece = match self.input.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let end = piece.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(piece.len(), |end| end + 1);
            if !is_too_long {
                self.line.extend(piece.iter().take(taken));
                is_too_long = self.line.len() > MAX_ROW_BYTES;
            }
            self.input.consume(taken);
            self.bytes_read += taken as u64;
            if taken == 0 && self.line.is_empty() {
                return Ok(None);
            }
            if taken == 0 || end.is_some() {
                break;
            }
        }
        self.number += 1;
        Ok(Some(self.split(is_too_long)))
    }

    fn split(&self, is_too_long: bool) -> Line<'_> {
        let mut text = self.line.as_slice();
        if self.number == 1 {
            text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        }
        let bare = text.strip_suffix(b"\n").map_or(text, |bare| bare.strip_suffix(b"\r").unwrap_or(bare));
        let ending = text.get(bare.len()..).unwrap_or_default();
        Line { text: if is_too_long { &[] } else { bare }, ending, is_too_long }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use rstest::rstest;

    use super::{Lines, MAX_ROW_BYTES};

    fn split(text: &[u8], buffer: usize) -> Vec<(Vec<u8>, Vec<u8>, bool)> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, text));
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.text.to_owned(), line.ending.to_owned(), line.is_too_long));
        }
        assert_eq!((lines.number(), lines.bytes_read()), (found.len() as u64, text.len() as u64));
        found
    }

    #[rstest]
    #[case::nothing("", &[])]
    #[case::one_without_end("a", &[("a", "")])]
    #[case::both_endings("a\nb\r\n\n", &[("a", "\n"), ("b", "\r\n"), ("", "\n")])]
    #[case::mark_of_utf_8("\u{feff}a\n\u{feff}b", &[("a", "\n"), ("\u{feff}b", "")])]
    #[case::return_without_line_feed("a\rb\r", &[("a\rb\r", "")])]
    fn lines_are_split(#[case] text: &str, #[case] expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(a, b)| ((*a).into(), (*b).into(), false)).collect();
        for buffer in [1, 2, 3, 8192] {
            assert_eq!(split(text.as_bytes(), buffer), expected, "by {buffer}");
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_not_held() {
        let text = ["x".repeat(4 * MAX_ROW_BYTES).as_str(), "\nb\n"].concat();
        let mut lines = Lines::new(text.as_bytes());
        assert!(lines.next().unwrap().unwrap().is_too_long);
        let mut lines = Lines::new(BufReader::with_capacity(1000, text.as_bytes()));
        assert!(lines.next().unwrap().unwrap().is_too_long);
        assert!(lines.line.capacity() < 3 * MAX_ROW_BYTES);
        let next = lines.next().unwrap().unwrap();
        assert_eq!((next.text, next.is_too_long), (&b"b"[..], false));
    }

    #[test]
    fn a_line_may_be_given_again() {
        let mut lines = Lines::new(&b"\xef\xbb\xbfa\nb"[..]);
        lines.give_again();
        assert_eq!(lines.next().unwrap().unwrap().text, b"a");
        lines.give_again();
        assert_eq!(lines.next().unwrap().unwrap().text, b"a");
        assert_eq!(lines.next().unwrap().unwrap().text, b"b");
        assert_eq!((lines.number(), lines.bytes_read()), (2, 6));
    }

    #[test]
    fn a_line_may_be_as_long_as_a_body() {
        let longest = "x".repeat(MAX_ROW_BYTES - 1) + "\n";
        assert!(!Lines::new(longest.as_bytes()).next().unwrap().unwrap().is_too_long);
        let longer = "x".repeat(MAX_ROW_BYTES) + "\n";
        assert!(Lines::new(longer.as_bytes()).next().unwrap().unwrap().is_too_long);
    }
}
