use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// The country that the user lives in: an ISO 3166-1 code, or a name.
    ///
    /// Two or three letters from A to Z are a code, in any case, and must be one that ISO 3166-1 has given
    /// out (or one of [`RESERVED_CODES`](Self::RESERVED_CODES)). Anything else, `日本` as well as
    /// `Deutschland`, is a name and is taken as it is. It may be empty.
    Country
}

impl Country {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 100;

    /// Codes of two letters that ISO 3166-1 has not given out but reserved, and that are in wide use.
    pub const RESERVED_CODES: [&str; 2] = ["EU", "UK"];

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        if (2..=3).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !Self::is_code(&text.to_ascii_uppercase())
        {
            let detail = "must be an ISO 3166-1 code when it has two or three letters";
            return Err(BrokenRule::new(RuleCode::InvalidFormat, detail));
        }
        Ok(())
    }

    fn is_code(code: &str) -> bool {
        rust_iso3166::from_alpha2(code).is_some()
            || rust_iso3166::from_alpha3(code).is_some()
            || Self::RESERVED_CODES.contains(&code)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Country;
    use crate::RuleCode;

    #[rstest]
    #[case("")]
    #[case("DE")]
    #[case("de")]
    #[case("Deu")]
    #[case("GB")]
    #[case("gbr")]
    #[case("UK")]
    #[case("uk")]
    #[case("EU")]
    #[case("SS")]
    #[case("日本")]
    #[case("대한민국")]
    #[case("U.S.")]
    #[case("Iran")]
    #[case("Côte d'Ivoire")]
    #[case(&"é".repeat(100))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Country::parse(text).map(Country::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"é".repeat(101), RuleCode::TooLong)]
    #[case("XX", RuleCode::InvalidFormat)]
    #[case("xyz", RuleCode::InvalidFormat)]
    #[case("EUR", RuleCode::InvalidFormat)]
    #[case("UKX", RuleCode::InvalidFormat)]
    #[case("SU", RuleCode::InvalidFormat)]
    #[case("DE\n", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Country::parse(text).unwrap_err().code(), code);
    }

    #[test]
    fn every_code_of_the_standard_passes_and_no_other() {
        let letters = || 'a'..='z';
        let twos = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
        let threes =
            letters().flat_map(|a| letters().flat_map(move |b| letters().map(move |c| format!("{a}{b}{c}"))));
        // ISO 3166-1 has 249 countries; UK and EU come on top.
        assert_eq!(twos.filter(|code| Country::parse(code.as_str()).is_ok()).count(), 251);
        assert_eq!(threes.filter(|code| Country::parse(code.as_str()).is_ok()).count(), 249);
    }
}
