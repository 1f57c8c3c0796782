use crate::text_value::personal_text;
use crate::{BrokenRule, text};

personal_text! {
    /// A short line of text: organization, regions, title.
    ///
    /// Up to [`MAX_LENGTH`](Self::MAX_LENGTH) characters, none of them a control character. It may be empty, but not
    /// blank: a text of white space and invisible characters alone cannot be meant.
    Label
}

impl Label {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 255;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        text::not_blank(text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Label;
    use crate::RuleCode;

    #[rstest]
    #[case("")]
    #[case(" padded ")]
    #[case("12 St James's Square, London")]
    #[case(&"🙂".repeat(255))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Label::parse(text).map(Label::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"🙂".repeat(256), RuleCode::TooLong)]
    #[case("  ", RuleCode::Blank)]
    #[case("\u{200B}\u{3000}", RuleCode::Blank)]
    #[case("a\u{FFFE}", RuleCode::ControlCharacter)]
    #[case("two\nlines", RuleCode::ControlCharacter)]
    #[case("\u{7F}", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Label::parse(text).unwrap_err().code(), code);
    }
}
