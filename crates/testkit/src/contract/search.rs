//! Contracts of [`UserRepository::search`](users_ports::UserRepository::search).

use users_domain::{
    Email, Label, Member, PageBounds, PersonName, Precondition, Profile, SearchKey, SearchPage, SearchPlace,
    SearchPrefix, SearchQuery, User,
};

use super::Users;
use super::dice::Dice;
use crate::{
    MEMBERS, full_profile, minimal_user, named_user, noon, odd_profile, other_profile, update_member,
    update_to, user_id, username,
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
async fn found(users: &Users, prefix: &str) -> Vec<String> {
    let page = users.search(&search_for(prefix, 200)).await.unwrap();
    assert_eq!(page.next, None, "{prefix:?}");
    ids(&page)
}

fn ids(page: &SearchPage) -> Vec<String> {
    page.users.iter().map(|user| user.id().as_str().to_owned()).collect()
}

/// A user of whom one name alone is known.
fn called(id: &str, name: &str) -> User {
    let profile = Profile { first_name: Some(PersonName::parse(name).unwrap()), ..Profile::default() };
    User::create(user_id(id), profile, noon())
}

async fn keep(users: &Users, all: impl IntoIterator<Item = User>) {
    for user in all {
        users.create(user).await.unwrap();
    }
}

/// A search that finds nobody has an empty page.
pub async fn a_search_that_finds_nobody_is_an_empty_page(users: Users) {
    assert_eq!(users.search(&search_for("a", 1)).await, Ok(SearchPage::default()));
    keep(&users, [minimal_user("ada"), called("b", "Grace")]).await;
    for prefix in ["a", "race", "gracee", "g race", " ", "\u{10FFFF}", "grâce"] {
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

/// A prefix is no pattern: every character means itself.
pub async fn a_prefix_is_no_pattern(users: Users) {
    let texts = [
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
        "\u{10FFFF}",
        "\u{10FFFF}\u{10FFFF}",
        "a\u{10FFFF}",
        "a\u{10FFFF}b",
        "\u{D7FF}",
        "\u{E000}",
        "\u{FFFD}",
        "e\u{301}",
        "\u{E9}",
        "  a",
        "a ",
        "a b",
    ];
    for (number, text) in texts.iter().enumerate() {
        let organization = Some(Label::parse(*text).unwrap());
        let profile = Profile { organization, ..Profile::default() };
        keep(&users, [User::create(user_id(&number.to_string()), profile, noon())]).await;
    }
    for prefix in texts.into_iter().chain([" ", "b", "a\u{10FFFF}\u{10FFFF}"]) {
        let mut expected: Vec<_> =
            texts.iter().enumerate().filter(|(_, text)| text.starts_with(prefix)).collect();
        expected.sort_by_key(|(_, text)| **text);
        let expected: Vec<_> = expected.into_iter().map(|(number, _)| number.to_string()).collect();
        assert_eq!(found(&users, prefix).await, expected, "{prefix:?}");
    }
}

/// Users come in the order of the bytes of their keys, and those of one key in that of their ids.
pub async fn found_users_come_in_the_order_of_keys_and_ids(users: Users) {
    // U+1D504 comes after U+FFFD by its bytes, and before it in UTF-16.
    let sorted = [
        "x",
        "x a",
        "x-a",
        "x.",
        "x1",
        "x10",
        "x2",
        "xA",
        "xAb",
        "xB",
        "x_",
        "xa~",
        "x~",
        "x\u{E0}",
        "x\u{E4}",
        "x\u{FFFD}",
        "x\u{1D504}",
    ];
    let mut all: Vec<(String, &str)> = Vec::new();
    for (number, text) in sorted.iter().enumerate() {
        for id in ["B", "a", "b", "~", "."] {
            all.push((format!("{id}{number}"), text));
        }
    }
    Dice::new(2).shuffle(&mut all);
    keep(&users, all.iter().map(|(id, text)| called(id, text))).await;
    all.sort_by_key(|(id, text)| (SearchKey::of(text), id.clone()));
    let expected: Vec<_> = all.into_iter().map(|(id, _)| id).collect();
    assert_eq!(found(&users, "X").await, expected);
}

/// A user of whom several members begin with the prefix comes once, at the place of the least.
pub async fn a_user_found_by_several_members_comes_once(users: Users) {
    let of = |id: &str, first: &str, last: &str, email: &str, name: &str| {
        let profile = Profile {
            first_name: Some(PersonName::parse(first).unwrap()),
            last_name: Some(PersonName::parse(last).unwrap()),
            email: Some(Email::parse(email).unwrap()),
            organization: Some(Label::parse("Xy").unwrap()),
            username: Some(username(name)),
            ..Profile::default()
        };
        User::create(user_id(id), profile, noon())
    };
    keep(&users, [of("1", "xd", "xd", "xd@b", "xd"), of("2", "Xz", "xa", "xb@b", "Other")]).await;
    keep(&users, [of("3", "Yz", "xc", "xb@b", "Xz"), called("4", "xb"), called("5", "xe")]).await;
    assert_eq!(found(&users, "x").await, ["2", "4", "3", "1", "5"]);
    assert_eq!(found(&users, "xb").await, ["4", "2", "3"]);
    assert_eq!(found(&users, "xy").await, ["1", "2", "3"]);
    assert_eq!(found(&users, "xz").await, ["2", "3"]);
}

/// A page has as many users as it may, and the place of its last where there are more.
pub async fn a_page_of_a_search_is_full_and_tells_where_it_ends(users: Users) {
    keep(&users, [called("2", "xa"), called("1", "Xb"), called("3", "xb")]).await;
    for (limit, expected, next) in [
        (1, &["2"][..], Some(place("xa", "2"))),
        (2, &["2", "1"], Some(place("xb", "1"))),
        (3, &["2", "1", "3"], None),
        (200, &["2", "1", "3"], None),
    ] {
        let page = users.search(&search_for("X", limit)).await.unwrap();
        assert_eq!(ids(&page), expected, "limit {limit}");
        assert_eq!(page.next, next, "limit {limit}");
    }
}

/// A page begins behind a place, whether there is a user at it or not, and wherever it lies.
pub async fn a_page_of_a_search_begins_behind_a_place(users: Users) {
    let twice = Profile {
        first_name: Some(PersonName::parse("xb").unwrap()),
        last_name: Some(PersonName::parse("xy").unwrap()),
        ..Profile::default()
    };
    keep(&users, [called("1", "xb"), User::create(user_id("2"), twice, noon()), called("3", "xd")]).await;
    for (key, id, expected) in [
        ("a", "a", &["1", "2", "3"][..]),
        ("x", "~", &["1", "2", "3"]),
        ("xb", "0", &["1", "2", "3"]),
        ("xb", "1", &["2", "3"]),
        ("xb", "1.", &["2", "3"]),
        ("xb", "2", &["3"]),
        ("xb", "~", &["3"]),
        ("xba", "-", &["3"]),
        ("xd", "3", &[]),
        // A user stands at the least of its keys alone, also where another one lies behind the place.
        ("xx", "1", &[]),
        ("y", "1", &[]),
        ("\u{10FFFF}", "~", &[]),
        ("", "1", &["1", "2", "3"]),
        ("XB", "9", &["1", "2", "3"]),
    ] {
        let query = SearchQuery { after: Some(place(key, id)), ..search_for("x", 200) };
        assert_eq!(ids(&users.search(&query).await.unwrap()), expected, "behind {key:?} and {id:?}");
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
    users.delete(&ada, Precondition::Exists).await.unwrap();
    assert!(found(&users, "ada").await.is_empty());
    keep(&users, [called("ada", "Ada")]).await;
    assert_eq!(found(&users, "ada").await, ["ada"]);
    assert!(found(&users, "love").await.is_empty());
}
