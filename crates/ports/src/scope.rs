use std::fmt;
use std::str::FromStr;

/// One thing that a token may allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read users: `users:read`.
    Read,
    /// Create and update users: `users:write`.
    Write,
    /// Delete users: `users:delete`.
    Delete,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Delete];

    /// The scope's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "users:read",
            Self::Write => "users:write",
            Self::Delete => "users:delete",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of scopes, written as their names with a comma between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    /// Whether the set has `scope`.
    pub const fn allow(self, scope: Scope) -> bool {
        self.0 & (1 << scope as u8) != 0
    }

    /// The scopes of the set, in the order of [`Scope::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.allow(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |set, scope| set | (1 << scope as u8)))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

/// A name that is no scope's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no scope; the scopes are users:read, users:write and users:delete")]
pub struct UnknownScope(String);

impl FromStr for Scopes {
    type Err = UnknownScope;

    /// Reads names with commas between; at least one.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .map(|name| {
                let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == name);
                found.ok_or_else(|| UnknownScope(name.to_owned()))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Scope, Scopes};

    #[test]
    fn scopes_are_read_as_they_are_written() {
        assert_eq!(
            "users:write, users:read".parse::<Scopes>().unwrap().to_string(),
            "users:read,users:write"
        );
        assert_eq!(Scopes::all().to_string().parse(), Ok(Scopes::all()));
        assert!("".parse::<Scopes>().is_err());
        assert!("users:read,users:admin".parse::<Scopes>().unwrap_err().to_string().contains("users:admin"));
    }

    #[test]
    fn a_set_allows_what_it_has_and_no_more() {
        let set: Scopes = [Scope::Read, Scope::Delete].into_iter().collect();
        assert!(set.allow(Scope::Read) && set.allow(Scope::Delete));
        assert!(!set.allow(Scope::Write));
    }
}
