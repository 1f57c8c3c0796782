use std::borrow::Cow;
use std::fmt;

use precis_profiles::precis_core::profile::PrecisFastInvocation;
use precis_profiles::{UsernameCaseMapped, UsernameCasePreserved};

use crate::redacted::Redacted;
use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// The name that the user is known by; unique by its [`key`](Self::key).
    ///
    /// At most [`MAX_LENGTH`](Self::MAX_LENGTH) characters that the profile `UsernameCasePreserved` accepts
    /// (RFC 8265, section 3.4): letters and digits of all scripts and the visible characters of ASCII, but
    /// no spaces, no symbols beyond ASCII, and no mixture of directions. The profile `UsernameCaseMapped`,
    /// which makes the key, must accept it too. The name is kept as it was sent, not as the profile would
    /// write it.
    Username
}

impl Username {
    /// The greatest length of what was sent, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 64;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        if text.is_empty() {
            return Err(BrokenRule::new(RuleCode::Blank, "must have at least one character"));
        }
        if is_plain(text) || (stable::<UsernameCasePreserved>(text).is_some() && case_mapped(text).is_some())
        {
            return Ok(());
        }
        let detail = "must be letters, digits and ASCII punctuation without spaces, as in RFC 8265";
        Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
    }

    /// The key under which the name is unique: what `UsernameCaseMapped` makes of it (RFC 8265, section 3.3).
    ///
    /// `Ada`, `ada` and `ＡＤＡ` have the same key. It may have more characters than the name: `İ` becomes
    /// two. A name that was stored under an older rule and that the profile now refuses is put in lower
    /// case instead, so that it still has a key, and always the same one.
    pub fn key(&self) -> UsernameKey {
        let text = self.as_str();
        let key = if is_plain(text) {
            text.to_ascii_lowercase()
        } else {
            case_mapped(text).unwrap_or_else(|| text.to_lowercase())
        };
        UsernameKey(key)
    }
}

/// The form of a username in which names that differ in case or width alone are equal; what must be unique.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UsernameKey(String);

impl UsernameKey {
    /// The key as text, to be kept and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for UsernameKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UsernameKey").field(&Redacted(&self.0)).finish()
    }
}

/// Whether the text is of visible ASCII alone, which both profiles take as it is (RFC 8264, section 9.11).
///
/// Most names are, and asking the profiles costs a hundred times as much.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn case_mapped(text: &str) -> Option<String> {
    // The profile knows the letters of Unicode 6.3, while it maps case by the standard library's newer
    // tables: the small letters of Cherokee came in between, so that it refuses the form that it gave
    // itself. No name can be sent in that form, so it is as good a key as any.
    stable::<UsernameCaseMapped>(text).or_else(|| UsernameCaseMapped::enforce(text).ok().map(Cow::into_owned))
}

/// Applies a profile until it changes nothing more, as RFC 8264, section 7, asks: once, and up to three
/// times again.
///
/// A profile need not be done after the first time, and a key that changes when it is made again would be
/// no key.
fn stable<Profile: PrecisFastInvocation>(text: &str) -> Option<String> {
    const APPLICATIONS: usize = 4;
    let mut form = text.to_owned();
    for _ in 0..APPLICATIONS {
        let next = Profile::enforce(form.as_str()).ok()?;
        if next == form {
            return Some(form);
        }
        form = next.into_owned();
    }
    None
}

#[cfg(test)]
mod tests {
    use precis_profiles::precis_core::profile::PrecisFastInvocation;
    use precis_profiles::{UsernameCaseMapped, UsernameCasePreserved};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Username, is_plain};
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
    #[case(&"A".repeat(64))]
    #[case(&"é".repeat(64))]
    fn accepts_and_keeps_as_sent(#[case] text: &str) {
        assert_eq!(Username::parse(text).map(Username::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"a".repeat(65), RuleCode::TooLong)]
    #[case(&"é".repeat(65), RuleCode::TooLong)]
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
    fn the_profiles_take_every_plain_character_as_it_is() {
        for c in (0..=0x7F).map(char::from) {
            let text = format!("a{c}b");
            let preserved = UsernameCasePreserved::enforce(text.as_str()).ok();
            assert_eq!(preserved.as_deref(), is_plain(&text).then_some(text.as_str()), "{c:?}");
            let mapped = UsernameCaseMapped::enforce(text.as_str()).ok();
            assert_eq!(
                mapped.as_deref(),
                is_plain(&text).then_some(text.to_ascii_lowercase().as_str()),
                "{c:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_the_key(text in LETTERS) {
            if let Ok(name) = Username::parse(text.as_str()) {
                let key = name.key();
                if let Ok(again) = Username::parse(key.as_str()) {
                    prop_assert_eq!(again.key(), key);
                }
            }
        }

        #[test]
        fn a_name_has_the_key_of_its_preserved_form(text in LETTERS) {
            if let Ok(name) = Username::parse(text.as_str()) {
                let preserved = UsernameCasePreserved::enforce(text.as_str()).unwrap().into_owned();
                prop_assert_eq!(name.key(), Username::from_stored(preserved).key());
            }
        }

        #[test]
        fn a_stored_name_always_has_a_key(text in any::<String>()) {
            let name = Username::from_stored(text);
            prop_assert_eq!(name.key(), name.key());
        }
    }
}
