//! Contracts of [`Directory::search`](users_ports::Directory::search).

use users_domain::{
    Email, Label, Member, PageBounds, PersonName, Precondition, Profile, SearchKey, SearchPage, SearchPlace,
    SearchPrefix, SearchQuery, User,
};

use super::Users;
use crate::{
    MEMBERS, full_profile, minimal_user, named_user, noon, odd_profile, other_profile, update_member,
    update_to, user_id,
};

/// A search for a prefix, from the beginning, with so many users a page.
pub(super) fn search_for(prefix: &str, limit: i64) -> SearchQuery {
    let limit = PageBounds::new(limit, 0).unwrap();
    SearchQuery { prefix: SearchPrefix::parse(prefix).unwrap(), after: None, limit }
}

/// A place by its key and its id.
pub(super) fn place(key: &str, id: &str) -> SearchPlace {
    SearchPlace { key: SearchKey::from_stored(key.to_owned()), id: user_id(id) }
}

/// The ids of the users that a prefix finds, which must be fewer than 200.
pub(super) async fn found(users: &Users, prefix: &str) -> Vec<String> {
    let page = users.search(&search_for(prefix, 200)).await.unwrap();
    assert_eq!(page.next, None, "{prefix:?}");
    ids(&page)
}

/// The ids of the users of a page.
pub(super) fn ids(page: &SearchPage) -> Vec<String> {
    page.users.iter().map(|user| user.id().as_str().to_owned()).collect()
}

/// A user of whom one name alone is known.
pub(super) fn called(id: &str, name: &str) -> User {
    let profile = Profile { first_name: Some(PersonName::parse(name).unwrap()), ..Profile::default() };
    User::create(user_id(id), profile, noon())
}

/// Creates all of these.
pub(super) async fn keep(users: &Users, all: impl IntoIterator<Item = User>) {
    for user in all {
        users.create(user).await.unwrap();
    }
}

/// A search that finds nobody has an empty page.
pub async fn a_search_that_finds_nobody_is_an_empty_page(users: Users) {
    assert_eq!(users.search(&search_for("a", 1)).await, Ok(SearchPage::default()));
    keep(&users, [minimal_user("ada"), called("b", "Grace")]).await;
    for prefix in ["a", "race", "gracee", "g race", " ", "\u{10FFFD}", "grâce"] {
        assert_eq!(users.search(&search_for(prefix, 1)).await, Ok(SearchPage::default()), "{prefix:?}");
    }
}

/// A user is found by each of five members, and by no other.
pub async fn each_of_five_members_is_searched(users: Users) {
    let searched =
        [Member::Username, Member::FirstName, Member::LastName, Member::Email, Member::Organization];
    for member in MEMBERS {
        let mut profile = Profile::default();
        profile.apply(update_member(member, &full_profile()));
        keep(&users, [User::create(user_id(member.name()), profile, noon())]).await;
    }
    for (prefix, expected) in [
        ("ada", &[Member::FirstName, Member::Username, Member::Email][..]),
        ("ada@", &[Member::Email]),
        ("lovelace", &[Member::LastName]),
        ("analytical", &[Member::Organization]),
        ("ma", &[]),
        ("gb", &[]),
        ("12", &[]),
        ("+44", &[]),
        ("europe", &[]),
        ("count", &[]),
        ("@", &[]),
        ("https", &[]),
        ("1915", &[]),
        ("bio", &[]),
    ] {
        assert!(expected.iter().all(|member| searched.contains(member)));
        let names: Vec<_> = expected.iter().map(|member| member.name()).collect();
        assert_eq!(found(&users, prefix).await, names, "{prefix}");
    }
}

/// Every member of a user that is found comes back exactly as it was kept.
pub async fn found_users_come_back_exactly(users: Users) {
    let mut kept = Vec::new();
    for (number, profile) in [full_profile(), odd_profile(), other_profile()].into_iter().enumerate() {
        let organization = Some(Label::parse("Same").unwrap());
        let profile = Profile { organization, ..profile };
        let user = User::create(user_id(&number.to_string()), profile, noon());
        kept.push(users.create(user).await.unwrap());
    }
    let page = users.search(&search_for("same", 3)).await;
    assert_eq!(page, Ok(SearchPage { users: kept, next: None }));
}

