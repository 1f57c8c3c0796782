//! Contracts of [`Directory::search`](users_ports::Directory::search): the order of what is found, and its pages.

use users_domain::{Email, Label, PersonName, Profile, SearchKey, SearchQuery, User};

use super::Users;
use super::dice::Dice;
use super::search::{called, found, ids, keep, place, search_for};
use crate::{noon, user_id, username};

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
        ("\u{10FFFD}", "~", &[]),
        ("", "1", &["1", "2", "3"]),
        ("XB", "9", &["1", "2", "3"]),
    ] {
        let query = SearchQuery { after: Some(place(key, id)), ..search_for("x", 200) };
        assert_eq!(ids(&users.search(&query).await.unwrap()), expected, "behind {key:?} and {id:?}");
    }
}
