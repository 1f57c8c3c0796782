use std::fmt;

/// The 18 members of a user, by the names they have on the wire.
///
/// The mixture of camelCase and `snake_case` is the documented one. The order is that of the
/// documentation, and it is the order in which violations are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// `id`
    Id,
    /// `active`
    Active,
    /// `avatar`
    Avatar,
    /// `bio`
    Bio,
    /// `birthday`
    Birthday,
    /// `country`
    Country,
    /// `email`
    Email,
    /// `firstName`
    FirstName,
    /// `lastName`
    LastName,
    /// `last_seen`
    LastSeen,
    /// `last_typed`
    LastTyped,
    /// `location`
    Location,
    /// `organization`
    Organization,
    /// `phone`
    Phone,
    /// `regions`
    Regions,
    /// `title`
    Title,
    /// `twitter`
    Twitter,
    /// `username`
    Username,
}

impl Member {
    /// All 18, in the documented order.
    pub const ALL: [Self; 18] = [
        Self::Id,
        Self::Active,
        Self::Avatar,
        Self::Bio,
        Self::Birthday,
        Self::Country,
        Self::Email,
        Self::FirstName,
        Self::LastName,
        Self::LastSeen,
        Self::LastTyped,
        Self::Location,
        Self::Organization,
        Self::Phone,
        Self::Regions,
        Self::Title,
        Self::Twitter,
        Self::Username,
    ];

    /// The member's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Active => "active",
            Self::Avatar => "avatar",
            Self::Bio => "bio",
            Self::Birthday => "birthday",
            Self::Country => "country",
            Self::Email => "email",
            Self::FirstName => "firstName",
            Self::LastName => "lastName",
            Self::LastSeen => "last_seen",
            Self::LastTyped => "last_typed",
            Self::Location => "location",
            Self::Organization => "organization",
            Self::Phone => "phone",
            Self::Regions => "regions",
            Self::Title => "title",
            Self::Twitter => "twitter",
            Self::Username => "username",
        }
    }

    /// The member's name in Rust and in a database: as on the wire, but in `snake_case`.
    pub const fn column(self) -> &'static str {
        match self {
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            other => other.name(),
        }
    }

    /// The member that a name on the wire means; `first_name` and `last_name` are read as
    /// `firstName` and `lastName`.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "first_name" => Some(Self::FirstName),
            "last_name" => Some(Self::LastName),
            _ => Self::ALL.into_iter().find(|member| member.name() == name),
        }
    }

    /// The member whose name differs from this one by case, hyphens and underscores alone.
    pub fn like(name: &str) -> Option<Self> {
        let letters = |name: &str| {
            let letters = name.chars().filter(|c| !matches!(c, '-' | '_'));
            letters.map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>()
        };
        let wanted = letters(name);
        Self::ALL.into_iter().find(|member| letters(member.name()) == wanted)
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Member;

    #[test]
    fn every_member_is_found_by_its_name() {
        for member in Member::ALL {
            assert_eq!(Member::from_name(member.name()), Some(member));
        }
        assert_eq!(Member::from_name("first_name"), Some(Member::FirstName));
        assert_eq!(Member::from_name("last_name"), Some(Member::LastName));
        assert_eq!(Member::from_name("Email"), None);
    }

    #[test]
    fn all_lists_the_members_in_their_order() {
        assert!(Member::ALL.is_sorted());
    }
}
