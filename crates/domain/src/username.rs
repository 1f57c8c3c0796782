use std::fmt;

use crate::redacted::Redacted;
use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, SearchKey, precis, search_key, text};

personal_text! {
    /// The name that the user is known by; unique by its [`key`](Self::key).
    ///
    /// At most [`MAX_LENGTH`](Self::MAX_LENGTH) characters that the profile `UsernameCasePreserved` accepts (RFC 8265,
    /// section 3.4): letters and digits of all scripts and the visible characters of ASCII, but no spaces, no symbols beyond
    /// ASCII, and no mixture of directions. Its form in small letters, from which the key is made, must be accepted too. The
    /// name is stored as it was sent, not as the profile would write it.
    ///
    /// The RFC judges a text before it is composed, and so rejects letters that Unicode itself writes in two parts or in
    /// another form (`\u{9DF}` of Bengali, Hangul in jamo, `\u{FA10}`). Here the composed form is judged.
    Username
}

impl Username {
    /// The greatest length of what was sent, in Unicode scalar values: that of an email address, which many systems use as
    /// the name.
    pub const MAX_LENGTH: u64 = 254;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        if text.is_empty() {
            return Err(BrokenRule::new(RuleCode::Blank, "must have at least one character"));
        }
        if is_plain(text)
            || [search_key::usual(text), search_key::small(text)].iter().all(|form| is_name(form))
        {
            return Ok(());
        }
        let detail = "must be letters, digits and ASCII punctuation without spaces, as in RFC 8265";
        Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
    }

    /// The key under which the name is unique: its form in small letters of usual width, composed, as
    /// `UsernameCaseMapped` makes it (RFC 8265, section 3.3).
    ///
    /// `Ada`, `ada` and `ＡＤＡ` have the same key. So have `ΝΊΚΟΣ`, `νίκος` and `νίκοσ`: the final form of the sigma is
    /// folded, which the profile does not do. The key may have more characters than the name: `İ` becomes two. A name that
    /// was stored under an older rule has a key too, and always the same one.
    pub fn key(&self) -> UsernameKey {
        UsernameKey(SearchKey::of(self.as_str()).into_string())
    }
}

/// The form of a username in which names that differ in case or width alone are equal; what must be unique.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UsernameKey(String);

impl UsernameKey {
    /// The key as text, to be stored and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UsernameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UsernameKey").field(&Redacted(&self.0)).finish()
    }
}

/// Whether the text is of visible ASCII alone, which the profiles take as it is (RFC 8264, section 9.11).
///
/// Most names are, and to judge each character costs a hundred times as much.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a composed text is an identifier of PRECIS in one direction.
fn is_name(text: &str) -> bool {
    precis::is_identifier(text) && precis::keeps_bidi_rule(text)
}

