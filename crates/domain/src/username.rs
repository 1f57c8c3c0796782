use crate::BrokenRule;
use crate::text_value::text_value;

text_value! {
    /// The name that the user is known by.
    Username
}

impl Username {
    fn check(_text: &str) -> Result<(), BrokenRule> {
        Ok(())
    }
}

/// The form of a username in which two that look alike are equal; what must be unique.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UsernameKey(String);

impl UsernameKey {
    /// The key as text, to be kept and compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Username {
    /// The key under which the name is unique.
    pub fn key(&self) -> UsernameKey {
        UsernameKey(self.as_str().to_lowercase())
    }
}
