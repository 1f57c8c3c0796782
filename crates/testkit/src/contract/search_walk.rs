//! Contracts of [`Directory::search`](users_ports::Directory::search): page after page, also while somebody writes.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use users_domain::{Change, Email, Label, PersonName, Precondition, Profile, SearchQuery, User, UserUpdate};

use users_ports::Directory as _;

use super::Users;
use super::dice::Dice;
use super::search::{place, search_for};
use super::together::at_once;
use crate::{MemoryStore, UserStore, noon, update_to, user_id, username};

/// What members begin with: the same in different case, each the beginning of another, and the ends of the range of
/// characters.
const STEMS: [&str; 12] =
    ["a", "A", "ab", "aB", "Ab\u{10FFFD}", "\u{E4}", "\u{C4}b", "a%", "b", "\u{10FFFD}", "σς", "ΣΣ"];

const PREFIXES: [&str; 12] =
    ["a", "AB", "ab\u{10FFFD}", "\u{C4}", "a%", "B", "\u{10FFFD}", "c", "aba", "σ", "ς", "Σς"];

/// Page after page, with pages of any size, a search gives exactly the users that it finds, in their order.
pub async fn page_after_page_is_all_that_is_found(users: Users) {
    let mut dice = Dice::new(11);
    let mut all = Vec::new();
    for number in 0..70 {
        let id = user_id(&format!("{}{number}", dice.pick(&["a", "B", "~", "."])));
        all.push(users.create(User::create(id, any_profile(&mut dice, number), noon())).await.unwrap());
    }
    for prefix in PREFIXES {
        let query = search_for(prefix, 200);
        let mut expected: Vec<_> =
            all.iter().filter_map(|user| Some((query.place_of(user)?, user.clone()))).collect();
        expected.sort_by(|(place, _), (other, _)| place.cmp(other));
        let expected: Vec<_> = expected.into_iter().map(|(_, user)| user).collect();
        let count = i64::try_from(expected.len()).unwrap();
        for limit in (1..=count + 1).filter(|limit| *limit < 12 || *limit + 2 > count) {
            assert_eq!(walk(&users, search_for(prefix, limit)).await, expected, "{prefix:?} by {limit}");
        }
    }
}

/// Reads page after page to the end; every page but the last must be full.
async fn walk(users: &Users, mut query: SearchQuery) -> Vec<User> {
    let mut seen = Vec::new();
    loop {
        let page = users.search(&query).await.unwrap();
        let is_full = page.users.len() == usize::try_from(query.limit.limit()).unwrap();
        assert!(is_full || page.next.is_none(), "{page:?}");
        assert!(page.next.is_none() || page.next == page.users.last().and_then(|user| query.place_of(user)));
        seen.extend(page.users);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return seen,
        }
    }
}

/// While users are made, changed and deleted, every search from any place is answered as in memory.
pub async fn every_search_is_answered_as_in_memory(users: Users) {
    let (oracle, mut dice) = (MemoryStore::default(), Dice::new(13));
    let mut found = 0;
    for step in 0..400 {
        let id = user_id(&format!("u{}", dice.roll(25)));
        let now = noon() + TimeDelta::seconds(step);
        let profile = any_profile(&mut dice, u32::try_from(step).unwrap());
        match dice.roll(8) {
            0 => {
                let answer = users.delete(&id, Precondition::Exists, noon()).await;
                assert_eq!(answer, oracle.delete(&id, Precondition::Exists, noon()).await, "step {step}");
            }
            1..5 => {
                let user = User::create(id, profile, now);
                let expected = UserStore::create(&oracle, user.clone()).await;
                assert_eq!(users.create(user).await, expected, "step {step}");
            }
            _ => {
                let update = update_to(&profile);
                let answer = users.update(&id, update.clone(), Precondition::Exists, now).await;
                let expected = oracle.update(&id, update, Precondition::Exists, now).await;
                assert_eq!(answer, expected, "step {step}");
            }
        }
        let query = any_query(&mut dice);
        let page = users.search(&query).await.unwrap();
        found += page.users.len();
        assert_eq!(page, oracle.search(&query).await.unwrap(), "step {step}: {query:?}");
    }
    assert!(found > 500, "only {found} users were found");
}

