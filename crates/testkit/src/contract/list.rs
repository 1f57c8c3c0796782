//! Contracts of [`Directory::list`](users_ports::Directory::list) and [`count`](users_ports::Directory::count).

use std::sync::Arc;

use users_domain::{
    Country, Direction, Email, Label, PageBounds, Precondition, Profile, User, UserFilter, UserPage,
    UserQuery,
};

use users_ports::Directory as _;

use super::Users;
use super::dice::Dice;
use super::together::at_once;
use crate::{
    MemoryStore, UserStore, bio_update, full_profile, minimal_user, named_user, noon, odd_profile,
    other_profile, user_id, username,
};

/// A query for a page of so many users, from the beginning.
pub(super) fn page_of(limit: i64) -> UserQuery {
    UserQuery { bounds: PageBounds::new(limit, 0).unwrap(), ..UserQuery::default() }
}

fn ids(page: &UserPage) -> Vec<&str> {
    page.users.iter().map(|user| user.id().as_str()).collect()
}

async fn keep_minimal(users: &Users, ids: &[&str]) {
    for id in ids {
        users.create(minimal_user(id)).await.unwrap();
    }
}

/// A store without users has an empty page, and counts none.
pub async fn nobody_is_an_empty_page(users: Users) {
    assert_eq!(users.list(&UserQuery::default()).await, Ok(UserPage::default()));
    assert_eq!(users.count(&UserFilter::default()).await, Ok(0));
}

/// Users come in the order of their ids, byte by byte, in either direction.
pub async fn users_come_in_the_order_of_the_bytes_of_their_ids(users: Users) {
    let sorted = ["-", ".a", "10", "2", ":", "@", "A", "B", "Z", "_", "a", "a-", "a.", "aB", "aa", "b", "~"];
    let mut shuffled = sorted;
    Dice::new(1).shuffle(&mut shuffled);
    keep_minimal(&users, &shuffled).await;
    let page = users.list(&page_of(200)).await.unwrap();
    assert_eq!(ids(&page), sorted);
    let page = users.list(&UserQuery { direction: Direction::Descending, ..page_of(200) }).await.unwrap();
    assert!(ids(&page).into_iter().rev().eq(sorted));
}

/// A page has as many users as it may, and tells whether there are more.
pub async fn a_page_is_full_and_tells_whether_there_are_more(users: Users) {
    keep_minimal(&users, &["a", "b", "c"]).await;
    for (limit, expected, has_more) in [
        (1, &["a"][..], true),
        (2, &["a", "b"], true),
        (3, &["a", "b", "c"], false),
        (4, &["a", "b", "c"], false),
    ] {
        let page = users.list(&page_of(limit)).await.unwrap();
        assert_eq!((ids(&page).as_slice(), page.has_more), (expected, has_more), "limit {limit}");
    }
}

/// A page begins behind an id, whether there is a user with it or not.
pub async fn a_page_begins_behind_an_id(users: Users) {
    keep_minimal(&users, &["b", "d", "f"]).await;
    let (up, down) = (Direction::Ascending, Direction::Descending);
    for (direction, after, expected) in [
        (up, "a", &["b", "d", "f"][..]),
        (up, "b", &["d", "f"]),
        (up, "c", &["d", "f"]),
        (up, "f", &[]),
        (up, "~", &[]),
        (down, "~", &["f", "d", "b"]),
        (down, "d", &["b"]),
        (down, "c", &["b"]),
        (down, "b", &[]),
        (down, "A", &[]),
    ] {
        let query = UserQuery { direction, after: Some(user_id(after)), ..page_of(200) };
        let page = users.list(&query).await.unwrap();
        assert_eq!((ids(&page).as_slice(), page.has_more), (expected, false), "{direction:?} after {after}");
    }
}

