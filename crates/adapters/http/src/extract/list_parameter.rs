/// The parameters of the list, by the names they have on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListParameter {
    /// `limit`
    Limit,
    /// `cursor`
    Cursor,
    /// `order_direction`
    OrderDirection,
    /// `offset`
    Offset,
    /// `include_total`
    IncludeTotal,
    /// `username`
    Username,
    /// `email`
    Email,
    /// `organization`
    Organization,
    /// `country`
    Country,
    /// `active`
    Active,
}

impl ListParameter {
    /// All of them, in the order in which they are documented and what is wrong with them is told.
    pub const ALL: [Self; 10] = [
        Self::Limit,
        Self::Cursor,
        Self::OrderDirection,
        Self::Offset,
        Self::IncludeTotal,
        Self::Username,
        Self::Email,
        Self::Organization,
        Self::Country,
        Self::Active,
    ];

    /// The parameter's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Cursor => "cursor",
            Self::OrderDirection => "order_direction",
            Self::Offset => "offset",
            Self::IncludeTotal => "include_total",
            Self::Username => "username",
            Self::Email => "email",
            Self::Organization => "organization",
            Self::Country => "country",
            Self::Active => "active",
        }
    }

    /// The parameter with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|parameter| parameter.name() == name)
    }

    /// Whether the value is a text; otherwise it is a number or a truth value.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Limit | Self::Offset | Self::IncludeTotal | Self::Active)
    }
}

#[cfg(test)]
mod tests {
    use super::ListParameter;

    #[test]
    fn every_parameter_is_found_by_its_name() {
        for parameter in ListParameter::ALL {
            assert_eq!(ListParameter::from_name(parameter.name()), Some(parameter));
        }
        assert_eq!(ListParameter::from_name("Limit"), None);
        assert!(ListParameter::ALL.is_sorted());
    }
}