fn any_profile(dice: &mut Dice, number: u32) -> Profile {
    let mut text = || {
        let end = dice.pick(&["", "", "a", "B", " \u{E4}", "\u{10FFFD}"]);
        (dice.roll(3) > 0).then(|| format!("{}{end}", dice.pick(&STEMS)))
    };
    let (first, last, organization) = (text(), text(), text());
    let email = dice.pick(&[None, Some("a@b"), Some("A@b"), Some("ab@b"), Some("b@a")]);
    let name =
        dice.pick(&[None, Some("a"), Some("AB"), Some("\u{FF42}"), Some("\u{C4}"), Some("σς"), Some("ΣΣ")]);
    Profile {
        first_name: first.map(|text| PersonName::parse(text).unwrap()),
        last_name: last.map(|text| PersonName::parse(text).unwrap()),
        organization: organization.map(|text| Label::parse(text).unwrap()),
        email: email.map(|text| Email::parse(text).unwrap()),
        username: name.map(|text| username(&format!("{text}{number}"))),
        ..Profile::default()
    }
}

fn any_query(dice: &mut Dice) -> SearchQuery {
    let keys = ["", "a", "ab", "ab\u{10FFFD}", "\u{E4}", "a%", "a7", "b", "\u{10FFFD}", "σ", "σς"];
    let after =
        (dice.roll(2) == 0).then(|| place(dice.pick(&keys), dice.pick(&["u", "u1", "u12", "u7", "~"])));
    SearchQuery { after, ..search_for(dice.pick(&PREFIXES), dice.pick(&[1, 2, 5, 200])) }
}

/// Users that are there all the time.
const RESIDENTS: u64 = 40;

/// Page after page, every user that was there all the time by the same key is given, and no user twice, while
/// others come and go between them.
pub async fn page_after_page_of_a_search_misses_nobody(users: Users) {
    let residents: Vec<_> = (0..RESIDENTS).map(|number| format!("r{number:02}")).collect();
    for id in &residents {
        users.create(called(id, &format!("X{id}"), noon())).await.unwrap();
    }
    let done = Arc::new(AtomicBool::new(false));
    let writers = (1..=3).map(|seed| {
        let (users, done) = (Arc::clone(&users), Arc::clone(&done));
        async move {
            let mut dice = Dice::new(seed);
            for round in 0.. {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                let resident = format!("r{:02}", dice.roll(RESIDENTS));
                let title = Change::Set(Label::parse(format!("{seed}.{round}")).unwrap());
                let update = UserUpdate { title, ..UserUpdate::default() };
                users.update(&user_id(&resident), update, Precondition::Exists, noon()).await.unwrap();
                let guest = format!("{resident}.{seed}");
                let now = noon() + TimeDelta::seconds(round);
                users.create(called(&guest, &format!("x{guest}"), now)).await.unwrap();
                users.delete(&user_id(&guest), Precondition::Exists, noon()).await.unwrap();
            }
        }
    });
    let readers = async {
        for _ in 0..8 {
            let mut seen = HashSet::new();
            for user in walk(&users, search_for("x", 7)).await {
                assert!(seen.insert(user.id().as_str().to_owned()), "{:?} came twice", user.id());
            }
            assert!(residents.iter().all(|id| seen.contains(id)), "{seen:?}");
        }
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(at_once(writers), readers);
}

fn called(id: &str, name: &str, now: DateTime<Utc>) -> User {
    let profile = Profile { first_name: Some(PersonName::parse(name).unwrap()), ..Profile::default() };
    User::create(user_id(id), profile, now)
}

/// A search sees one state: a user that moves from one end of what is found to the other is on every page, once, and
/// of two users that are changed one after the other it never shows the later change without the earlier one.
pub async fn a_search_sees_one_state(users: Users) {
    let (first, second) = (user_id("1"), user_id("2"));
    let start = noon();
    for id in [&first, &second] {
        users.create(called(id.as_str(), "xm", start)).await.unwrap();
    }
    let done = AtomicBool::new(false);
    let writer = async {
        for round in 0..120 {
            for id in [&first, &second] {
                let name = Change::Set(PersonName::parse(if round % 2 == 0 { "xa" } else { "xz" }).unwrap());
                let update = UserUpdate { first_name: name, ..UserUpdate::default() };
                users.update(id, update, Precondition::Exists, start).await.unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
    };
    let reader = async {
        let mut pages = 0;
        while !done.load(Ordering::Relaxed) || pages == 0 {
            let page = users.search(&search_for("x", 5)).await.unwrap();
            assert_eq!(page.users.len(), 2, "{page:?}");
            let version = |id| page.users.iter().find(|user| user.id() == id).map(User::version).unwrap();
            let ahead = version(&first).number() - version(&second).number();
            assert!((0..=1).contains(&ahead), "{page:?}");
            pages += 1;
        }
    };
    tokio::join!(writer, reader);
}
