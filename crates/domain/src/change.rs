/// What an update does to one member of a user.
///
/// JSON tells three things apart where `Option` knows two: a member that is absent, one that is
/// `null`, and one that has a value. `Change` keeps all three, so that "not mentioned" can never
/// be mistaken for "cleared".
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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

    /// The value to be set, if there is one.
    pub const fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Turns the value with `parse`, which may refuse it.
    pub fn try_map<U, E>(self, parse: impl FnOnce(T) -> Result<U, E>) -> Result<Change<U>, E> {
        Ok(match self {
            Self::Keep => Change::Keep,
            Self::Clear => Change::Clear,
            Self::Set(value) => Change::Set(parse(value)?),
        })
    }

    /// Follows this change with a later one: what the later one mentions wins.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        if later.is_keep() { self } else { later }
    }
}

impl<T: PartialEq> Change<T> {
    /// Carries the change out on `member` and tells whether that made a difference.
    pub fn apply(self, member: &mut Option<T>) -> bool {
        let after = match self {
            Self::Keep => return false,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        };
        let changed = *member != after;
        if changed {
            *member = after;
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::Change;

    #[test]
    fn a_change_keeps_clears_or_sets() {
        let mut member = Some("a");
        assert!(!Change::Keep.apply(&mut member));
        assert_eq!(member, Some("a"));
        assert!(Change::Set("b").apply(&mut member));
        assert_eq!(member, Some("b"));
        assert!(Change::Clear.apply(&mut member));
        assert_eq!(member, None);
    }

    #[test]
    fn a_change_to_what_is_there_already_is_none() {
        assert!(!Change::Set("a").apply(&mut Some("a")));
        assert!(!Change::<&str>::Clear.apply(&mut None));
    }

    #[test]
    fn the_later_change_wins_where_it_says_something() {
        assert_eq!(Change::Set(1).then(Change::Keep), Change::Set(1));
        assert_eq!(Change::Set(1).then(Change::Clear), Change::Clear);
        assert_eq!(Change::Clear.then(Change::Set(2)), Change::Set(2));
    }
}
