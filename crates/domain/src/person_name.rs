use crate::text_value::personal_text;
use crate::{BrokenRule, text};

personal_text! {
    /// A first or last name.
    ///
    /// Up to [`MAX_LENGTH`](Self::MAX_LENGTH) characters of which at least one can be seen. Nothing else is
    /// asked of it: people are called `O'Brien`, `李`, `X Æ A-12` and `3rd`.
    PersonName
}

impl PersonName {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 100;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        if text::is_blank(text) {
            return Err(BrokenRule::blank());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::PersonName;
    use crate::RuleCode;

    #[rstest]
    #[case("Ada")]
    #[case("李")]
    #[case("van der Berg-O'Brien, 3rd")]
    #[case(" Ada ")]
    #[case("می\u{200C}خواهم")]
    #[case(&"é".repeat(100))]
    fn accepts(#[case] text: &str) {
        assert_eq!(PersonName::parse(text).map(PersonName::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"é".repeat(101), RuleCode::TooLong)]
    #[case("", RuleCode::Blank)]
    #[case("   ", RuleCode::Blank)]
    #[case("\u{2003}\u{200B}", RuleCode::Blank)]
    #[case("Ada\t", RuleCode::ControlCharacter)]
    #[case("\n", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(PersonName::parse(text).unwrap_err().code(), code);
    }
}
