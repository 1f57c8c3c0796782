//! Contracts of [`Users::write`](users_ports::Users::write): the username, which one user has at a
//! time.

use std::sync::Arc;

use users_domain::{Change, Precondition, User, UserUpdate};
use users_ports::{Rejection, WriteError};

use super::Users;
use super::together::at_once;
use super::update::update_and_check;
use crate::{
    full_profile, full_user, minimal_user, named_user, noon, other_profile, update_to, user_id,
    username_update,
};

fn cleared() -> UserUpdate {
    UserUpdate { username: Change::Clear, ..UserUpdate::default() }
}

async fn claim(users: &Users, user: &User, name: &str) -> Result<User, WriteError> {
    users.update(user.id(), username_update(name), Precondition::Exists, noon()).await
}

/// A username that another user has is refused in every form of it.
pub async fn anothers_username_is_refused_in_every_form(users: Users) {
    let (ada, grace) = (full_user("ada"), named_user("grace", "grace"));
    users.create(ada.clone()).await.unwrap();
    users.create(grace.clone()).await.unwrap();
    for name in ["Ada", "ada", "ADA", "\u{FF21}\u{FF24}\u{FF21}"] {
        assert_eq!(
            claim(&users, &grace, name).await,
            Err(WriteError::Rejected(Rejection::UsernameTaken)),
            "{name}"
        );
    }
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada)));
    assert_eq!(users.find(grace.id()).await, Ok(Some(grace)));
}

/// An update that is refused for its username changes nothing else either.
pub async fn an_update_refused_for_its_username_changes_nothing(users: Users) {
    let (ada, grace) = (full_user("ada"), User::create(user_id("grace"), other_profile(), noon()));
    users.create(ada.clone()).await.unwrap();
    users.create(grace.clone()).await.unwrap();
    let answer = users.update(grace.id(), update_to(&full_profile()), Precondition::Exists, noon()).await;
    assert_eq!(answer, Err(WriteError::Rejected(Rejection::UsernameTaken)));
    assert_eq!(users.find(grace.id()).await, Ok(Some(grace.clone())));
    // What was refused left nothing behind that stands in the way later.
    update_and_check(&users, &ada, cleared(), noon()).await;
    update_and_check(&users, &grace, update_to(&full_profile()), noon()).await;
}

/// A user's own username in another form is a change, and no conflict; in the same form it is nothing.
pub async fn ones_own_username_is_not_taken(users: Users) {
    let mut user = full_user("ada");
    users.create(user.clone()).await.unwrap();
    for (name, versions) in [("Ada", 0), ("ADA", 1), ("ADA", 1), ("\u{FF21}da", 2), ("ada", 3)] {
        user = update_and_check(&users, &user, username_update(name), noon()).await;
        assert_eq!(user.version().number() - full_user("ada").version().number(), versions, "{name}");
    }
    users.create(minimal_user("other")).await.unwrap();
    assert_eq!(
        claim(&users, &minimal_user("other"), "aDa").await,
        Err(WriteError::Rejected(Rejection::UsernameTaken))
    );
}

/// A username that was cleared, or changed for another, is free for others from then on.
pub async fn a_username_that_was_given_up_is_free(users: Users) {
    let (ada, grace) = (named_user("ada", "one"), minimal_user("grace"));
    users.create(ada.clone()).await.unwrap();
    users.create(grace.clone()).await.unwrap();
    let ada = update_and_check(&users, &ada, cleared(), noon()).await;
    let grace = update_and_check(&users, &grace, username_update("ONE"), noon()).await;
    assert_eq!(claim(&users, &ada, "one").await, Err(WriteError::Rejected(Rejection::UsernameTaken)));
    let grace = update_and_check(&users, &grace, username_update("two"), noon()).await;
    let ada = update_and_check(&users, &ada, username_update("One"), noon()).await;
    assert_eq!(claim(&users, &grace, "one").await, Err(WriteError::Rejected(Rejection::UsernameTaken)));
    assert_eq!(claim(&users, &ada, "Two").await, Err(WriteError::Rejected(Rejection::UsernameTaken)));
    // A new user finds the names as taken and as free as an old one.
    let kept = update_and_check(&users, &grace, cleared(), noon()).await;
    assert_eq!(users.create(named_user("new", "tWo")).await, Ok(named_user("new", "tWo")));
    assert_eq!(claim(&users, &kept, "two").await, Err(WriteError::Rejected(Rejection::UsernameTaken)));
}

/// Two users can swap their usernames by way of a third name.
pub async fn usernames_can_be_swapped(users: Users) {
    let (ada, grace) = (named_user("1", "ada"), named_user("2", "grace"));
    users.create(ada.clone()).await.unwrap();
    users.create(grace.clone()).await.unwrap();
    let ada = update_and_check(&users, &ada, username_update("ada.on.the.way"), noon()).await;
    update_and_check(&users, &grace, username_update("ada"), noon()).await;
    update_and_check(&users, &ada, username_update("grace"), noon()).await;
}

/// Of many users who claim one username at once, in whatever form, exactly one gets it.
pub async fn of_many_updates_to_one_username_one_is_carried_out(users: Users) {
    let mut claimants: Vec<_> = (0..50).map(|number| minimal_user(&number.to_string())).collect();
    for user in &claimants {
        users.create(user.clone()).await.unwrap();
    }
    let names = ["turing", "Turing", "TURING", "tURING", "\u{FF34}uring"];
    let calls = claimants.iter().zip(names.into_iter().cycle()).map(|(user, name)| {
        let (users, user) = (Arc::clone(&users), user.clone());
        async move { claim(&users, &user, name).await }
    });
    let answers = at_once(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    for (user, answer) in claimants.iter_mut().zip(answers) {
        match answer {
            Ok(after) => *user = after,
            Err(error) => assert_eq!(error, WriteError::Rejected(Rejection::UsernameTaken)),
        }
        assert_eq!(users.find(user.id()).await, Ok(Some(user.clone())));
    }
}

/// A user who is created and one who is updated at the same time cannot both get a username.
pub async fn a_creation_and_an_update_do_not_get_one_username(users: Users) {
    for round in 0..20 {
        let name = format!("name{round}");
        let (old, new) = (minimal_user(&format!("old{round}")), named_user(&format!("new{round}"), &name));
        users.create(old.clone()).await.unwrap();
        let update = {
            let (users, old, name) = (Arc::clone(&users), old.clone(), name.to_uppercase());
            tokio::spawn(async move { claim(&users, &old, &name).await })
        };
        let created = users.create(new.clone()).await.is_ok();
        let updated = update.await.unwrap().is_ok();
        assert!(created != updated, "round {round}: created: {created}, updated: {updated}");
        assert_eq!(users.find(new.id()).await.unwrap().is_some(), created);
        assert_eq!(users.find(old.id()).await.unwrap().unwrap().profile().username.is_some(), updated);
    }
}
