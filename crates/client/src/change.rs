use std::fmt;

use serde::{Serialize, Serializer};

/// What an update does to one member of a user: nothing, clear it, or set it.
///
/// On the wire these are a member that is absent, one that is `null`, and one with a value. `Option` knows two of
/// the three; with `Change`, "not mentioned" cannot be mistaken for "cleared".
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Change<T> {
    /// Leave the member as it is.
    #[default]
    Keep,
    /// Make the member unset.
    Clear,
    /// Give the member this value.
    Set(T),
}

impl<T> Change<T> {
    /// Whether the member is left as it is.
    pub const fn is_keep(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

/// Tells what is done, not the value: what a log shows must not be of a person.
impl<T> fmt::Debug for Change<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keep => "Keep",
            Self::Clear => "Clear",
            Self::Set(_) => "Set(..)",
        })
    }
}

/// Writes the value or null; whoever writes an update leaves out what is kept.
impl<T: Serialize> Serialize for Change<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}