/// An offset leaves users out, counted from where the page begins.
pub async fn an_offset_leaves_users_out(users: Users) {
    keep_minimal(&users, &["a", "b", "c", "d"]).await;
    for (after, offset, expected, has_more) in [
        (None, 1, &["b", "c"][..], true),
        (None, 2, &["c", "d"], false),
        (None, 3, &["d"], false),
        (None, 4, &[], false),
        (None, PageBounds::MAX_OFFSET, &[], false),
        (Some("a"), 1, &["c", "d"], false),
    ] {
        let bounds = PageBounds::new(2, offset).unwrap();
        let page = users.list(&UserQuery { bounds, after: after.map(user_id), ..UserQuery::default() }).await;
        let page = page.unwrap();
        assert_eq!((ids(&page).as_slice(), page.has_more), (expected, has_more), "{offset} after {after:?}");
    }
}

/// Every member comes back exactly as it was kept.
pub async fn listed_users_come_back_exactly(users: Users) {
    let profiles = [Profile::default(), full_profile(), odd_profile(), other_profile()];
    let mut kept = Vec::new();
    for (number, profile) in profiles.into_iter().enumerate() {
        let user = User::create(user_id(&number.to_string()), profile, noon());
        kept.push(users.create(user).await.unwrap());
    }
    let page = users.list(&UserQuery::default()).await;
    assert_eq!(page, Ok(UserPage { users: kept, has_more: false }));
}

/// A username is found in every form of it, and in none that only looks alike.
pub async fn a_username_is_found_in_every_form(users: Users) {
    for (id, name) in [("1", "Ada"), ("2", "ada1"), ("3", "a_a"), ("4", "a%")] {
        users.create(named_user(id, name)).await.unwrap();
    }
    for (name, expected) in [
        ("ada", &["1"][..]),
        ("\u{FF21}\u{FF24}\u{FF21}", &["1"]),
        ("a_a", &["3"]),
        ("a%", &["4"]),
        ("grace", &[]),
    ] {
        let filter = UserFilter { username: Some(username(name).key()), ..UserFilter::default() };
        let page = users.list(&UserQuery { filter: filter.clone(), ..UserQuery::default() }).await.unwrap();
        assert_eq!(ids(&page), expected, "{name}");
        assert_eq!(users.count(&filter).await, Ok(expected.len() as u64), "{name}");
    }
}

/// An email address is found in any case, and by each form of its domain; one that only looks alike is not.
pub async fn an_email_is_found_in_every_form(users: Users) {
    let addresses =
        [("1", "Mary.Poppins@Example.org"), ("2", "mary@münchen.de"), ("3", "m_ry.poppins@example.org")];
    for (id, address) in addresses {
        let profile = Profile { email: Some(Email::parse(address).unwrap()), ..Profile::default() };
        users.create(User::create(user_id(id), profile, noon())).await.unwrap();
    }
    for (address, expected) in [
        ("mary.poppins@example.org", &["1"][..]),
        ("MARY.POPPINS@EXAMPLE.ORG", &["1"]),
        ("Mary@xn--mnchen-3ya.de", &["2"]),
        ("mary@MÜNCHEN.de", &["2"]),
        ("m_ry.poppins@example.org", &["3"]),
        ("mary.poppins@example.com", &[]),
    ] {
        let filter =
            UserFilter { email: Some(Email::parse(address).unwrap().key()), ..UserFilter::default() };
        let page = users.list(&UserQuery { filter: filter.clone(), ..UserQuery::default() }).await.unwrap();
        assert_eq!(ids(&page), expected, "{address}");
        assert_eq!(users.count(&filter).await, Ok(expected.len() as u64), "{address}");
    }
}

/// A text is compared exactly: neither case nor form nor blanks make it another one's equal, nor is it a pattern.
pub async fn texts_are_compared_exactly(users: Users) {
    let texts = ["Acme", "acme", "Acme ", " Acme", "", "Ac%", "e\u{301}", "\u{E9}", "'; --"];
    for (number, text) in texts.iter().enumerate() {
        let profile = Profile { organization: Some(Label::parse(*text).unwrap()), ..Profile::default() };
        users.create(User::create(user_id(&number.to_string()), profile, noon())).await.unwrap();
    }
    users.create(minimal_user("none")).await.unwrap();
    for (number, text) in texts.iter().enumerate() {
        let filter = UserFilter { organization: Some(Label::parse(*text).unwrap()), ..UserFilter::default() };
        let page = users.list(&UserQuery { filter: filter.clone(), ..UserQuery::default() }).await.unwrap();
        assert_eq!(ids(&page), [number.to_string()], "{text:?}");
        assert_eq!(users.count(&filter).await, Ok(1), "{text:?}");
    }
}