#[cfg(test)]
mod tests {
    use precis_profiles::precis_core::profile::PrecisFastInvocation;
    use precis_profiles::{UsernameCaseMapped, UsernameCasePreserved};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Username, is_name, is_plain};
    use crate::RuleCode;

    /// Letters, marks and digits of all scripts; and those that are mapped, composed or decomposed.
    const LETTERS: &str = "[\\p{L}\\p{M}\\p{N}]{1,4}|[a-zA-ZＡ-Ｚé\u{301}\u{308}\u{345}ßΣς]{1,8}";

    fn key(name: &str) -> String {
        Username::parse(name).unwrap().key().as_str().to_owned()
    }

    #[rstest]
    #[case("a")]
    #[case("Ada.Lovelace_1815")]
    #[case("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")]
    #[case("ＡＤＡ")]
    #[case("Straße")]
    #[case("José")]
    #[case("Jose\u{301}")]
    #[case("アダ・ラブレス")]
    #[case("עדה")]
    #[case("ᎠᏓ")]
    #[case("ꭰꮣ")]
    #[case("محمّد")]
    #[case("سيّد")]
    #[case("اُردو")]
    #[case("שלוֹם")]
    #[case("އަޙްމަދު")]
    #[case("李𫰠")]
    #[case("𞤀𞤣𞤢")]
    #[case("জ\u{9DF}")]
    #[case("जिन\u{95B}गी")]
    #[case("\u{1112}\u{1161}\u{11AB}")]
    #[case("\u{FA10}本")]
    #[case("\u{212B}sa")]
    #[case(&format!("{}@example.org", "a".repeat(59)))]
    #[case(&"A".repeat(254))]
    #[case(&"é".repeat(254))]
    fn accepts_and_keeps_as_sent(#[case] text: &str) {
        assert_eq!(Username::parse(text).map(Username::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"a".repeat(255), RuleCode::TooLong)]
    #[case(&"é".repeat(255), RuleCode::TooLong)]
    #[case("", RuleCode::Blank)]
    #[case("ada\0", RuleCode::ControlCharacter)]
    #[case(" ", RuleCode::InvalidFormat)]
    #[case("ada lovelace", RuleCode::InvalidFormat)]
    #[case("ada\u{A0}", RuleCode::InvalidFormat)]
    #[case("ada\u{200B}", RuleCode::InvalidFormat)]
    #[case("ad\u{200D}a", RuleCode::InvalidFormat)]
    #[case("ad\u{AD}a", RuleCode::InvalidFormat)]
    #[case("♚", RuleCode::InvalidFormat)]
    #[case("🙂", RuleCode::InvalidFormat)]
    #[case("ﬁ", RuleCode::InvalidFormat)]
    #[case("Ⅳ", RuleCode::InvalidFormat)]
    #[case("aא", RuleCode::InvalidFormat)]
    #[case("1א", RuleCode::InvalidFormat)]
    #[case("Α\u{313}\u{345}", RuleCode::InvalidFormat)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Username::parse(text).unwrap_err().code(), code);
    }

    #[rstest]
    #[case(&["Ada", "ada", "ADA", "ＡＤＡ", "ａｄａ"], "ada")]
    #[case(&["José", "JOSE\u{301}", "jose\u{301}"], "josé")]
    #[case(&["ÅSA", "Åsa", "A\u{30A}sa"], "åsa")]
    #[case(&["ᎠᏓ"], "ꭰꮣ")]
    #[case(&["İ"], "i\u{307}")]
    #[case(&["ΝΊΚΟΣ", "νίκος", "νίκοσ", "Νίκος"], "νίκοσ")]
    #[case(&["জয\u{9BC}", "জ\u{9DF}"], "জয\u{9BC}")]
    #[case(&["\u{1112}\u{1161}\u{11AB}", "한"], "한")]
    #[case(&["\u{FA10}", "塚"], "塚")]
    #[case(&["\u{212B}sa", "Åsa"], "åsa")]
    #[case(&["𞤀", "𞤢"], "𞤢")]
    fn names_that_differ_in_case_or_width_have_one_key(#[case] names: &[&str], #[case] expected: &str) {
        for name in names {
            assert_eq!(key(name), expected, "{name}");
        }
    }

    #[test]
    fn other_names_have_other_keys() {
        assert_ne!(key("Straße"), key("STRASSE"));
        assert_ne!(key("ada"), key("аda"), "the second begins with a Cyrillic letter");
    }

    #[test]
    fn a_stored_name_that_is_no_longer_accepted_has_a_key() {
        assert_eq!(Username::from_stored("ADA ♚".to_owned()).key().as_str(), "ada ♚");
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", Username::parse("Ada").unwrap().key()), "UsernameKey(3 characters)");
    }

    #[test]
    fn plain_characters_are_judged_as_the_profile_judges_them() {
        for c in (0..=0x7F).map(char::from) {
            let text = format!("a{c}b");
            assert_eq!(is_plain(&text), is_name(&text), "{c:?}");
            let preserved = UsernameCasePreserved::enforce(text.as_str()).ok();
            assert_eq!(preserved.as_deref(), is_plain(&text).then_some(text.as_str()), "{c:?}");
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_the_key(text in LETTERS) {
            if let Ok(name) = Username::parse(text.as_str()) {
                let key = name.key();
                let again = Username::parse(key.as_str());
                prop_assert_eq!(again.map(|name| name.key()), Ok(key));
            }
        }

        /// Another implementation of RFC 8265, which knows the letters of Unicode 6.3: what it accepts is accepted, and has
        /// the key that it makes, but for the final sigma.
        #[test]
        fn what_the_profiles_of_unicode_6_3_accept_is_accepted(text in LETTERS) {
            let preserved = UsernameCasePreserved::enforce(text.as_str());
            let mapped = UsernameCaseMapped::enforce(text.as_str());
            if let (Ok(preserved), Ok(mapped)) = (preserved, mapped) {
                let name = Username::parse(text.as_str());
                prop_assert!(name.is_ok());
                let key = name.unwrap().key();
                prop_assert_eq!(key.as_str(), mapped.replace('ς', "σ"));
                prop_assert_eq!(Username::from_stored(preserved.into_owned()).key(), key);
            }
        }

        #[test]
        fn a_stored_name_always_has_a_key(text in any::<String>()) {
            let name = Username::from_stored(text);
            prop_assert_eq!(name.key(), name.key());
        }
    }
}
