use crate::{BrokenRule, Email, PageBounds, RuleCode, SearchKey, User, UserId, Username, text};

/// How many keys a user can have: one for each member that is searched.
const KEYS: usize = 5;

/// What somebody types to find a user: the beginning of a username, a name, an email address or an organization.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchPrefix(SearchKey);

impl SearchPrefix {
    /// The most characters of a prefix.
    pub const MAX_LENGTH: u64 = 255;

    /// Takes a text of 1 to 255 characters, none of which is a control character.
    pub fn parse(text: &str) -> Result<Self, BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        if text.is_empty() {
            return Err(BrokenRule::new(RuleCode::Blank, "must not be empty"));
        }
        Ok(Self(SearchKey::of(text)))
    }

    /// The keys that begin with the prefix.
    pub fn range(&self) -> KeyRange {
        KeyRange::of(&self.0)
    }
}

/// All keys that begin with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// The least of them.
    pub start: SearchKey,
    /// Every one of them is less than this; `None` where there is no greater text.
    pub end: Option<SearchKey>,
}

impl KeyRange {
    fn of(start: &SearchKey) -> Self {
        Self { start: start.clone(), end: end(start) }
    }

    /// Whether the key is one of them.
    pub fn contains(&self, key: &SearchKey) -> bool {
        *key >= self.start && self.end.as_ref().is_none_or(|end| key < end)
    }
}

/// The least text behind all that begin with `start`.
fn end(start: &SearchKey) -> Option<SearchKey> {
    let mut end: Vec<char> = start.as_str().chars().collect();
    while let Some(last) = end.pop() {
        if let Some(next) = next_char(last) {
            end.push(next);
            return Some(SearchKey::from_stored(end.into_iter().collect()));
        }
    }
    None
}

/// The next character in the order of code points, which is that of the bytes of UTF-8.
fn next_char(c: char) -> Option<char> {
    let after = u32::from(c) + 1;
    // The code points in between are surrogates, which are no characters.
    char::from_u32(if after == 0xD800 { 0xE000 } else { after })
}

/// Where a user stands among those that a search finds: by the least of its keys that begin with the prefix, and by its id
/// where users have the same key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchPlace {
    /// The key by which the user is found.
    pub key: SearchKey,
    /// The user.
    pub id: UserId,
}

/// A page of the users that are found by a prefix.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SearchQuery {
    /// What they are found by.
    pub prefix: SearchPrefix,
    /// The place behind which the page begins, whether there is a user at it or not; at the beginning where it is `None`.
    pub after: Option<SearchPlace>,
    /// How many users the page has; nothing is left out before its first.
    pub limit: PageBounds,
}

impl SearchQuery {
    /// Where the user stands among those that the query finds; `None` where it is not found, or stands before the page.
    ///
    /// This is what a search means on every store.
    pub fn place_of(&self, user: &User) -> Option<SearchPlace> {
        let range = self.prefix.range();
        let key = user.search_keys().into_iter().flatten().filter(|key| range.contains(key)).min()?;
        let place = SearchPlace { key, id: user.id().clone() };
        self.after.as_ref().is_none_or(|after| place > *after).then_some(place)
    }
}

impl User {
    /// The keys by which the user can be found: those of the username, the first and the last name, the email address and
    /// the organization.
    pub fn search_keys(&self) -> [Option<SearchKey>; KEYS] {
        let profile = self.profile();
        let username = profile.username.as_ref().map(Username::key);
        let of = SearchKey::of;
        [
            username.map(SearchKey::from),
            profile.first_name.as_ref().map(|name| of(name.as_str())),
            profile.last_name.as_ref().map(|name| of(name.as_str())),
            profile.email.as_ref().map(Email::key),
            profile.organization.as_ref().map(|organization| of(organization.as_str())),
        ]
    }
}

/// Some of the users that a search finds, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchPage {
    /// The users, at most as many as the query's limit.
    pub users: Vec<User>,
    /// The place of the last of them where there are more behind it.
    pub next: Option<SearchPlace>,
}

