use crate::text_value::personal_text;
use crate::{BrokenRule, text};

personal_text! {
    /// Where the user is: a place or an address.
    ///
    /// Up to [`MAX_LENGTH`](Self::MAX_LENGTH) characters, in any number of lines as in a [`Bio`](crate::Bio). It may be
    /// empty, but not blank.
    Location
}

impl Location {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 255;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::lines(text, Self::MAX_LENGTH)?;
        text::not_blank(text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Location;
    use crate::RuleCode;

    #[rstest]
    #[case("")]
    #[case(" padded ")]
    #[case("12 St James's Square\r\nLondon\r\n")]
    #[case("Rua A, 1\nLisboa\tPT")]
    #[case(&"🙂".repeat(255))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Location::parse(text).map(Location::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"🙂".repeat(256), RuleCode::TooLong)]
    #[case("\r\n", RuleCode::Blank)]
    #[case("\u{7F}", RuleCode::ControlCharacter)]
    #[case("\u{85}", RuleCode::ControlCharacter)]
    #[case("a\u{FFFF}", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Location::parse(text).unwrap_err().code(), code);
    }
}
