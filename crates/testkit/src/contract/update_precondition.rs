//! Contracts of [`Users::write`](users_ports::Users::write): the precondition.

use std::sync::Arc;

use chrono::TimeDelta;
use users_domain::{Precondition, User, UserUpdate, Version};
use users_ports::{Rejection, WriteError};

use super::Users;
use super::together::at_once;
use crate::{bio_update, full_user, minimal_user, named_user, noon, update_to, username_update};

/// Takes a version that lies this far after the user's.
fn version(user: &User, after: i64) -> Version {
    Version::from_stored(user.version().number() + after)
}

/// An update is carried out where the user is in one of the versions.
pub async fn an_update_of_the_right_version_is_carried_out(users: Users) {
    let mut user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    let many = (-100..=100).collect();
    for (text, versions) in [("a", vec![0]), ("b", vec![1, 0, -1]), ("c", vec![0, 0]), ("d", many)] {
        let versions = versions.into_iter().map(|after| version(&user, after)).collect();
        let precondition = Precondition::VersionIn(versions);
        let after = users.update(user.id(), bio_update(text), precondition, noon()).await.unwrap();
        assert_eq!(after.version(), user.version().next());
        assert_eq!(after.profile().bio.as_ref().unwrap().as_str(), text);
        user = after;
    }
}

/// An update that is meant for other versions, or for none, is refused with the version that the user is in.
pub async fn an_update_of_another_version_is_refused(users: Users) {
    let created = full_user("ada");
    users.create(created.clone()).await.unwrap();
    let user = users.update(created.id(), bio_update("x"), Precondition::Exists, noon()).await.unwrap();
    let stale = WriteError::Rejected(Rejection::PreconditionFailed { current: user.version() });
    for versions in [vec![], vec![-1], vec![1], vec![-1, 1], (1..100).collect()] {
        let precondition =
            Precondition::VersionIn(versions.iter().map(|after| version(&user, *after)).collect());
        let answer = users.update(user.id(), bio_update("y"), precondition, noon()).await;
        assert_eq!(answer, Err(stale.clone()), "{versions:?}");
        assert_eq!(users.find(user.id()).await, Ok(Some(user.clone())));
    }
}

/// An update that changes nothing is refused like any other, and does nothing where the precondition holds.
pub async fn a_precondition_binds_an_update_that_changes_nothing(users: Users) {
    let user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    let later = noon() + TimeDelta::seconds(1);
    for update in [UserUpdate::default(), update_to(user.profile())] {
        let stale = Precondition::VersionIn(vec![version(&user, 1)]);
        let answer = users.update(user.id(), update.clone(), stale, later).await;
        assert_eq!(
            answer,
            Err(WriteError::Rejected(Rejection::PreconditionFailed { current: user.version() }))
        );
        let right = Precondition::VersionIn(vec![user.version()]);
        assert_eq!(users.update(user.id(), update, right, later).await, Ok(user.clone()));
    }
}

/// A precondition that fails goes before a username that is taken; one that holds does not hide it.
pub async fn a_failed_precondition_goes_before_a_taken_username(users: Users) {
    let ada = minimal_user("ada");
    users.create(ada.clone()).await.unwrap();
    users.create(named_user("grace", "grace")).await.unwrap();
    let claim = |versions| {
        let precondition = Precondition::VersionIn(versions);
        users.update(ada.id(), username_update("Grace"), precondition, noon())
    };
    let stale = WriteError::Rejected(Rejection::PreconditionFailed { current: ada.version() });
    assert_eq!(claim(vec![version(&ada, 1)]).await, Err(stale.clone()));
    assert_eq!(claim(vec![]).await, Err(stale));
    assert_eq!(claim(vec![ada.version()]).await, Err(WriteError::Rejected(Rejection::UsernameTaken)));
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada)));
}

/// Of many updates that are meant for one version, exactly one is carried out; the others learn which version it made.
pub async fn of_many_updates_of_one_version_one_is_carried_out(users: Users) {
    let mut user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    for round in 0..4 {
        let answers = at_once((0..64).map(|number| {
            let (users, user) = (Arc::clone(&users), user.clone());
            let precondition = Precondition::VersionIn(vec![user.version()]);
            let update = bio_update(&format!("{round}.{number}"));
            async move { users.update(user.id(), update, precondition, noon()).await }
        }))
        .await;
        let (done, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 1, "{refused:?}");
        let after = done.into_iter().next().unwrap().unwrap();
        assert_eq!(after.version(), user.version().next());
        let stale = Err(WriteError::Rejected(Rejection::PreconditionFailed { current: after.version() }));
        assert!(refused.iter().all(|answer| *answer == stale), "{refused:?}");
        assert_eq!(users.find(user.id()).await, Ok(Some(after.clone())));
        user = after;
    }
}

/// A counter that everybody counts up on the version they saw, and tries again where it is stale, loses no count.
pub async fn counting_on_the_version_seen_loses_no_count(users: Users) {
    let user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    users.update(user.id(), bio_update("0"), Precondition::Exists, noon()).await.unwrap();
    at_once((0..8).map(|_| {
        let users = Arc::clone(&users);
        async move {
            for _ in 0..5 {
                count_up(&users).await;
            }
        }
    }))
    .await;
    let after = users.find(user.id()).await.unwrap().unwrap();
    assert_eq!(after.profile().bio.as_ref().unwrap().as_str(), "40");
}

/// Adds one to the number that is the bio of the user `ada`.
async fn count_up(users: &Users) {
    let id = crate::user_id("ada");
    loop {
        let seen = users.find(&id).await.unwrap().unwrap();
        let count: u32 = seen.profile().bio.as_ref().unwrap().as_str().parse().unwrap();
        let update = bio_update(&(count + 1).to_string());
        match users.update(&id, update, Precondition::VersionIn(vec![seen.version()]), noon()).await {
            Ok(_) => return,
            Err(WriteError::Rejected(Rejection::PreconditionFailed { .. })) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
}
