use super::Format;

/// What a file is that begins like this, if it cannot be a file of users in this format, and what to do about it.
pub fn other_kind(start: &[u8], format: Format) -> Option<&'static str> {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    match (format, text.first()) {
        _ if start.starts_with(b"PK\x03\x04") => Some(
            "the file is a ZIP archive, as spreadsheets (.xlsx, .ods) are: save the sheet as CSV in UTF-8",
        ),
        _ if start.starts_with(b"\xd0\xcf\x11\xe0") => {
            Some("the file is a document of an old Office program (.xls): save the sheet as CSV in UTF-8")
        }
        _ if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") => {
            Some("the file is in UTF-16: save it in UTF-8, or convert it with `iconv -f UTF-16 -t UTF-8`")
        }
        (Format::Csv, Some(b'{' | b'[')) => {
            Some("the file is JSON and not CSV: --format ndjson reads objects, one a line or in an array")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::other_kind;
    use crate::transfer::Format;

    #[rstest]
    #[case::spreadsheet(b"PK\x03\x04\x14\0", Format::Csv, "ZIP archive")]
    #[case::old_spreadsheet(b"\xd0\xcf\x11\xe0\xa1\xb1", Format::Csv, "(.xls)")]
    #[case::utf_16(b"\xff\xfei\0d\0", Format::Csv, "UTF-16")]
    #[case::big_endian(b"\xfe\xff\0i\0d", Format::Ndjson, "UTF-16")]
    #[case::json(b"{\"id\":\"a\"}", Format::Csv, "--format ndjson")]
    fn what_else_a_file_may_be_is_told(#[case] start: &[u8], #[case] format: Format, #[case] part: &str) {
        let sentence = other_kind(start, format).unwrap();
        assert!(sentence.contains(part), "{sentence}");
    }

    #[rstest]
    #[case(b"", Format::Csv)]
    #[case(b"id,bio\n", Format::Csv)]
    #[case(b"\xef\xbb\xbfid;bio\n", Format::Csv)]
    #[case(b"\n{\"id\":1}\n", Format::Ndjson)]
    #[case(b"\xef\xbb\xbf [\n{\"id\":1}]", Format::Ndjson)]
    fn a_file_of_users_is_left_to_its_reader(#[case] start: &[u8], #[case] format: Format) {
        assert_eq!(other_kind(start, format), None);
    }
}
