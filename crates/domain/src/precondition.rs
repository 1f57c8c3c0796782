use crate::Version;

/// What must hold of a user for an update to take effect (RFC 9110, section 13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Precondition {
    /// The user exists. No update can do without that.
    #[default]
    Exists,
    /// The user is in one of these versions; an empty list never holds.
    VersionIn(Vec<Version>),
}

impl Precondition {
    /// Whether a user in `version` meets the precondition.
    pub fn holds(&self, version: Version) -> bool {
        match self {
            Self::Exists => true,
            Self::VersionIn(versions) => versions.contains(&version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Precondition;
    use crate::Version;

    #[test]
    fn a_precondition_holds_for_its_versions_alone() {
        let (one, two) = (Version::from_stored(1), Version::from_stored(2));
        assert!(Precondition::Exists.holds(one));
        assert!(Precondition::VersionIn(vec![two, one]).holds(one));
        assert!(!Precondition::VersionIn(vec![two]).holds(one));
        assert!(!Precondition::VersionIn(vec![]).holds(one));
    }
}
