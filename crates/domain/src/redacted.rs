use std::fmt;

/// Stands for a personal text where a program prints its values: tells its length alone.
///
/// Whoever writes `{:?}` into a log does not think of personal data; the types do it for them.
pub(crate) struct Redacted<'a>(pub(crate) &'a str);

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} characters", self.0.chars().count())
    }
}
