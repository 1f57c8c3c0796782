use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// The country that the user lives in: a code, or a name.
    ///
    /// Two letters from A to Z are a code, in any case, and must be one of ISO 3166-1 or of
    /// [`OTHER_CODES`](Self::OTHER_CODES). Anything longer is a name and is taken as it is: `Deutschland`, `日本`, and also
    /// `UAE` or `GER`, which are three letters but no code. A code has no blanks around it, since nobody would find it
    /// then. The country may be empty, but not blank.
    Country
}

impl Country {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 100;

    /// Codes of two letters that are in use beside those that ISO 3166-1 assigns today.
    ///
    /// Their sources, in this order:
    ///
    /// - exceptionally reserved by ISO 3166-1, such as `UK` and `EU`;
    /// - the former codes of ISO 3166-3 that nobody else has since been assigned, and `SF`, which is reserved as one;
    /// - user-assigned codes that CLDR or the European Union have given a meaning: `XK` (Kosovo), `XI` (Northern Ireland),
    ///   and `EL` (Greece).
    pub const OTHER_CODES: [&str; 40] = [
        "AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "FX", "IC", "SU", "TA", "UK", "UN", //
        "AN", "BU", "CS", "CT", "DD", "DY", "FQ", "HV", "JT", "MI", "NH", "NQ", "NT", "PC", "PU", "PZ", "RH",
        "SF", "TP", "VD", "WK", "YD", "YU", "ZR", //
        "XK", "XI", "EL",
    ];

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        text::not_blank(text)?;
        let visible = text.trim_matches(text::is_unseen);
        let code = visible.to_ascii_uppercase();
        if is_two_letters(visible) && !Self::is_code(&code) {
            let detail = "must be an ISO 3166-1 code if it has two letters";
            return Err(BrokenRule::new(RuleCode::InvalidFormat, detail));
        }
        if visible.len() != text.len()
            && (is_two_letters(visible) || rust_iso3166::from_alpha3(&code).is_some())
        {
            let detail = format!("must be {visible}, without blanks around the code");
            return Err(BrokenRule::new(RuleCode::InvalidFormat, detail));
        }
        Ok(())
    }

    fn is_code(code: &str) -> bool {
        rust_iso3166::from_alpha2(code).is_some() || Self::OTHER_CODES.contains(&code)
    }
}

fn is_two_letters(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic())
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
    #[case("XK")]
    #[case("xi")]
    #[case("EL")]
    #[case("AN")]
    #[case("CS")]
    #[case("SU")]
    #[case("YU")]
    #[case("AC")]
    #[case("IC")]
    #[case("UAE")]
    #[case("KSA")]
    #[case("Anh")]
    #[case("XKX")]
    #[case("ROM")]
    #[case("日本")]
    #[case("대한민국")]
    #[case("U.S.")]
    #[case("Iran")]
    #[case(" Iran ")]
    #[case("Côte d'Ivoire")]
    #[case(&"é".repeat(100))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Country::parse(text).map(Country::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"é".repeat(101), RuleCode::TooLong)]
    #[case("XX", RuleCode::InvalidFormat)]
    #[case("zz", RuleCode::InvalidFormat)]
    #[case("XX ", RuleCode::InvalidFormat)]
    #[case("DE ", RuleCode::InvalidFormat)]
    #[case("\u{200B}DE", RuleCode::InvalidFormat)]
    #[case(" DEU", RuleCode::InvalidFormat)]
    #[case("  ", RuleCode::Blank)]
    #[case("\u{200B}", RuleCode::Blank)]
    #[case("DE\n", RuleCode::ControlCharacter)]
    #[case("Fr\u{FFFE}", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Country::parse(text).unwrap_err().code(), code);
    }

    #[test]
    fn a_code_with_blanks_around_it_is_named() {
        assert_eq!(Country::parse("DE ").unwrap_err().detail(), "must be DE, without blanks around the code");
    }

    #[test]
    fn every_code_of_two_letters_passes_and_no_other() {
        let letters = || 'a'..='z';
        let twos = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}")));
        // ISO 3166-1 has 249 countries.
        let expected = 249 + Country::OTHER_CODES.len();
        assert_eq!(twos.filter(|code| Country::parse(code.as_str()).is_ok()).count(), expected);
    }
}
