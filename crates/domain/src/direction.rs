use crate::{BrokenRule, RuleCode};

/// In which order of their ids users are listed.
///
/// Ids are compared byte by byte, on every store and in every language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest id first: `asc`.
    #[default]
    Ascending,
    /// The greatest id first: `desc`.
    Descending,
}

impl Direction {
    /// Both, the usual one first.
    pub const ALL: [Self; 2] = [Self::Ascending, Self::Descending];

    /// Reads the direction's name, in any case.
    pub fn parse(text: &str) -> Result<Self, BrokenRule> {
        let found = Self::ALL.into_iter().find(|direction| direction.as_str().eq_ignore_ascii_case(text));
        found.ok_or_else(|| BrokenRule::new(RuleCode::InvalidFormat, "must be asc or desc"))
    }

    /// The direction's name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Direction;
    use crate::RuleCode;

    #[test]
    fn a_direction_is_read_as_it_is_written() {
        for direction in Direction::ALL {
            assert_eq!(Direction::parse(direction.as_str()), Ok(direction));
        }
        assert_eq!(Direction::default().as_str(), "asc");
    }

    #[rstest]
    #[case("")]
    #[case("ascending")]
    #[case("ascending")]
    #[case(" desc")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert_eq!(Direction::parse(text).unwrap_err().code(), RuleCode::InvalidFormat);
    }
}
