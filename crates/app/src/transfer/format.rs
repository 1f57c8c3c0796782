use std::path::Path;

use clap::ValueEnum;

/// What a file of users looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// One JSON object a line, as the API has it.
    Ndjson,
    /// Comma-separated values with a header (RFC 4180).
    Csv,
}

impl Format {
    /// The format that the name of a file tells, by its extension in any case.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv),
            _ => None,
        }
    }
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
}
