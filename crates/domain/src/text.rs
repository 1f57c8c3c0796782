//! What all texts have in common: a greatest length, and no control characters or noncharacters.

use validator::{ValidateLength, ValidateNonControlCharacter};

use crate::{BrokenRule, RuleCode};

/// Rejects more than `max` Unicode scalar values, every control character (category Cc), and every noncharacter.
///
/// The length comes first: it is cheap, and it bounds what every later check can cost.
pub(crate) fn line(text: &str, max: u64) -> Result<(), BrokenRule> {
    at_most(text, max)?;
    no_control(text)
}

/// As [`line()`], but accepts line feed, carriage return and tab: the text of a form comes with CRLF.
pub(crate) fn lines(text: &str, max: u64) -> Result<(), BrokenRule> {
    at_most(text, max)?;
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        let detail = "must not hold control characters other than line feed, carriage return and tab";
        return Err(BrokenRule::new(RuleCode::ControlCharacter, detail));
    }
    no_noncharacter(text)
}

/// Rejects every control character (category Cc) and every noncharacter.
pub(crate) fn no_control(text: &str) -> Result<(), BrokenRule> {
    if text.validate_non_control_character() {
        no_noncharacter(text)
    } else {
        Err(BrokenRule::new(RuleCode::ControlCharacter, "must not hold control characters"))
    }
}

/// Rejects a text that is not empty and shows nothing.
pub(crate) fn not_blank(text: &str) -> Result<(), BrokenRule> {
    if text.is_empty() || !is_blank(text) { Ok(()) } else { Err(BrokenRule::blank()) }
}

/// Whether there is nothing to be seen in the text.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_unseen)
}

/// Whether a character shows nothing: white space, or one that takes part in a text without showing.
pub(crate) fn is_unseen(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

/// Rejects the code points that Unicode sets aside for programs and never assigns (The Unicode Standard, section 23.7).
fn no_noncharacter(text: &str) -> Result<(), BrokenRule> {
    if text.is_ascii() || !text.chars().any(is_noncharacter) {
        return Ok(());
    }
    let detail = "must not hold noncharacters of Unicode, such as U+FFFE";
    Err(BrokenRule::new(RuleCode::ControlCharacter, detail))
}

const fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || c as u32 & 0xFFFE == 0xFFFE
}

fn at_most(text: &str, max: u64) -> Result<(), BrokenRule> {
    if text.validate_length(None, Some(max), None) { Ok(()) } else { Err(BrokenRule::too_long(max)) }
}

/// Whether a character takes part in a text without showing.
///
/// These are Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt), the interlinear
/// annotations U+FFF9–U+FFFB, and U+2800, a braille cell without dots.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{is_blank, line, lines, not_blank};
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
            let expected =
                if matches!(c, '\n' | '\r' | '\t') { Ok(()) } else { Err(RuleCode::ControlCharacter) };
            assert_eq!(several, expected, "{c:?}");
        }
    }

    #[rstest]
    #[case("a\u{FFFE}")]
    #[case("\u{FFFF}")]
    #[case("\u{FDD0}")]
    #[case("\u{FDEF}")]
    #[case("\u{1FFFE}")]
    #[case("\u{10FFFF}")]
    fn every_noncharacter_is_refused(#[case] text: &str) {
        assert_eq!(line(text, 9).unwrap_err().code(), RuleCode::ControlCharacter);
        assert_eq!(lines(text, 9).unwrap_err().code(), RuleCode::ControlCharacter);
    }

    #[rstest]
    #[case("\u{FFFD}\u{FDCF}\u{FDF0}\u{10000}\u{10FFFD}")]
    fn their_neighbours_are_characters(#[case] text: &str) {
        assert_eq!((line(text, 9), lines(text, 9)), (Ok(()), Ok(())));
    }

    #[rstest]
    #[case("", true)]
    #[case("x", true)]
    #[case(" x ", true)]
    #[case(" ", false)]
    #[case("\u{200B}", false)]
    fn a_blank_text_is_refused_and_an_empty_one_is_not(#[case] text: &str, #[case] good: bool) {
        assert_eq!(not_blank(text).is_ok(), good);
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
