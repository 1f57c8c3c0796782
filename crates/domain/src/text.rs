//! What all texts have in common: a greatest length, and no control characters.

use validator::{ValidateLength, ValidateNonControlCharacter};

use crate::{BrokenRule, RuleCode};

/// Refuses more than `max` Unicode scalar values, and every control character (category Cc).
///
/// The length comes first: it is cheap, and it bounds what every later check can cost.
pub(crate) fn line(text: &str, max: u64) -> Result<(), BrokenRule> {
    at_most(text, max)?;
    no_control(text)
}

/// As [`line()`], but lets line feed and tab pass.
pub(crate) fn lines(text: &str, max: u64) -> Result<(), BrokenRule> {
    at_most(text, max)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        let detail = "must not hold control characters other than line feed and tab";
        return Err(BrokenRule::new(RuleCode::ControlCharacter, detail));
    }
    Ok(())
}

/// Refuses every control character (category Cc).
pub(crate) fn no_control(text: &str) -> Result<(), BrokenRule> {
    if text.validate_non_control_character() {
        Ok(())
    } else {
        Err(BrokenRule::new(RuleCode::ControlCharacter, "must not hold control characters"))
    }
}

/// Whether there is nothing to be seen in the text.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

fn at_most(text: &str, max: u64) -> Result<(), BrokenRule> {
    if text.validate_length(None, Some(max), None) { Ok(()) } else { Err(BrokenRule::too_long(max)) }
}

/// Whether a character takes part in a text without showing.
///
/// These are Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), the interlinear
/// annotations U+FFF9–U+FFFB, and U+2800, a braille cell without dots.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{is_blank, line, lines};
    use crate::RuleCode;

    #[test]
    fn lengths_count_unicode_scalar_values() {
        assert_eq!(line("é😀", 2), Ok(()));
        assert_eq!(line("é😀x", 2).unwrap_err().code(), RuleCode::TooLong);
        // A letter and its accent are two scalar values.
        assert_eq!(lines("e\u{301}", 1).unwrap_err().code(), RuleCode::TooLong);
    }

    #[test]
    fn every_control_character_is_refused() {
        for c in (0..=0x9F).filter_map(char::from_u32).filter(|c| c.is_control()) {
            let text = format!("a{c}b");
            assert_eq!(line(&text, 9).unwrap_err().code(), RuleCode::ControlCharacter, "{c:?}");
            let several = lines(&text, 9).map_err(|rule| rule.code());
            let expected = if c == '\n' || c == '\t' { Ok(()) } else { Err(RuleCode::ControlCharacter) };
            assert_eq!(several, expected, "{c:?}");
        }
    }

    #[test]
    fn a_text_that_breaks_both_rules_is_too_long() {
        assert_eq!(line("\0\0", 1).unwrap_err().code(), RuleCode::TooLong);
    }

    #[rstest]
    #[case("", true)]
    #[case(" \u{A0}\u{3000}", true)]
    #[case("\u{200B}\u{FEFF}\u{2060}", true)]
    #[case("\u{2800}", true)]
    #[case("\u{3164}", true)]
    #[case(" x ", false)]
    #[case("-", false)]
    #[case("\u{200B}李", false)]
    fn blank_is_what_nobody_can_see(#[case] text: &str, #[case] blank: bool) {
        assert_eq!(is_blank(text), blank);
    }
}
