use icu_properties::props::BidiClass as Class;

use crate::unicode::property;

/// Whether a text keeps the Bidi Rule (RFC 5893, section 2), which only a text with a right-to-left character can break.
pub(crate) fn keeps_bidi_rule(text: &str) -> bool {
    let classes: Vec<Class> = text.chars().map(property).collect();
    if !classes
        .iter()
        .any(|class| matches!(*class, Class::RightToLeft | Class::ArabicLetter | Class::ArabicNumber))
    {
        return true;
    }
    // Marks that take no room of their own may follow the last character in both directions (conditions 3 and 6).
    let last = classes.iter().rev().find(|class| **class != Class::NonspacingMark);
    let (Some(&first), Some(&last)) = (classes.first(), last) else { return false };
    let has = |wanted| classes.contains(&wanted);
    match first {
        // Conditions 2 to 4.
        Class::RightToLeft | Class::ArabicLetter => {
            classes.iter().all(|class| is_neutral(*class) || is_right_to_left(*class))
                && (is_right_to_left(last) || last == Class::EuropeanNumber)
                && !(has(Class::EuropeanNumber) && has(Class::ArabicNumber))
        }
        // Conditions 5 and 6.
        Class::LeftToRight => {
            classes.iter().all(|class| is_neutral(*class) || *class == Class::LeftToRight)
                && matches!(last, Class::LeftToRight | Class::EuropeanNumber)
        }
        // Condition 1.
        _ => false,
    }
}

fn is_right_to_left(class: Class) -> bool {
    matches!(class, Class::RightToLeft | Class::ArabicLetter | Class::ArabicNumber)
}

/// Whether characters of a class may stand in a text of either direction.
fn is_neutral(class: Class) -> bool {
    matches!(
        class,
        Class::EuropeanNumber
            | Class::EuropeanSeparator
            | Class::CommonSeparator
            | Class::EuropeanTerminator
            | Class::OtherNeutral
            | Class::BoundaryNeutral
            | Class::NonspacingMark
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::keeps_bidi_rule;

    #[rstest]
    #[case::no_right_to_left_at_all("1ada", true)]
    #[case::hebrew("עדה", true)]
    #[case::mark_in_the_middle("محمّد", true)]
    #[case::mark_in_hebrew("שלוֹם", true)]
    #[case::mark_at_the_end("אָ", true)]
    #[case::thaana("އަޙްމަދު", true)]
    #[case::digits_at_the_end("אב12", true)]
    #[case::arabic_digits_at_the_end("اب١٢", true)]
    #[case::neutral_in_the_middle("א-ב", true)]
    #[case::both_kinds_of_digits("ا1٢", false)]
    #[case::digit_first("1א", false)]
    #[case::mark_first("\u{5B0}א", false)]
    #[case::latin_then_hebrew("aא", false)]
    #[case::hebrew_then_latin("אa", false)]
    #[case::neutral_at_the_end("א-", false)]
    fn rule(#[case] text: &str, #[case] keeps: bool) {
        assert_eq!(keeps_bidi_rule(text), keeps);
    }
}