impl SearchPage {
    /// Makes a page of the first users that a query finds, of which there may be one more than the page can have.
    pub fn of(mut found: Vec<(SearchPlace, User)>, bounds: PageBounds) -> Self {
        let limit = usize::try_from(bounds.limit()).unwrap_or(usize::MAX);
        let has_more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| has_more).map(|(place, _)| place.clone());
        Self { users: found.into_iter().map(|(_, user)| user).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{SearchKey, SearchPage, SearchPlace, SearchPrefix, SearchQuery};
    use crate::{PageBounds, Profile, User, UserId};

    fn ada() -> User {
        let profile = Profile {
            username: Some("ＡＤＡ".parse().unwrap()),
            first_name: Some("Ada".parse().unwrap()),
            last_name: Some("Ädelmann".parse().unwrap()),
            email: Some("Countess@example.org".parse().unwrap()),
            ..Profile::default()
        };
        User::create(UserId::parse("u-1").unwrap(), profile, DateTime::UNIX_EPOCH)
    }

    fn query(prefix: &str, after: Option<(&str, &str)>) -> SearchQuery {
        let place = |(key, id): (&str, &str)| SearchPlace {
            key: SearchKey::from_stored(key.to_owned()),
            id: UserId::parse(id).unwrap(),
        };
        SearchQuery {
            prefix: SearchPrefix::parse(prefix).unwrap(),
            after: after.map(place),
            limit: PageBounds::default(),
        }
    }

    #[rstest]
    #[case("a", Some("ada"))]
    #[case("ADA", Some("ada"))]
    #[case("äDEL", Some("ädelmann"))]
    #[case("countess@", Some("countess@example.org"))]
    #[case("example", None)]
    #[case("adab", None)]
    #[case("ＡＤ", Some("ada"))]
    #[case("A\u{308}DEL", Some("ädelmann"))]
    fn a_user_is_found_by_what_one_of_its_members_begins_with(
        #[case] prefix: &str,
        #[case] key: Option<&str>,
    ) {
        let place = query(prefix, None).place_of(&ada());
        assert_eq!(place.as_ref().map(|place| place.key.as_str()), key);
    }

    #[rstest]
    #[case("Νίκος", "ΝΊΚ", true)]
    #[case("Νίκος", "ΝΊΚΟΣ", true)]
    #[case("ΝΊΚΟΣ", "νίκος", true)]
    #[case("ΝΊΚΟΣ Π", "νίκος π", true)]
    #[case("Νίκος Π", "ΝΊΚΟΣ Π", true)]
    #[case("ΝΊΚΟΣ", "νίκοτ", false)]
    fn a_sigma_is_a_sigma_in_names(#[case] name: &str, #[case] prefix: &str, #[case] found: bool) {
        let profile = Profile { last_name: Some(name.parse().unwrap()), ..Profile::default() };
        let user = User::create(UserId::parse("u-1").unwrap(), profile, DateTime::UNIX_EPOCH);
        assert_eq!(query(prefix, None).place_of(&user).is_some(), found);
    }

    #[rstest]
    #[case("νίκος85", "Νίκος8", true)]
    #[case("ΝΊΚΟΣ85", "νίκοσ8", true)]
    #[case("νίκος85", "ΝΊΚΟΣ8", true)]
    fn a_username_is_found_by_what_its_key_begins_with(
        #[case] name: &str,
        #[case] prefix: &str,
        #[case] found: bool,
    ) {
        let profile = Profile { username: Some(name.parse().unwrap()), ..Profile::default() };
        let user = User::create(UserId::parse("u-1").unwrap(), profile, DateTime::UNIX_EPOCH);
        assert_eq!(query(prefix, None).place_of(&user).is_some(), found);
    }

    #[test]
    fn a_page_begins_behind_its_place() {
        assert!(query("a", Some(("ada", "u-0"))).place_of(&ada()).is_some());
        assert!(query("a", Some(("ada", "u-1"))).place_of(&ada()).is_none());
        assert!(query("a", Some(("adb", "a"))).place_of(&ada()).is_none());
    }

    #[rstest]
    #[case("")]
    #[case("a\u{0}")]
    #[case("a\nb")]
    fn refuses(#[case] prefix: &str) {
        assert!(SearchPrefix::parse(prefix).is_err());
    }

    #[test]
    fn a_prefix_has_255_characters_at_most() {
        assert!(SearchPrefix::parse(&"ü".repeat(255)).is_ok());
        assert!(SearchPrefix::parse(&"ü".repeat(256)).is_err());
    }

    #[test]
    fn one_user_too_many_means_that_there_are_more() {
        let place = |key: &str| SearchPlace { key: SearchKey::of(key), id: UserId::parse("u-1").unwrap() };
        let found = vec![(place("a"), ada()), (place("b"), ada())];
        let page = |limit| SearchPage::of(found.clone(), PageBounds::new(limit, 0).unwrap());
        assert_eq!((page(1).users.len(), page(1).next), (1, Some(place("a"))));
        assert_eq!((page(2).users.len(), page(2).next), (2, None));
    }

    proptest! {
        #[test]
        fn start_and_end_enclose_what_begins_with_the_prefix(prefix in "\\PC{1,4}", text in "\\PC{0,6}") {
            let prefix = SearchPrefix::parse(&prefix).unwrap();
            let range = prefix.range();
            for text in [text.clone(), format!("{}{text}", range.start.as_str())] {
                let key = SearchKey::from_stored(text);
                prop_assert_eq!(range.contains(&key), key.as_str().starts_with(range.start.as_str()));
            }
        }
    }

    #[rstest]
    #[case("a\u{10FFFF}", Some("b"))]
    #[case("\u{D7FF}", Some("\u{E000}"))]
    #[case("\u{10FFFF}", None)]
    fn the_end_is_the_next_text(#[case] prefix: &str, #[case] end: Option<&str>) {
        let found = super::end(&SearchKey::from_stored(prefix.to_owned()));
        assert_eq!(found.as_ref().map(SearchKey::as_str), end);
    }
}
