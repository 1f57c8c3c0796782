use std::fmt;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::UsernameKey;
use crate::redacted::Redacted;

/// A text as it is searched for and found: texts that differ in case, width or composition alone are equal.
///
/// Keys are compared byte by byte. Small letters, wide and narrow forms, and the composed form (NFC) are Unicode's, without
/// regard to any language, and the same that make a [`UsernameKey`]. The two small forms of the Greek sigma are one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchKey(String);

impl SearchKey {
    /// The key of a text.
    pub fn of(text: &str) -> Self {
        let key = small(text);
        Self(if key.is_ascii() { key } else { key.replace(FINAL_SIGMA, "σ") })
    }

    /// Takes a key that a store has kept.
    pub const fn from_stored(key: String) -> Self {
        Self(key)
    }

    /// The key as text, to be stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as text, to be stored and compared.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl From<UsernameKey> for SearchKey {
    fn from(key: UsernameKey) -> Self {
        Self(key.as_str().to_owned())
    }
}

impl fmt::Debug for SearchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SearchKey").field(&Redacted(&self.0)).finish()
    }
}

/// How the small sigma is written at the end of a word. A capital one has no such form.
const FINAL_SIGMA: char = 'ς';

/// The text in small letters of usual width, composed.
pub(crate) fn small(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // Letter by letter: the letters behind a beginning must not change its form.
    composed(text.chars().flat_map(usual_width).flat_map(char::to_lowercase).collect())
}

/// The text in usual width, composed.
pub(crate) fn usual(text: &str) -> String {
    composed(text.chars().flat_map(usual_width).collect())
}

fn composed(text: String) -> String {
    if is_nfc_quick(text.chars()) == IsNormalized::Yes { text } else { text.nfc().collect() }
}

/// The character as it is in usual width (RFC 8264, section 5.2.1): those of other widths stand in a block of their own, but
/// for the wide space.
fn usual_width(c: char) -> impl Iterator<Item = char> {
    let other = matches!(c, '\u{3000}' | '\u{FF01}'..='\u{FFEE}');
    let mapped = other.then(|| std::iter::once(c).nfkc());
    let itself = (!other).then_some(c);
    mapped.into_iter().flatten().chain(itself)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::SearchKey;
    use crate::Username;

    #[rstest]
    #[case("Ada", "ada")]
    #[case("ÄRZTE", "ärzte")]
    #[case("ＡＤＡ\u{3000}Ｌ", "ada l")]
    #[case("ｱﾀﾞ", "アダ")]
    #[case("\u{212B}sa", "åsa")]
    #[case("Jose\u{301}", "josé")]
    #[case("ΟΔΥΣΣΕΥΣ", "οδυσσευσ")]
    #[case("οδυσσευς", "οδυσσευσ")]
    #[case("ﬁ②", "ﬁ②")]
    #[case("Straße", "straße")]
    fn a_key_is_small_of_usual_width_and_composed(#[case] text: &str, #[case] key: &str) {
        assert_eq!(SearchKey::of(text).as_str(), key);
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_the_key(text in "\\PC{0,6}|[a-zＡ-Ｚﾀﾞé\u{301}Σς]{0,8}") {
            let key = SearchKey::of(&text);
            prop_assert_eq!(SearchKey::of(key.as_str()), key);
        }

        #[test]
        fn a_username_is_searched_for_by_its_key(text in "[\\p{L}\\p{M}\\p{N}]{1,4}|[a-zA-ZＡ-Ｚé\u{301}ßΣς]{1,8}") {
            if let Ok(name) = Username::parse(text.as_str()) {
                prop_assert_eq!(SearchKey::from(name.key()), SearchKey::of(&text));
            }
        }
    }
}
