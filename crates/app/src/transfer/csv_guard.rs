//! Values that a spreadsheet leaves as they are.
//!
//! A spreadsheet that opens CSV takes `007` for the number 7, `1-2` for a day, `Vero` for a truth value in Italian, and
//! `=HYPERLINK(…)` for a formula. So an apostrophe stands before each value that it could take for anything but a text. It
//! shows the apostrophe, and saves it again. A column whose name begins with one has such values.

use std::borrow::Cow;

/// What stands before a guarded value, and before the name of a column with such values.
pub const GUARD: char = '\'';

/// Words that spreadsheets take for truth values, in the languages in which they do.
const TRUTH_WORDS: [&str; 24] = [
    "true",
    "false",
    "wahr",
    "falsch",
    "vrai",
    "faux",
    "verdadero",
    "falso",
    "verdadeiro",
    "vero",
    "waar",
    "onwaar",
    "sant",
    "sann",
    "falskt",
    "usann",
    "sand",
    "falsk",
    "tosi",
    "epätosi",
    "prawda",
    "fałsz",
    "истина",
    "ложь",
];

/// The value with an apostrophe before it, if a spreadsheet could change it. The empty text gets one as well, since an
/// empty cell is null.
pub fn guarded(value: &str) -> Cow<'_, str> {
    if could_change(value) { Cow::Owned(format!("{GUARD}{value}")) } else { Cow::Borrowed(value) }
}

/// The value without its apostrophe; null for an empty cell, whether it is quoted or not.
pub fn unguarded(value: Option<String>) -> Option<String> {
    let value = value.filter(|value| !value.is_empty())?;
    Some(value.strip_prefix(GUARD).map_or_else(|| value.clone(), str::to_owned))
}

fn could_change(value: &str) -> bool {
    let Some(first) = value.chars().next() else { return true };
    let begins_as_text = first.is_alphabetic();
    !begins_as_text
        || value.chars().any(char::is_numeric)
        || TRUTH_WORDS.contains(&value.trim().to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{guarded, unguarded};

    #[rstest]
    #[case("")]
    #[case("007")]
    #[case("=1+1")]
    #[case("@ada")]
    #[case("+49 40 123")]
    #[case("-")]
    #[case("'quoted'")]
    #[case(" x")]
    #[case("1915-12-10")]
    #[case("Mar 5")]
    #[case("1e5")]
    #[case("٣")]
    #[case("TRUE")]
    #[case("Vero")]
    #[case("#N/A")]
    #[case("\u{feff}=1")]
    fn what_is_no_plain_text_is_guarded(#[case] value: &str) {
        assert_eq!(guarded(value), format!("'{value}"));
    }

    #[rstest]
    #[case("Ada")]
    #[case("O'Brien")]
    #[case("ada@example.org")]
    #[case("Ελένη, \"x\"\ny")]
    fn a_plain_text_is_not(#[case] value: &str) {
        assert_eq!(guarded(value), value);
    }

    #[test]
    fn an_empty_cell_is_null() {
        assert_eq!((unguarded(None), unguarded(Some(String::new()))), (None, None));
    }

    proptest! {
        #[test]
        fn every_value_comes_back(value in any::<String>()) {
            prop_assert_eq!(unguarded(Some(guarded(&value).into_owned())), Some(value));
        }
    }
}
