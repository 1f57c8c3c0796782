use crate::text_value::personal_text;
use crate::{BrokenRule, text};

personal_text! {
    /// What the user says about themselves.
    ///
    /// Up to [`MAX_LENGTH`](Self::MAX_LENGTH) characters, in any number of lines. Line feed, carriage return and tab are
    /// the only control characters. How lines end is not changed: a form's text area sends CRLF.
    Bio
}

impl Bio {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 4096;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::lines(text, Self::MAX_LENGTH)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Bio;
    use crate::RuleCode;

    #[rstest]
    #[case("")]
    #[case(" ")]
    #[case("First line\n\tsecond line, indented 🙂")]
    #[case("as a form\r\nsends it\r\n")]
    #[case(&"é".repeat(4096))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Bio::parse(text).map(Bio::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"é".repeat(4097), RuleCode::TooLong)]
    #[case("nul\0", RuleCode::ControlCharacter)]
    #[case("\u{FFFE}", RuleCode::ControlCharacter)]
    #[case("\u{85}", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Bio::parse(text).unwrap_err().code(), code);
    }
}
