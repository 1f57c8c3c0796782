use icu_properties::CodePointSetData;
use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, HangulSyllableType, NoncharacterCodePoint,
};
use unicode_normalization::UnicodeNormalization;

use super::context;
use crate::unicode::property;

/// What a character may do in an identifier (RFC 8264, section 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It may stand anywhere.
    Valid,
    /// It may stand where the characters around it allow it.
    InContext,
    /// It may not stand in an identifier.
    Disallowed,
}

/// Whether every character of the text may stand where it stands.
pub(crate) fn is_identifier(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    chars.iter().enumerate().all(|(at, &c)| match use_of(c) {
        Use::Valid => true,
        Use::InContext => context::allows(&chars, at),
        Use::Disallowed => false,
    })
}

/// The algorithm of RFC 8264, section 8, in its order.
pub(super) fn use_of(c: char) -> Use {
    if let Some(exception) = exception(c) {
        return exception;
    }
    if c.is_ascii() {
        return if c.is_ascii_graphic() { Use::Valid } else { Use::Disallowed };
    }
    if context::is_join_control(c) {
        return Use::InContext;
    }
    if is_old_hangul_jamo(c) || is_ignorable(c) || has_compatibility_form(c) {
        return Use::Disallowed;
    }
    if is_letter_or_digit(c) { Use::Valid } else { Use::Disallowed }
}

/// The exceptions (F) of RFC 5892, section 2.6.
const fn exception(c: char) -> Option<Use> {
    match c {
        'ß' | 'ς' | '\u{6FD}' | '\u{6FE}' | '\u{F0B}' | '\u{3007}' => Some(Use::Valid),
        '\u{B7}'
        | '\u{375}'
        | '\u{5F3}'
        | '\u{5F4}'
        | '\u{30FB}'
        | '\u{660}'..='\u{669}'
        | '\u{6F0}'..='\u{6F9}' => Some(Use::InContext),
        '\u{640}' | '\u{7FA}' | '\u{302E}' | '\u{302F}' | '\u{3031}'..='\u{3035}' | '\u{303B}' => {
            Some(Use::Disallowed)
        }
        _ => None,
    }
}

/// `OldHangulJamo` (I) of RFC 8264, section 9.9.
fn is_old_hangul_jamo(c: char) -> bool {
    use HangulSyllableType as Jamo;
    matches!(property(c), Jamo::LeadingJamo | Jamo::VowelJamo | Jamo::TrailingJamo)
}

/// `PrecisIgnorableProperties` (M) of RFC 8264, section 9.13.
fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(c)
}

/// `HasCompat` (Q) of RFC 8264, section 9.17.
fn has_compatibility_form(c: char) -> bool {
    !std::iter::once(c).nfkc().eq([c])
}

/// `LetterDigits` (A) of RFC 8264, section 9.1.
fn is_letter_or_digit(c: char) -> bool {
    use GeneralCategory as Category;
    matches!(
        property(c),
        Category::LowercaseLetter
            | Category::UppercaseLetter
            | Category::OtherLetter
            | Category::DecimalNumber
            | Category::ModifierLetter
            | Category::NonspacingMark
            | Category::SpacingMark
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Use, is_identifier, use_of};

    #[rstest]
    #[case('a', Use::Valid)]
    #[case('~', Use::Valid)]
    #[case('é', Use::Valid)]
    #[case('李', Use::Valid)]
    #[case('\u{2B830}', Use::Valid)]
    #[case('\u{AB70}', Use::Valid)]
    #[case('\u{1E900}', Use::Valid)]
    #[case('٣', Use::InContext)]
    #[case('\u{200C}', Use::InContext)]
    #[case(' ', Use::Disallowed)]
    #[case('\u{7F}', Use::Disallowed)]
    #[case('\u{1100}', Use::Disallowed)]
    #[case('\u{640}', Use::Disallowed)]
    #[case('\u{AD}', Use::Disallowed)]
    #[case('ﬁ', Use::Disallowed)]
    #[case('♚', Use::Disallowed)]
    #[case('\u{FFFE}', Use::Disallowed)]
    #[case('\u{378}', Use::Disallowed)]
    #[case('\u{E000}', Use::Disallowed)]
    fn a_character_has_one_use(#[case] c: char, #[case] expected: Use) {
        assert_eq!(use_of(c), expected);
    }

    #[rstest]
    #[case("ada", true)]
    #[case("", true)]
    #[case("a b", false)]
    #[case("l\u{B7}l", true)]
    #[case("a\u{B7}l", false)]
    fn an_identifier_is_valid_in_each_character(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(is_identifier(text), valid);
    }

    /// What the older implementation accepts by itself is what Unicode 6.3 had; nothing of it is lost.
    #[test]
    fn what_was_valid_in_unicode_6_3_is_valid() {
        use precis_profiles::precis_core::{DerivedPropertyValue, IdentifierClass, StringClass};
        let class = IdentifierClass::default();
        let lost: Vec<char> = ('\0'..=char::MAX)
            .filter(|&c| {
                class.get_value_from_char(c) == DerivedPropertyValue::PValid && use_of(c) != Use::Valid
            })
            .collect();
        assert!(lost.is_empty(), "{lost:?}");
    }
}
