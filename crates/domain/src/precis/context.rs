//! The rules for characters that depend on what stands around them (RFC 5892, appendix A).

use icu_properties::props::{CanonicalCombiningClass, JoiningType, Script};

use crate::unicode::property;

const NON_JOINER: char = '\u{200C}';
const JOINER: char = '\u{200D}';

/// Whether a character is the zero-width joiner or non-joiner.
pub(super) const fn is_join_control(c: char) -> bool {
    matches!(c, NON_JOINER | JOINER)
}

/// Whether the characters around it allow the one at this place.
pub(super) fn allows(chars: &[char], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
    let after = chars.get(at + 1).copied();
    match chars.get(at) {
        Some(&NON_JOINER) => is_virama(before) || joins(chars, at),
        Some(&JOINER) => is_virama(before),
        // Middle dot: between two l, as in Catalan.
        Some('\u{B7}') => before == Some('l') && after == Some('l'),
        // Greek numeral sign.
        Some('\u{375}') => after.is_some_and(|c| property::<Script>(c) == Script::Greek),
        // Hebrew geresh and gershayim.
        Some('\u{5F3}' | '\u{5F4}') => before.is_some_and(|c| property::<Script>(c) == Script::Hebrew),
        // Katakana middle dot.
        Some('\u{30FB}') => chars.iter().any(|&c| is_japanese(c)),
        Some('\u{660}'..='\u{669}') => !chars.iter().any(|c| matches!(c, '\u{6F0}'..='\u{6F9}')),
        Some('\u{6F0}'..='\u{6F9}') => !chars.iter().any(|c| matches!(c, '\u{660}'..='\u{669}')),
        _ => false,
    }
}

fn is_virama(c: Option<char>) -> bool {
    c.is_some_and(|c| property::<CanonicalCombiningClass>(c) == CanonicalCombiningClass::Virama)
}

/// `(Joining_Type:{L,D})(Joining_Type:T)* ZWNJ (Joining_Type:T)*(Joining_Type:{R,D})`
fn joins(chars: &[char], at: usize) -> bool {
    let (before, after) = chars.split_at(at);
    let first = |mut joining: Box<dyn Iterator<Item = &char> + '_>| {
        joining
            .find_map(|&c| Some(property::<JoiningType>(c)).filter(|kind| *kind != JoiningType::Transparent))
    };
    matches!(first(Box::new(before.iter().rev())), Some(JoiningType::LeftJoining | JoiningType::DualJoining))
        && matches!(
            first(Box::new(after.iter().skip(1))),
            Some(JoiningType::RightJoining | JoiningType::DualJoining)
        )
}

fn is_japanese(c: char) -> bool {
    matches!(property(c), Script::Hiragana | Script::Katakana | Script::Han)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::is_identifier;

    #[rstest]
    #[case::non_joiner_between_joining_letters("می\u{200C}خواهم", true)]
    #[case::non_joiner_after_a_virama("क्\u{200C}ष", true)]
    #[case::non_joiner_between_latin_letters("a\u{200C}b", false)]
    #[case::non_joiner_at_the_end("می\u{200C}", false)]
    #[case::joiner_after_a_virama("क्\u{200D}ष", true)]
    #[case::joiner_elsewhere("a\u{200D}b", false)]
    #[case::middle_dot("col\u{B7}lega", true)]
    #[case::middle_dot_alone("a\u{B7}b", false)]
    #[case::greek_numeral_sign("\u{375}α", true)]
    #[case::greek_numeral_sign_before_latin("\u{375}a", false)]
    #[case::geresh("צ\u{5F3}", true)]
    #[case::geresh_after_latin("a\u{5F3}", false)]
    #[case::katakana_middle_dot("アダ・ラブレス", true)]
    #[case::katakana_middle_dot_between_latin("a・b", false)]
    #[case::arabic_indic_digits("ا٣٤", true)]
    #[case::both_kinds_of_digits("ا٣۴", false)]
    fn a_character_in_context(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(is_identifier(text), valid);
    }
}
