/// Which state of a user this is: greater for every later one, and never used twice for one id.
///
/// The first version of a user is the instant of its creation in microseconds since 1970, and each
/// change adds one. A user that is deleted and made anew therefore never meets a version of its
/// former life (it would take a million changes a second, kept up), and an entity tag made from the version
/// stays a strong validator (RFC 9110, section 8.8.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(i64);

impl Version {
    /// A version read back from where it was kept.
    pub const fn from_stored(number: i64) -> Self {
        Self(number)
    }

    /// The version as a number, to be kept.
    pub const fn number(self) -> i64 {
        self.0
    }

    /// The version after one more change.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
