//! Contracts of [`Users::write`](users_ports::Users::write): what happens at the same time.

use std::sync::Arc;

use chrono::TimeDelta;
use users_domain::{Bio, Change, Label, Member, Precondition, User, UserUpdate, Version};

use super::Users;
use super::together::{at_once, in_order};
use crate::{
    MEMBERS, bio_update, full_profile, minimal_user, noon, odd_profile, other_profile, update_member, user_id,
};

/// Updates of different members at once all survive: 17 members, three times over.
pub async fn updates_of_different_members_lose_nothing(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    for (profile, round) in [full_profile(), other_profile(), odd_profile()].into_iter().zip(1..) {
        let before = users.find(created.id()).await.unwrap().unwrap();
        let changed = MEMBERS.into_iter().filter(|member| {
            let mut copy = before.profile().clone();
            copy.apply(update_member(*member, &profile))
        });
        let changed = i64::try_from(changed.count()).unwrap();
        at_once(MEMBERS.into_iter().map(|member| {
            let (users, update) = (Arc::clone(&users), update_member(member, &profile));
            async move { users.update(&user_id("ada"), update, Precondition::Exists, noon()).await.unwrap() }
        }))
        .await;
        let after = users.find(created.id()).await.unwrap().unwrap();
        assert_eq!(*after.profile(), profile, "round {round}");
        assert_eq!(after.version().number() - before.version().number(), changed, "round {round}");
    }
}

/// Many updates of one user at once are all carried out, one after the other, and each answer shows its own.
pub async fn many_updates_of_one_user_each_see_their_own(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let answers = at_once((0..64).map(|number| {
        let users = Arc::clone(&users);
        let now = noon() + TimeDelta::microseconds(number);
        let update = bio_update(&number.to_string());
        async move { users.update(&user_id("ada"), update, Precondition::Exists, now).await.unwrap() }
    }))
    .await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.profile().bio.as_ref().map(Bio::as_str), Some(number.to_string().as_str()));
    }
    let last = check_versions(&created, answers);
    assert_eq!(users.find(created.id()).await, Ok(Some(last)));
}

/// The same, with all of them handed over from one task.
pub async fn many_updates_from_one_task_each_see_their_own(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let calls = (0..64).map(|number| {
        let (users, update) = (Arc::clone(&users), bio_update(&number.to_string()));
        async move { users.update(&user_id("ada"), update, Precondition::Exists, noon()).await.unwrap() }
    });
    let answers = in_order(calls).await;
    for (number, answer) in answers.iter().enumerate() {
        assert_eq!(answer.profile().bio.as_ref().map(Bio::as_str), Some(number.to_string().as_str()));
    }
    let last = check_versions(&created, answers);
    assert_eq!(users.find(created.id()).await, Ok(Some(last)));
}

/// Checks that the answers are the versions after `before`, each once, never earlier than the one before; gives back
/// the last.
fn check_versions(before: &User, mut answers: Vec<User>) -> User {
    answers.sort_by_key(User::version);
    let versions: Vec<_> =
        answers.iter().map(|user| user.version().number() - before.version().number()).collect();
    let expected: Vec<_> = (1..).take(answers.len()).collect();
    assert_eq!(versions, expected);
    assert!(answers.is_sorted_by_key(User::modified_at));
    answers.pop().unwrap()
}

/// An answer shows every update that went before it: of members that only ever change from unset, none vanishes again.
pub async fn an_answer_shows_all_that_went_before_it(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let profile = other_profile();
    let mut answers = at_once(MEMBERS.into_iter().map(|member| {
        let (users, update) = (Arc::clone(&users), update_member(member, &profile));
        async move {
            let after = users.update(&user_id("ada"), update, Precondition::Exists, noon()).await.unwrap();
            (member, after)
        }
    }))
    .await;
    answers.sort_by_key(|(_, after)| after.version());
    let mut expected = created.into_parts().profile;
    for (member, after) in answers {
        assert!(expected.apply(update_member(member, &profile)));
        assert_eq!(*after.profile(), expected, "{member}");
    }
}

/// Nobody sees a part of an update: members that are always changed together are always found together.
pub async fn nobody_sees_a_part_of_an_update(users: Users) {
    let created = minimal_user("ada");
    users.create(created.clone()).await.unwrap();
    let writers = (0..4).map(|writer| {
        let users = Arc::clone(&users);
        async move {
            for step in 0..25 {
                let update = same_everywhere(&format!("{writer}.{step}"));
                let after =
                    users.update(&user_id("ada"), update, Precondition::Exists, noon()).await.unwrap();
                assert_whole(&after);
            }
        }
    });
    let readers = (0..4).map(|_| {
        let users = Arc::clone(&users);
        async move {
            let mut last = Version::from_stored(0);
            for _ in 0..50 {
                let seen = users.find(&user_id("ada")).await.unwrap().unwrap();
                assert_whole(&seen);
                assert!(seen.version() >= last, "a reader went back in time");
                last = seen.version();
            }
        }
    });
    tokio::join!(at_once(writers), at_once(readers));
    let after = users.find(created.id()).await.unwrap().unwrap();
    assert_eq!(after.version().number() - created.version().number(), 100);
}

/// An update that gives three members the same text.
fn same_everywhere(text: &str) -> UserUpdate {
    let label = || Change::Set(Label::parse(text).unwrap());
    UserUpdate { organization: label(), title: label(), regions: label(), ..UserUpdate::default() }
}

fn assert_whole(user: &User) {
    let profile = user.profile();
    assert!(profile.organization == profile.title && profile.title == profile.regions, "{profile:?}");
}

/// Updates that change nothing make no version and lose nobody's change, among updates that do.
pub async fn updates_that_change_nothing_do_not_disturb(users: Users) {
    let created = User::create(user_id("ada"), full_profile(), noon());
    users.create(created.clone()).await.unwrap();
    let answers = at_once((0..90).map(|number| {
        let users = Arc::clone(&users);
        let update = match number % 3 {
            0 => UserUpdate::default(),
            1 => update_member(Member::Title, &full_profile()),
            _ => bio_update(&number.to_string()),
        };
        async move { users.update(&user_id("ada"), update, Precondition::Exists, noon()).await.unwrap() }
    }))
    .await;
    let after = users.find(created.id()).await.unwrap().unwrap();
    assert_eq!(after.version().number() - created.version().number(), 30);
    assert!(answers.iter().all(|answer| (created.version()..=after.version()).contains(&answer.version())));
    let changes = answers.into_iter().skip(2).step_by(3).collect();
    assert_eq!(check_versions(&created, changes), after);
}
