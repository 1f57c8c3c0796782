use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// A Twitter handle, with or without the `@`.
    ///
    /// One to [`MAX_HANDLE`](Self::MAX_HANDLE) of `A–Z a–z 0–9 _`. Twitter gives out 15 characters today; accounts that are
    /// older than that limit have up to 20.
    Twitter
}

impl Twitter {
    /// The greatest length of the handle itself, in characters.
    pub const MAX_HANDLE: u64 = 20;

    /// The greatest length with the `@`, in characters.
    pub const MAX_LENGTH: u64 = Self::MAX_HANDLE + 1;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::no_control(text)?;
        if text.contains('/') {
            let detail = "must be the handle alone, such as @ada, not an address";
            return Err(BrokenRule::new(RuleCode::InvalidFormat, detail));
        }
        let handle = text.strip_prefix('@').unwrap_or(text);
        text::line(handle, Self::MAX_HANDLE)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if handle.is_empty() || !handle.bytes().all(fits) {
            let detail =
                format!("must be 1 to {} of A-Z, a-z, 0-9 and _, after an optional @", Self::MAX_HANDLE);
            return Err(BrokenRule::new(RuleCode::InvalidFormat, detail));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Twitter;
    use crate::RuleCode;

    #[rstest]
    #[case("a")]
    #[case("@ada_l")]
    #[case("ABCDEFGHIJ1234567890")]
    #[case("@ABCDEFGHIJ1234567890")]
    fn accepts(#[case] text: &str) {
        assert_eq!(Twitter::parse(text).map(Twitter::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case("ABCDEFGHIJ12345678901", RuleCode::TooLong)]
    #[case("@ABCDEFGHIJ12345678901", RuleCode::TooLong)]
    #[case("", RuleCode::InvalidFormat)]
    #[case("@", RuleCode::InvalidFormat)]
    #[case("@@ada", RuleCode::InvalidFormat)]
    #[case("ada@", RuleCode::InvalidFormat)]
    #[case("ada l", RuleCode::InvalidFormat)]
    #[case("ada-l", RuleCode::InvalidFormat)]
    #[case("ádá", RuleCode::InvalidFormat)]
    #[case("ada\0", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Twitter::parse(text).unwrap_err().code(), code);
    }

    #[rstest]
    #[case("https://x.com/ada")]
    #[case("https://twitter.com/a_rather_long_handle")]
    #[case("x.com/ada")]
    fn an_address_is_told_from_a_handle(#[case] text: &str) {
        let rule = Twitter::parse(text).unwrap_err();
        assert_eq!(rule.code(), RuleCode::InvalidFormat);
        assert_eq!(rule.detail(), "must be the handle alone, such as @ada, not an address");
    }
}
