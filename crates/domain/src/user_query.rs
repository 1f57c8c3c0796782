use crate::{
    Country, Direction, Email, Label, PageBounds, Profile, SearchKey, User, UserId, Username, UsernameKey,
};

/// Which users somebody wants to see: those that are as every value given here says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserFilter {
    /// The user whose username has this key; there is one at most.
    pub username: Option<UsernameKey>,
    /// Users whose email address has this key: a filter by address minds no case (RFC 5321, section 2.4, tells why).
    pub email: Option<SearchKey>,
    /// Users with exactly this organization.
    pub organization: Option<Label>,
    /// Users with exactly this country: `DE` is not `de`.
    pub country: Option<Country>,
    /// Users that are active, or that are not.
    pub active: Option<bool>,
}

impl UserFilter {
    /// Whether a user is as the filter says: what it means on every store.
    pub fn fits(&self, user: &User) -> bool {
        let Self { username, email, organization, country, active } = self;
        let profile: &Profile = user.profile();
        is_wanted(username.as_ref(), profile.username.as_ref().map(Username::key).as_ref())
            && is_wanted(email.as_ref(), profile.email.as_ref().map(Email::key).as_ref())
            && is_wanted(organization.as_ref(), profile.organization.as_ref())
            && is_wanted(country.as_ref(), profile.country.as_ref())
            && is_wanted(active.as_ref(), Some(&profile.active))
    }
}

fn is_wanted<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
    wanted.is_none() || wanted == found
}

/// A page of the list of users, as somebody wants to see it.
///
/// Whoever asks for the next page gives the last user of this one as `after`: no user is then missed or seen twice,
/// whatever is created, changed or deleted in the meantime.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserQuery {
    /// Which users are listed.
    pub filter: UserFilter,
    /// In which order.
    pub direction: Direction,
    /// The id behind which the page begins, whether there is a user with it or not; at the beginning where it is
    /// `None`.
    pub after: Option<UserId>,
    /// How many users the page has, and how many are left out before its first.
    pub bounds: PageBounds,
}

impl UserQuery {
    /// How many users a page may leave out before it counts as a read that [visits many](Self::visits_many).
    pub const FEW: i64 = 1_000;

    /// Whether the store visits very many users for the page: those that its offset leaves out.
    pub const fn visits_many(&self) -> bool {
        self.bounds.offset() > Self::FEW
    }

    /// Whether a user stands behind the place where the query begins.
    pub fn is_behind_start(&self, id: &UserId) -> bool {
        self.after.as_ref().is_none_or(|after| match self.direction {
            Direction::Ascending => id.as_str() > after.as_str(),
            Direction::Descending => id.as_str() < after.as_str(),
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::{UserFilter, UserQuery};
    use crate::{Country, Direction, Email, Label, Profile, User, UserId, Username};

    fn ada() -> User {
        let profile = Profile {
            username: Some(Username::parse("Ada").unwrap()),
            email: Some(Email::parse("ada@example.org").unwrap()),
            organization: Some(Label::parse("").unwrap()),
            country: Some(Country::parse("GB").unwrap()),
            ..Profile::default()
        };
        User::create(UserId::parse("m").unwrap(), profile, DateTime::UNIX_EPOCH)
    }

    fn name(text: &str) -> UserFilter {
        UserFilter { username: Some(Username::parse(text).unwrap().key()), ..UserFilter::default() }
    }

    fn email(text: &str) -> UserFilter {
        UserFilter { email: Some(Email::parse(text).unwrap().key()), ..UserFilter::default() }
    }

    fn organization(text: &str) -> UserFilter {
        UserFilter { organization: Some(Label::parse(text).unwrap()), ..UserFilter::default() }
    }

    fn country(text: &str) -> UserFilter {
        UserFilter { country: Some(Country::parse(text).unwrap()), ..UserFilter::default() }
    }

    fn active(active: bool) -> UserFilter {
        UserFilter { active: Some(active), ..UserFilter::default() }
    }

    #[rstest]
    #[case::nothing_asked(UserFilter::default(), true)]
    #[case::name_in_another_form(name("ＡＤＡ"), true)]
    #[case::other_name(name("grace"), false)]
    #[case::email(email("ada@example.org"), true)]
    #[case::email_in_another_case(email("Ada@Example.org"), true)]
    #[case::other_email(email("ada@example.com"), false)]
    #[case::empty_organization(organization(""), true)]
    #[case::other_organization(organization("Acme"), false)]
    #[case::country(country("GB"), true)]
    #[case::country_in_another_case(country("gb"), false)]
    #[case::active(active(true), true)]
    #[case::inactive(active(false), false)]
    #[case::all_of_it(UserFilter { active: Some(true), ..country("GB") }, true)]
    #[case::not_all_of_it(UserFilter { active: Some(false), ..country("GB") }, false)]
    fn a_filter_fits_what_is_as_it_says(#[case] filter: UserFilter, #[case] fits: bool) {
        assert_eq!(filter.fits(&ada()), fits);
    }

    #[test]
    fn what_is_unset_fits_no_text() {
        let bare = User::create(UserId::parse("b").unwrap(), Profile::default(), DateTime::UNIX_EPOCH);
        for filter in [name("b"), email("b@c"), organization(""), country("")] {
            assert!(!filter.fits(&bare), "{filter:?}");
        }
    }

    #[rstest]
    #[case(Direction::Ascending, ["m.", "n", "~"], ["m", "M", "a", "l~"])]
    #[case(Direction::Descending, ["M", "a", "l~"], ["m", "m.", "n"])]
    fn the_page_begins_behind_the_id(
        #[case] direction: Direction,
        #[case] behind: [&str; 3],
        #[case] before: impl IntoIterator<Item = &'static str>,
    ) {
        let query = UserQuery { direction, after: Some(UserId::parse("m").unwrap()), ..UserQuery::default() };
        let id = |text: &str| UserId::parse(text).unwrap();
        assert!(behind.into_iter().all(|text| query.is_behind_start(&id(text))));
        assert!(!before.into_iter().any(|text| query.is_behind_start(&id(text))));
        assert!(UserQuery { after: None, ..query }.is_behind_start(&id("a")));
    }
}
