//! Contracts of [`Users::write`](users_ports::Users::write).

use std::sync::Arc;

use users_domain::{Profile, User};
use users_ports::{Rejection, WriteError};

use super::Users;
use super::together::at_once;
use crate::{full_profile, full_user, minimal_user, named_user, noon, odd_profile, other_profile, user_id};

/// A new user is given back as it is kept.
pub async fn a_new_user_is_given_back_as_it_is_kept(users: Users) {
    for (id, profile) in [("a", Profile::default()), ("b", full_profile()), ("c", odd_profile())] {
        let user = User::create(user_id(id), profile, noon());
        assert_eq!(users.create(user.clone()).await, Ok(user.clone()));
        assert_eq!(users.find(user.id()).await, Ok(Some(user)));
    }
}

/// A taken id is refused, whatever else the user is, and its user left as it is.
pub async fn a_taken_id_is_refused_and_its_user_left_as_it_is(users: Users) {
    let ada = full_user("ada");
    users.create(ada.clone()).await.unwrap();
    let other = User::create(user_id("ada"), other_profile(), noon());
    for again in [ada.clone(), minimal_user("ada"), other] {
        assert_eq!(users.create(again).await, Err(WriteError::Rejected(Rejection::IdTaken)));
        assert_eq!(users.find(ada.id()).await, Ok(Some(ada.clone())));
    }
    // The username of the refused user is still to be had.
    users.create(named_user("grace", "grace.h")).await.unwrap();
}

/// A taken username is refused in every form of it, and no user made.
pub async fn a_taken_username_is_refused_in_every_form(users: Users) {
    let ada = full_user("1");
    users.create(ada.clone()).await.unwrap();
    for name in ["Ada", "ada", "ADA", "aDa", "\u{FF21}\u{FF24}\u{FF21}"] {
        assert_eq!(
            users.create(named_user("2", name)).await,
            Err(WriteError::Rejected(Rejection::UsernameTaken)),
            "{name}"
        );
        assert_eq!(users.find(&user_id("2")).await, Ok(None));
    }
    assert_eq!(users.find(ada.id()).await, Ok(Some(ada)));
    // The id of the refused user is still to be had.
    users.create(minimal_user("2")).await.unwrap();
    // The forms of the sigma are one, and so are letters that Unicode writes in several ways.
    for (id, name, others) in [
        ("3", "νίκος", &["ΝΊΚΟΣ", "νίκοσ", "Νίκος"][..]),
        ("4", "জ\u{9DF}", &["জয\u{9BC}"]),
        ("5", "\u{1112}\u{1161}\u{11AB}", &["한"]),
        ("6", "محمّد", &["محمّد"]),
    ] {
        users.create(named_user(id, name)).await.unwrap();
        for other in others {
            assert_eq!(
                users.create(named_user("7", other)).await,
                Err(WriteError::Rejected(Rejection::UsernameTaken)),
                "{other}"
            );
        }
    }
}

/// A taken id goes before a taken username: what is sent a second time is told so, and not that its own name is taken.
pub async fn a_taken_id_goes_before_a_taken_username(users: Users) {
    users.create(named_user("1", "one")).await.unwrap();
    users.create(named_user("2", "two")).await.unwrap();
    assert_eq!(users.create(named_user("1", "one")).await, Err(WriteError::Rejected(Rejection::IdTaken)));
    assert_eq!(users.create(named_user("1", "TWO")).await, Err(WriteError::Rejected(Rejection::IdTaken)));
}

/// Users without a username do not stand in each other's way; nor do names that only look alike in part.
pub async fn different_usernames_and_none_are_free(users: Users) {
    for id in ["1", "2"] {
        users.create(minimal_user(id)).await.unwrap();
    }
    for (id, name) in [("3", "ada"), ("4", "ada1"), ("5", "ad"), ("6", "a_a"), ("7", "a%"), ("8", "äda")] {
        users.create(named_user(id, name)).await.unwrap();
    }
}

/// An email address is no name: several users may have it.
pub async fn an_email_is_not_unique(users: Users) {
    for id in ["1", "2"] {
        let profile = Profile { username: None, ..full_profile() };
        users.create(User::create(user_id(id), profile, noon())).await.unwrap();
    }
}

/// Of many creations of one id at once, exactly one is kept.
pub async fn of_many_creations_of_one_id_one_is_kept(users: Users) {
    let answers = at_once((0..32).map(|number| {
        let users = Arc::clone(&users);
        async move { users.create(named_user("ada", &format!("name{number}"))).await }
    }))
    .await;
    let kept = the_only_one_kept(answers, &WriteError::Rejected(Rejection::IdTaken));
    assert_eq!(users.find(kept.id()).await, Ok(Some(kept)));
}

/// Of many new users with one username at once, exactly one is kept.
pub async fn of_many_users_with_one_username_one_is_stored(users: Users) {
    let names = ["ada", "Ada", "aDA", "\u{FF21}da"];
    let answers = at_once((0..32).zip(names.into_iter().cycle()).map(|(number, name)| {
        let users = Arc::clone(&users);
        async move { users.create(named_user(&number.to_string(), name)).await }
    }))
    .await;
    let kept = the_only_one_kept(answers, &WriteError::Rejected(Rejection::UsernameTaken));
    for number in 0..32 {
        let id = user_id(&number.to_string());
        let expected = (id == *kept.id()).then(|| kept.clone());
        assert_eq!(users.find(&id).await, Ok(expected));
    }
}

/// A creation that is refused does not touch the others that are made at the same time.
pub async fn each_of_many_creations_gets_its_own_answer(users: Users) {
    users.create(named_user("taken", "Taken")).await.unwrap();
    let new_user = |number: u32| match number % 4 {
        0 => (minimal_user("taken"), Some(WriteError::Rejected(Rejection::IdTaken))),
        1 => (named_user(&number.to_string(), "tAKEN"), Some(WriteError::Rejected(Rejection::UsernameTaken))),
        2 => (named_user(&number.to_string(), &format!("name{number}")), None),
        _ => (minimal_user(&number.to_string()), None),
    };
    let answers = at_once((0..128).map(|number| {
        let users = Arc::clone(&users);
        async move { users.create(new_user(number).0).await }
    }))
    .await;
    for (number, answer) in (0..).zip(answers) {
        let (user, error) = new_user(number);
        assert_eq!(answer, error.map_or(Ok(user), Err), "{number}");
    }
}

/// The one user of these that was kept; all others must have been refused with `error`.
fn the_only_one_kept(answers: Vec<Result<User, WriteError>>, error: &WriteError) -> User {
    let (kept, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    assert_eq!(kept.len(), 1, "{refused:?}");
    assert!(refused.iter().all(|answer| answer.as_ref().err() == Some(error)), "{refused:?}");
    kept.into_iter().next().unwrap().unwrap()
}
