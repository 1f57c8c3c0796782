/// The parameters of the list, the count and the search, by the names they have on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListParameter {
    /// `query`
    Query,
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
    /// `include_etags`
    IncludeEtags,
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
    /// Those of the list, in the order in which they are documented and what is wrong with them is told.
    pub const OF_LIST: [Self; 11] = [
        Self::Limit,
        Self::Cursor,
        Self::OrderDirection,
        Self::Offset,
        Self::IncludeTotal,
        Self::IncludeEtags,
        Self::Username,
        Self::Email,
        Self::Organization,
        Self::Country,
        Self::Active,
    ];
    /// Those of the count: the filters of the list.
    pub const OF_COUNT: [Self; 5] =
        [Self::Username, Self::Email, Self::Organization, Self::Country, Self::Active];
    /// Those of the search.
    pub const OF_SEARCH: [Self; 4] = [Self::Query, Self::Limit, Self::Cursor, Self::IncludeEtags];

    /// The parameter's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Limit => "limit",
            Self::Cursor => "cursor",
            Self::OrderDirection => "order_direction",
            Self::Offset => "offset",
            Self::IncludeTotal => "include_total",
            Self::IncludeEtags => "include_etags",
            Self::Username => "username",
            Self::Email => "email",
            Self::Organization => "organization",
            Self::Country => "country",
            Self::Active => "active",
        }
    }

    /// The one of these parameters that has this name.
    pub fn among(these: &[Self], name: &str) -> Option<Self> {
        these.iter().copied().find(|parameter| parameter.name() == name)
    }

    /// Whether the value is a text; otherwise it is a number or a truth value.
    pub const fn is_text(self) -> bool {
        !matches!(self, Self::Limit | Self::Offset | Self::IncludeTotal | Self::IncludeEtags | Self::Active)
    }
}

#[cfg(test)]
mod tests {
    use super::ListParameter;

    #[test]
    fn every_parameter_is_found_by_its_name() {
        for these in [&ListParameter::OF_LIST[..], &ListParameter::OF_COUNT, &ListParameter::OF_SEARCH] {
            assert!(these.iter().all(|it| ListParameter::among(these, it.name()) == Some(*it)));
            assert!(these.is_sorted());
            assert_eq!(ListParameter::among(these, "Limit"), None);
        }
        assert_eq!(ListParameter::among(&ListParameter::OF_LIST, "query"), None);
    }
}
