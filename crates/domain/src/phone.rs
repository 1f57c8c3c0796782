use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// A telephone number, written as people write it.
    ///
    /// An optional `+`, then [`MIN_DIGITS`](Self::MIN_DIGITS) to [`MAX_DIGITS`](Self::MAX_DIGITS) digits
    /// (15 is the limit of ITU-T E.164, section 6) with any of space `. - ( ) /` between and around them;
    /// then perhaps an extension: `x`, `ext` or `ext.` in any case, spaces around it or not, and 1 to
    /// [`MAX_EXTENSION`](Self::MAX_EXTENSION) digits.
    Phone
}

impl Phone {
    /// The greatest length, in characters.
    pub const MAX_LENGTH: u64 = 64;

    /// The fewest digits, extension not counted.
    pub const MIN_DIGITS: usize = 4;

    /// The most digits, extension not counted.
    pub const MAX_DIGITS: usize = 15;

    /// The most digits of an extension.
    pub const MAX_EXTENSION: usize = 8;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        // The first letter can only be that of the extension.
        let (number, extension) = match text.find(|c: char| c.is_ascii_alphabetic()) {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        if is_number(number) && (extension.is_empty() || is_extension(extension)) {
            return Ok(());
        }
        let (min, max) = (Self::MIN_DIGITS, Self::MAX_DIGITS);
        let detail = format!(
            "must be {min} to {max} digits, with an optional leading +, separators and extension (x12)"
        );
        Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let count = digits.bytes().filter(u8::is_ascii_digit).count();
    (Phone::MIN_DIGITS..=Phone::MAX_DIGITS).contains(&count)
        && digits.bytes().all(|byte| byte.is_ascii_digit() || b" .-()/".contains(&byte))
}

fn is_extension(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let Some(digits) = text
        .strip_prefix("ext.")
        .or_else(|| text.strip_prefix("ext"))
        .or_else(|| text.strip_prefix('x'))
        .map(|rest| rest.trim_start_matches(' '))
    else {
        return false;
    };
    (1..=Phone::MAX_EXTENSION).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Phone;
    use crate::RuleCode;

    #[rstest]
    #[case("1234")]
    #[case("+123456789012345")]
    #[case("+49 (0)30/123-45.67")]
    #[case("(020) 7946 0018")]
    #[case("555-1234x1")]
    #[case("555-1234 X12345678")]
    #[case("555-1234ext 9")]
    #[case("555-1234 Ext.  99")]
    #[case("555-1234 EXT.99")]
    #[case(&format!("1234{}", " ".repeat(60)))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Phone::parse(text).map(Phone::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&format!("1234{}", " ".repeat(61)), RuleCode::TooLong)]
    #[case("", RuleCode::InvalidFormat)]
    #[case("123", RuleCode::InvalidFormat)]
    #[case("+1234567890123456", RuleCode::InvalidFormat)]
    #[case("12+34", RuleCode::InvalidFormat)]
    #[case("++1234", RuleCode::InvalidFormat)]
    #[case(" +1234", RuleCode::InvalidFormat)]
    #[case("+", RuleCode::InvalidFormat)]
    #[case("12,34", RuleCode::InvalidFormat)]
    #[case("1-800-FLOWERS", RuleCode::InvalidFormat)]
    #[case("١٢٣٤٥", RuleCode::InvalidFormat)]
    #[case("555-1234x", RuleCode::InvalidFormat)]
    #[case("555-1234x123456789", RuleCode::InvalidFormat)]
    #[case("555-1234x12 ", RuleCode::InvalidFormat)]
    #[case("555-1234x.12", RuleCode::InvalidFormat)]
    #[case("555-1234 extension 12", RuleCode::InvalidFormat)]
    #[case("555-1234x1x2", RuleCode::InvalidFormat)]
    #[case("ext 12", RuleCode::InvalidFormat)]
    #[case("tel:+15551234", RuleCode::InvalidFormat)]
    #[case("555\t1234", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Phone::parse(text).unwrap_err().code(), code);
    }
}