/// Case makes no difference, in any script, neither in what is searched for nor in what is found; a username is found
/// by its key.
pub async fn case_makes_no_difference_to_a_search(users: Users) {
    let names = [("1", "Ärzte"), ("2", "ärzte"), ("3", "ÄRZTE"), ("4", "Ωmega"), ("5", "ωmega")];
    keep(&users, names.map(|(id, name)| called(id, name))).await;
    keep(&users, [("6", "\u{130}zmir"), ("7", "Straße")].map(|(id, name)| called(id, name))).await;
    keep(&users, [("8", "\u{FF21}\u{FF24}\u{FF21}"), ("9", "Ωnly")].map(|(id, name)| named_user(id, name)))
        .await;
    for (prefix, expected) in [
        ("är", &["1", "2", "3"][..]),
        ("ÄR", &["1", "2", "3"]),
        ("ÄrZtE", &["1", "2", "3"]),
        ("ar", &[]),
        ("ωM", &["4", "5"]),
        ("ω", &["4", "5", "9"]),
        ("Ω", &["4", "5", "9"]),
        ("\u{130}Z", &["6"]),
        ("i\u{307}z", &["6"]),
        ("STRA", &["7"]),
        ("STRAß", &["7"]),
        ("ad", &["8"]),
        ("ADA", &["8"]),
    ] {
        assert_eq!(found(&users, prefix).await, expected, "{prefix}");
    }
}

/// Width and composition make no difference to a search, and neither does the form of a sigma in a name.
pub async fn width_composition_and_final_sigma_make_no_difference(users: Users) {
    let names = [
        ("1", "\u{FF21}\u{FF44}a"),
        ("2", "adA"),
        ("3", "Jos\u{E9}"),
        ("4", "jose\u{301}"),
        ("5", "ΝΙΚΟΣ Π"),
        ("6", "νικος πα"),
        ("7", "νικοσ"),
    ];
    keep(&users, names.map(|(id, name)| called(id, name))).await;
    let usernames =
        [("8", "\u{FF21}\u{FF24}\u{FF21}8"), ("9", "jose\u{301}9"), ("A", "νικος1"), ("B", "ΝΙΚΟΣ2")];
    keep(&users, usernames.map(|(id, name)| named_user(id, name))).await;
    for (prefix, expected) in [
        ("\u{FF41}\u{FF24}", &["1", "2", "8"][..]),
        ("AD", &["1", "2", "8"]),
        ("JOSE\u{301}", &["3", "4", "9"]),
        ("JOS\u{C9}", &["3", "4", "9"]),
        ("jose", &[]),
        ("ΝΙΚ", &["7", "5", "6", "A", "B"]),
        ("ΝΙΚΟΣ", &["7", "5", "6", "A", "B"]),
        ("νικος", &["7", "5", "6", "A", "B"]),
        ("νικος π", &["5", "6"]),
        ("ΝΙΚΟΣ ΠΑ", &["6"]),
        ("νικος1", &["A"]),
        ("Νικοσ2", &["B"]),
    ] {
        assert_eq!(found(&users, prefix).await, expected, "{prefix}");
    }
}

/// Texts that mean something in SQL, in patterns or at an end of the range of characters.
const ODD_TEXTS: [&str; 31] = [
    "%",
    "%%a",
    "_",
    "__",
    "\\",
    "\\%",
    "'",
    "''",
    "\"",
    "*",
    "?",
    "[a]",
    "a",
    "a%",
    "a_",
    "a\\",
    "a'b",
    "$1",
    "{}",
    ";--",
    "\u{10FFFD}",
    "\u{10FFFD}\u{10FFFD}",
    "a\u{10FFFD}",
    "a\u{10FFFD}b",
    "\u{D7FF}",
    "\u{E000}",
    "\u{FFFD}",
    "\u{E9}",
    "  a",
    "a ",
    "a b",
];

