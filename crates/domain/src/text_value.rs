/// Defines the text behind a value object: a private field, `parse` in, `as_str` out.
///
/// The value object's own file brings the rule: `fn check(text: &str) -> Result<(), BrokenRule>`.
///
/// A short text (up to 24 bytes, as most are) stands in the value itself. A user is read by one thread and let go by another,
/// and each text that was allocated would cost both of them.
///
/// How `{:?}` shows the text is for [`personal_text`] or the value object to say.
macro_rules! text_value {
    ($(#[$attribute:meta])* $name:ident) => {
        $(#[$attribute])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
        pub struct $name(::compact_str::CompactString);

        impl $name {
            /// Takes the text as it is, or tells which rule it breaks.
            pub fn parse(text: impl Into<String>) -> Result<Self, $crate::BrokenRule> {
                let text = text.into();
                Self::check(&text)?;
                Ok(Self(text.into()))
            }

            /// Takes back a text, a `String` or a `CompactString`, that `parse` accepted when it was stored.
            ///
            /// The rule is not checked again: a rule that has since become stricter must not make
            /// a stored user unreadable.
            pub fn from_stored(text: impl Into<::compact_str::CompactString>) -> Self {
                Self(text.into())
            }

            /// The text, exactly as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, exactly as it was given.
            pub fn into_string(self) -> String {
                self.0.into()
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::BrokenRule;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl $crate::MemberValue for $name {
            fn read(text: String, _: ::chrono::DateTime<::chrono::Utc>) -> Result<Self, $crate::BrokenRule> {
                Self::parse(text)
            }

            fn text(&self) -> ::std::borrow::Cow<'_, str> {
                self.as_str().into()
            }

            fn restore(text: String) -> Option<Self> {
                Some(Self::from_stored(text))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Defines a [`text_value`] that tells something of a person: `{:?}` shows its length, not its text.
macro_rules! personal_text {
    ($(#[$attribute:meta])* $name:ident) => {
        $crate::text_value::text_value! { $(#[$attribute])* $name }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&$crate::redacted::Redacted(&self.0)).finish()
            }
        }
    };
}

pub(crate) use {personal_text, text_value};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::RuleCode;

    /// Any text at all, and texts of the characters that the rules are about.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9]{1,40}",
            "[A-Za-z]{2,3}",
            r#"[-a-z0-9@._+:/?#~ ()\[\]"\\%]{0,80}"#,
            "[+]?[0-9() ./-]{4,20}(x|ext|ext[.])?[0-9]{0,9}",
            "[a-z.]{1,70}@[a-z0-9.-]{1,70}",
            "https?://[a-z0-9.:@/-]{0,40}",
            r"\PC{0,300}",
        ]
    }

    /// The laws of every text value, whatever its rule.
    macro_rules! laws {
        ($($module:ident: $name:ident),*) => {$(
            mod $module {
                use super::*;
                use crate::$name;

                proptest! {
                    #[test]
                    fn what_is_accepted_comes_back_byte_for_byte(text in any_text()) {
                        if let Ok(value) = $name::parse(text.as_str()) {
                            prop_assert_eq!(value.as_str(), text.as_str());
                            prop_assert!(value == text.as_str() && value == *text.as_str());
                            prop_assert_eq!(AsRef::<str>::as_ref(&value), text.as_str());
                            prop_assert_eq!(value.to_string(), text.as_str());
                            prop_assert_eq!($name::from_stored(text.clone()), value.clone());
                            prop_assert_eq!(value.into_string(), text);
                        }
                    }

                    #[test]
                    fn what_is_accepted_is_short_enough_and_has_no_control_characters(text in any_text()) {
                        if $name::parse(text.as_str()).is_ok() {
                            prop_assert!(text.chars().count() as u64 <= $name::MAX_LENGTH);
                            prop_assert!(!text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')));
                        }
                    }
                }

                #[test]
                fn what_is_refused_is_not_repeated() {
                    let secret = "\u{7}hunter2";
                    let rule = $name::parse(secret).unwrap_err();
                    assert_eq!(rule.code(), RuleCode::ControlCharacter);
                    assert!(!format!("{rule} {rule:?}").contains("hunter2"));
                }
            }
        )*};
    }

    laws!(
        avatar: Avatar, bio: Bio, country: Country, email: Email, label: Label, location: Location,
        person_name: PersonName,
        phone: Phone, twitter: Twitter, user_id: UserId, username: Username
    );

    #[test]
    fn debug_tells_the_length_of_a_personal_text_and_an_id_in_full() {
        let email = crate::Email::parse("ada@example.org").unwrap();
        assert_eq!(format!("{email:?}"), "Email(15 characters)");
        let id = crate::UserId::parse("ada").unwrap();
        assert_eq!(format!("{id:?}"), r#"UserId("ada")"#);
    }

    proptest! {
        #[test]
        fn a_text_may_be_as_long_as_its_limit_and_no_longer(letter in "\\p{L}", over in 0..3_u64) {
            let of = |length: u64| letter.repeat(usize::try_from(length + over - 1).unwrap());
            prop_assert_eq!(crate::Bio::parse(of(crate::Bio::MAX_LENGTH)).is_ok(), over < 2);
            // Some letters cannot be seen: those that fill a place in a syllable.
            let label = crate::Label::parse(of(crate::Label::MAX_LENGTH)).map_err(|rule| rule.code());
            prop_assert!(label.is_ok() == (over < 2) || label == Err(RuleCode::Blank));
            let country = crate::Country::parse(of(crate::Country::MAX_LENGTH)).map_err(|rule| rule.code());
            prop_assert!(country.is_ok() == (over < 2) || country == Err(RuleCode::Blank));
            let name = crate::PersonName::parse(of(crate::PersonName::MAX_LENGTH)).map_err(|rule| rule.code());
            prop_assert!(name.is_ok() == (over < 2) || name == Err(RuleCode::Blank));
            let avatar = format!("/{}", of(crate::Avatar::MAX_LENGTH - 1));
            prop_assert_eq!(crate::Avatar::parse(avatar).is_ok(), over < 2);
        }
    }
}
