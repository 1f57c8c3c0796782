//! Contracts of [`Users::find`](users_ports::Users::find).

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use users_domain::{
    Avatar, Bio, Birthday, Location, Moment, Precondition, Profile, User, UserParts, Version,
};

use super::Users;
use super::together::at_once;
use crate::{bio_update, full_profile, full_user, minimal_user, noon, odd_profile, other_profile, user_id};

/// An unknown user is `None`.
pub async fn an_unknown_user_is_none(users: Users) {
    assert_eq!(users.find(&user_id("nobody")).await, Ok(None));
    users.create(full_user("somebody")).await.unwrap();
    assert_eq!(users.find(&user_id("nobody")).await, Ok(None));
}

/// Every member comes back exactly as it was kept: empty texts, odd Unicode, unset ones.
pub async fn every_member_comes_back_exactly(users: Users) {
    let profiles = [Profile::default(), full_profile(), other_profile(), odd_profile()];
    for (number, profile) in profiles.into_iter().enumerate() {
        keep_and_find(&users, &number.to_string(), profile).await;
    }
}

/// A text of the greatest length comes back whole, whatever it takes in bytes.
pub async fn the_longest_texts_come_back_whole(users: Users) {
    let profile = Profile {
        bio: Some(Bio::parse("\u{1F980}".repeat(4096)).unwrap()),
        location: Some(Location::parse("ж".repeat(255)).unwrap()),
        avatar: Some(Avatar::parse(format!("/{}", "x".repeat(2047))).unwrap()),
        ..Profile::default()
    };
    keep_and_find(&users, "long", profile).await;
}

/// Instants come back to the microsecond, from the year 0 to the year 9999.
pub async fn instants_come_back_to_the_microsecond(users: Users) {
    let instants = [
        "0000-01-01T00:00:00Z",
        "0000-02-29T23:59:59.999999Z",
        "1582-10-10T00:00:00.000001Z",
        "1899-12-31T23:59:59.999999Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "1999-12-31T23:59:59.999999Z",
        "2000-01-01T00:00:00.000001Z",
        "2026-03-29T01:30:00.100Z",
        "2038-01-19T03:14:08Z",
        "9999-12-31T23:59:59.999999Z",
    ];
    for (number, instant) in instants.iter().enumerate() {
        let moment = Some(Moment::from_stored(instant.parse().unwrap()));
        let profile = Profile { last_seen: moment, last_typed: moment, ..Profile::default() };
        keep_and_find(&users, &number.to_string(), profile).await;
    }
}

/// Birthdays come back, from the first that is allowed.
pub async fn birthdays_come_back(users: Users) {
    let days =
        ["1900-01-01", "1900-03-01", "1969-12-31", "1970-01-01", "2000-02-29", "2026-11-01", "9999-12-31"];
    for day in days {
        let birthday = Some(Birthday::from_stored(day.parse().unwrap()));
        keep_and_find(&users, day, Profile { birthday, ..Profile::default() }).await;
    }
}

/// A version and an instant of change come back, whatever they are.
pub async fn versions_and_times_of_change_come_back(users: Users) {
    let times: [DateTime<Utc>; 3] =
        ["1969-12-31T23:59:59.999999Z", "2026-11-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"]
            .map(|text| text.parse().unwrap());
    for (number, modified_at) in times.into_iter().enumerate() {
        for version in [i64::MIN, -1, 0, 1, i64::from(u32::MAX) + 1, i64::MAX] {
            let id = user_id(&format!("{number}:{version}"));
            let profile = Profile::default();
            let version = Version::from_stored(version);
            let user = User::from_parts(UserParts { id, profile, version, modified_at });
            assert_eq!(users.create(user.clone()).await, Ok(user.clone()));
            assert_eq!(users.find(user.id()).await, Ok(Some(user)));
        }
    }
}

/// An id is opaque: every character counts, and so does its case.
pub async fn ids_are_told_apart_by_every_character(users: Users) {
    let longest = "x".repeat(128);
    let ids = [
        "a", "A", "aa", "a-b", "a_b", "a.b", "a~b", "a:b", "a@b", "1", "01", "1.0", &longest, "ABCDEF",
        "abcdef",
    ];
    for id in ids {
        users.create(minimal_user(id)).await.unwrap();
    }
    for id in ids {
        assert_eq!(users.find(&user_id(id)).await, Ok(Some(minimal_user(id))));
    }
    assert_eq!(users.find(&user_id("aBCDEF")).await, Ok(None));
}

/// A write is seen by every call that is made after its answer.
pub async fn a_write_is_seen_by_the_next_find(users: Users) {
    let writers = (0..8).map(|number| {
        let users = Arc::clone(&users);
        async move {
            let user = minimal_user(&number.to_string());
            users.create(user.clone()).await.unwrap();
            for step in 0..25 {
                let update = bio_update(&format!("step {step}"));
                let now = noon() + TimeDelta::seconds(step);
                let after = users.update(user.id(), update, Precondition::Exists, now).await.unwrap();
                assert_eq!(users.find(user.id()).await, Ok(Some(after)));
            }
        }
    });
    at_once(writers).await;
}

/// Keeps a user with this profile and finds it again.
async fn keep_and_find(users: &Users, id: &str, profile: Profile) {
    let user = User::create(user_id(id), profile, noon());
    users.create(user.clone()).await.unwrap();
    assert_eq!(users.find(user.id()).await, Ok(Some(user)));
}
