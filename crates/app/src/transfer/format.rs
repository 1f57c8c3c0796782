use std::path::Path;

use clap::ValueEnum;

/// What a file of users looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// JSON objects as the API has them: one a line, or in an array where a file is read.
    Ndjson,
    /// Comma-separated values with a header (RFC 4180).
    Csv,
}

impl Format {
    /// The format that the name of a file tells, by its extension in any case.
    pub fn of(path: &Path) -> Option<Self> {
        match extension(path)?.as_str() {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }

    /// The same for a file that is read: it may be compressed by gzip, or hold an array.
    pub fn of_input(path: &Path) -> Option<Self> {
        match extension(path)?.as_str() {
            "gz" => Self::of_input(Path::new(path.file_stem()?)),
            "json" => Some(Self::Ndjson),
            _ => Self::of(path),
        }
    }
}

fn extension(path: &Path) -> Option<String> {
    Some(path.extension()?.to_str()?.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use rstest::rstest;

    use super::Format;

    #[rstest]
    #[case("users.ndjson", Some(Format::Ndjson))]
    #[case("users.JSONL", Some(Format::Ndjson))]
    #[case("/tmp/users.csv", Some(Format::Csv))]
    #[case("users.csv.gz", None)]
    #[case("users.json", None)]
    #[case("csv", None)]
    #[case(".csv", None)]
    fn the_extension_tells(#[case] path: &str, #[case] expected: Option<Format>) {
        assert_eq!(Format::of(Path::new(path)), expected);
    }

    #[rstest]
    #[case("users.ndjson", Some(Format::Ndjson))]
    #[case("users.json", Some(Format::Ndjson))]
    #[case("a/users.CSV.GZ", Some(Format::Csv))]
    #[case("users.json.gz", Some(Format::Ndjson))]
    #[case("users.gz", None)]
    #[case("users.xml", None)]
    fn a_file_that_is_read_may_be_compressed(#[case] path: &str, #[case] expected: Option<Format>) {
        assert_eq!(Format::of_input(Path::new(path)), expected);
    }
}
