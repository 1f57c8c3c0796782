/// Defines the text behind a value object: a private field, `parse` in, `as_str` out.
///
/// The value object's own file brings the rule: `fn check(text: &str) -> Result<(), BrokenRule>`.
macro_rules! text_value {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is, or tells which rule it breaks.
            pub fn parse(text: impl Into<String>) -> Result<Self, $crate::BrokenRule> {
                let text = text.into();
                Self::check(&text)?;
                Ok(Self(text))
            }

            /// Takes back a text that `parse` accepted when it was stored.
            ///
            /// The rule is not checked again: a rule that has since become stricter must not make
            /// a stored user unreadable.
            pub const fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The text, exactly as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, exactly as it was given.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::BrokenRule;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
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

pub(crate) use text_value;