/// A prefix is no pattern: every character means itself.
pub async fn a_prefix_is_no_pattern(users: Users) {
    for (number, text) in ODD_TEXTS.iter().enumerate() {
        let organization = Some(Label::parse(*text).unwrap());
        let profile = Profile { organization, ..Profile::default() };
        keep(&users, [User::create(user_id(&number.to_string()), profile, noon())]).await;
    }
    for prefix in ODD_TEXTS.into_iter().chain([" ", "b", "a\u{10FFFD}\u{10FFFD}"]) {
        let mut expected: Vec<_> =
            ODD_TEXTS.iter().enumerate().filter(|(_, text)| text.starts_with(prefix)).collect();
        expected.sort_by_key(|(_, text)| **text);
        let expected: Vec<_> = expected.into_iter().map(|(number, _)| number.to_string()).collect();
        assert_eq!(found(&users, prefix).await, expected, "{prefix:?}");
    }
}

/// The longest texts are found, by all of what they are and by no more.
pub async fn the_longest_texts_are_found(users: Users) {
    // A capital letter whose small form has two characters, and the longest character of all.
    for (id, of) in [("1", "\u{130}"), ("2", "\u{1D504}"), ("3", "z")] {
        let organization = Some(Label::parse(of.repeat(255)).unwrap());
        let email = (id == "3").then(|| Email::parse(format!("z{}@example.org", ".z".repeat(31))).unwrap());
        let profile = Profile { organization, email, ..Profile::default() };
        keep(&users, [User::create(user_id(id), profile, noon())]).await;
        assert_eq!(found(&users, &of.repeat(255)).await, [id]);
        assert_eq!(found(&users, &of.repeat(254)).await, [id]);
        assert!(found(&users, &format!("{}y", of.repeat(254))).await.is_empty());
    }
    keep(&users, [called("4", &"n".repeat(100))]).await;
    assert_eq!(found(&users, &"N".repeat(100)).await, ["4"]);
    assert!(found(&users, &"N".repeat(101)).await.is_empty());
    assert_eq!(found(&users, &format!("Z{}@EXAMPLE.ORG", ".Z".repeat(31))).await, ["3"]);
}

/// What was written is seen by the next search, and what was there before it no more.
pub async fn a_write_is_seen_by_the_next_search(users: Users) {
    keep(&users, [minimal_user("ada")]).await;
    let ada = user_id("ada");
    for round in 0..10 {
        for (profile, old, new) in [
            (full_profile(), ["grace", "hopper", "us n", "grace.h"], ["ada", "love", "anal", "ada@"]),
            (other_profile(), ["ada", "love", "anal", "ada@"], ["grace", "hopp", "us navy", "grace.h"]),
        ] {
            users.update(&ada, update_to(&profile), Precondition::Exists, noon()).await.unwrap();
            for prefix in old {
                assert!(found(&users, prefix).await.is_empty(), "round {round}: {prefix}");
            }
            for prefix in new {
                assert_eq!(found(&users, prefix).await, ["ada"], "round {round}: {prefix}");
            }
        }
    }
    for member in [Member::Username, Member::FirstName] {
        let cleared = update_member(member, &Profile::default());
        users.update(&ada, cleared, Precondition::Exists, noon()).await.unwrap();
    }
    // The email address is left.
    assert_eq!(found(&users, "grace.h").await, ["ada"]);
    assert_eq!(found(&users, "grace.hopper").await, ["ada"]);
    let cleared = update_to(&Profile::default());
    users.update(&ada, cleared, Precondition::Exists, noon()).await.unwrap();
    for prefix in ["grace", "hopper", "us"] {
        assert!(found(&users, prefix).await.is_empty(), "{prefix}");
    }
    users.update(&ada, update_to(&full_profile()), Precondition::Exists, noon()).await.unwrap();
    users.delete(&ada, Precondition::Exists, noon()).await.unwrap();
    assert!(found(&users, "ada").await.is_empty());
    keep(&users, [called("ada", "Ada")]).await;
    assert_eq!(found(&users, "ada").await, ["ada"]);
    assert!(found(&users, "love").await.is_empty());
}
