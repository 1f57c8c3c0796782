//! Contracts of [`Directory::list`](users_ports::Directory::list): what is written while somebody reads page
//! after page.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use users_domain::{
    Change, Direction, Label, Location, Precondition, Profile, User, UserFilter, UserQuery, UserUpdate,
    Version,
};

use super::Users;
use super::dice::Dice;
use super::list::page_of;
use super::together::at_once;
use crate::{minimal_user, noon, user_id};

/// Users that are there all the time.
const RESIDENTS: u64 = 60;

/// Page after page, every user that was there all the time is given, and no user twice, while users are updated and
/// new ones come between them.
pub async fn page_after_page_misses_nobody_and_gives_nobody_twice(users: Users) {
    let residents: Vec<_> = (0..RESIDENTS).map(|number| format!("r{number:02}")).collect();
    for id in &residents {
        users.create(resident(id)).await.unwrap();
    }
    let done = Arc::new(AtomicBool::new(false));
    let writers = (1..=3).map(|seed| {
        let (users, done) = (Arc::clone(&users), Arc::clone(&done));
        async move {
            let mut dice = Dice::new(seed);
            let mut newcomers = 0;
            while !done.load(Ordering::Relaxed) {
                let id = format!("r{:02}", dice.roll(RESIDENTS));
                let update = labelled(&format!("{seed}.{}", dice.roll(1000)));
                users.update(&user_id(&id), update, Precondition::Exists, noon()).await.unwrap();
                if newcomers < 200 {
                    users.create(minimal_user(&format!("{id}.{seed}.{newcomers}"))).await.unwrap();
                    newcomers += 1;
                }
            }
        }
    });
    let readers = async {
        let filtered = UserFilter {
            organization: resident("x").profile().organization.clone(),
            ..UserFilter::default()
        };
        for _ in 0..3 {
            for direction in Direction::ALL {
                for filter in [UserFilter::default(), filtered.clone()] {
                    let seen = walk(&users, UserQuery { filter, direction, ..page_of(7) }).await;
                    assert!(residents.iter().all(|id| seen.contains(id)), "{direction:?}: {seen:?}");
                }
            }
        }
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(at_once(writers), readers);
}

/// A user whom the filter of the walk fits; no update of the walk changes that.
fn resident(id: &str) -> User {
    let profile = Profile { organization: Some(Label::parse("home").unwrap()), ..Profile::default() };
    User::create(user_id(id), profile, noon())
}

/// An update that gives three members the same text.
fn labelled(text: &str) -> UserUpdate {
    let label = || Change::Set(Label::parse(text).unwrap());
    let location = Change::Set(Location::parse(text).unwrap());
    UserUpdate { location, title: label(), regions: label(), ..UserUpdate::default() }
}

/// Reads page after page to the end, and gives back the ids of all users.
async fn walk(users: &Users, mut query: UserQuery) -> HashSet<String> {
    let mut seen = HashSet::new();
    loop {
        let page = users.list(&query).await.unwrap();
        for user in &page.users {
            let profile = user.profile();
            let location = profile.location.as_ref().map(Location::as_str);
            assert_eq!(location, profile.title.as_ref().map(Label::as_str), "{user:?}");
            assert_eq!(profile.title, profile.regions, "{user:?}");
            assert!(seen.insert(user.id().as_str().to_owned()), "{:?} came twice", user.id());
        }
        match page.users.last() {
            Some(last) if page.has_more => query.after = Some(last.id().clone()),
            _ => return seen,
        }
    }
}

/// A page sees one state: of two users that are updated one after the other, it never shows the later update without
/// the earlier one.
pub async fn a_page_sees_one_state(users: Users) {
    let (first, second) = (user_id("z"), user_id("a"));
    for id in [&first, &second] {
        users.create(minimal_user(id.as_str())).await.unwrap();
    }
    let done = AtomicBool::new(false);
    let writer = async {
        for round in 0..150 {
            // The one that is updated first stands behind the other, so that a page that is not of one piece shows.
            for id in [&first, &second] {
                let update = labelled(&round.to_string());
                users.update(id, update, Precondition::Exists, noon()).await.unwrap();
            }
        }
        done.store(true, Ordering::Relaxed);
    };
    let reader = async {
        let start = minimal_user("a").version();
        let mut pages = 0;
        while !done.load(Ordering::Relaxed) || pages == 0 {
            let page = users.list(&page_of(2)).await.unwrap();
            let steps =
                |id| page.users.iter().find(|user| user.id() == id).map(|user| age(user.version(), start));
            let (first, second) = (steps(&first).unwrap(), steps(&second).unwrap());
            assert!(
                (second..=second + 1).contains(&first),
                "{first} updates of the first, {second} of the second"
            );
            pages += 1;
        }
    };
    tokio::join!(writer, reader);
}

/// How many updates there were since `start`.
const fn age(version: Version, start: Version) -> i64 {
    version.number() - start.number()
}