/// Every combination of filters, directions, places and bounds is answered as in memory.
pub async fn every_query_is_answered_as_in_memory(users: Users) {
    let (oracle, mut dice) = (MemoryStore::default(), Dice::new(7));
    for number in 0..60 {
        let user = User::create(user_id(&format!("u{number}")), any_profile(&mut dice, number), noon());
        users.create(user.clone()).await.unwrap();
        UserStore::create(&oracle, user).await.unwrap();
    }
    let mut found = 0;
    for round in 0..400 {
        let filter = any_filter(&mut dice);
        let bounds = PageBounds::new(dice.pick(&[1, 2, 7, 200]), dice.pick(&[0, 0, 0, 1, 5])).unwrap();
        let after = dice.pick(&[None, None, Some("u"), Some("u3"), Some("u35"), Some("u4."), Some("v")]);
        let query =
            UserQuery { filter, direction: dice.pick(&Direction::ALL), after: after.map(user_id), bounds };
        let page = users.list(&query).await.unwrap();
        found += page.users.len();
        assert_eq!(page, oracle.list(&query).await.unwrap(), "round {round}: {query:?}");
        assert_eq!(users.count(&query.filter).await, oracle.count(&query.filter).await, "round {round}");
    }
    assert!(found > 500, "only {found} users were found");
}

const ORGANIZATIONS: [Option<&str>; 4] = [None, None, Some("Acme"), Some("")];
const COUNTRIES: [Option<&str>; 4] = [None, Some("GB"), Some("gb"), Some("Iran")];
const EMAILS: [Option<&str>; 5] = [None, None, Some("a@b"), Some("A@b"), Some("a@münchen.de")];

fn any_profile(dice: &mut Dice, number: u32) -> Profile {
    let named = dice.roll(2) == 0;
    Profile {
        active: dice.roll(3) > 0,
        email: dice.pick(&EMAILS).map(|text| Email::parse(text).unwrap()),
        organization: dice.pick(&ORGANIZATIONS).map(|text| Label::parse(text).unwrap()),
        country: dice.pick(&COUNTRIES).map(|text| Country::parse(text).unwrap()),
        username: named.then(|| username(&format!("Name{number}"))),
        ..Profile::default()
    }
}

fn any_filter(dice: &mut Dice) -> UserFilter {
    let name = dice.pick(&[None, None, None, None, None, Some("name7"), Some("NAME11"), Some("nobody")]);
    UserFilter {
        username: name.map(|name| username(name).key()),
        email: dice.pick(&EMAILS).map(|text| Email::parse(text).unwrap().key()),
        organization: dice.pick(&ORGANIZATIONS).map(|text| Label::parse(text).unwrap()),
        country: dice.pick(&COUNTRIES).map(|text| Country::parse(text).unwrap()),
        active: dice.pick(&[None, None, Some(true), Some(false)]),
    }
}

/// A write is seen by every page and every count that is asked for after its answer.
pub async fn a_write_is_seen_by_the_next_list(users: Users) {
    let writers = (0..6).map(|number| {
        let users = Arc::clone(&users);
        async move {
            let id = format!("{number}");
            let profile = Profile { organization: Some(Label::parse(&*id).unwrap()), ..Profile::default() };
            let filter = UserFilter { organization: profile.organization.clone(), ..UserFilter::default() };
            users.create(User::create(user_id(&id), profile, noon())).await.unwrap();
            assert_eq!(users.count(&filter).await, Ok(1));
            for step in 0..15 {
                let update = bio_update(&format!("step {step}"));
                let after = users.update(&user_id(&id), update, Precondition::Exists, noon()).await.unwrap();
                let query = UserQuery { filter: filter.clone(), ..UserQuery::default() };
                let page = users.list(&query).await;
                assert_eq!(page, Ok(UserPage { users: vec![after], has_more: false }));
            }
        }
    });
    at_once(writers).await;
}
