//! Contracts of [`Users::write`](users_ports::Users::write) for each of the 17 members by itself,
//! with [`User::apply`] as the meaning.

use chrono::TimeDelta;
use users_domain::{Profile, User};

use super::Users;
use super::update::update_and_check;
use crate::{MEMBERS, full_profile, noon, odd_profile, other_profile, update_member, user_id};

/// Each member is set by itself, on a user of whom nothing is known and on one of whom everything is.
pub async fn each_member_is_set_by_itself(users: Users) {
    change_each_member(&users, &[other_profile(), odd_profile(), full_profile()]).await;
}

/// Each member is cleared by itself.
pub async fn each_member_is_cleared_by_itself(users: Users) {
    change_each_member(&users, &[Profile::default(), odd_profile(), Profile::default()]).await;
}

/// Each member is kept by an update that sets it to what it is.
pub async fn each_member_is_kept_where_it_is_the_same(users: Users) {
    for (kind, profile) in [("minimal", Profile::default()), ("full", full_profile()), ("odd", odd_profile())]
    {
        let user = User::create(user_id(kind), profile.clone(), noon());
        users.create(user.clone()).await.unwrap();
        for member in MEMBERS {
            let later = noon() + TimeDelta::seconds(1);
            let after = update_and_check(&users, &user, update_member(member, &profile), later).await;
            assert_eq!(after, user, "{member}");
        }
    }
}

/// Makes each member by itself what it is in one profile after the other, on users of every kind.
async fn change_each_member(users: &Users, steps: &[Profile]) {
    for member in MEMBERS {
        for (kind, profile) in [("minimal", Profile::default()), ("full", full_profile())] {
            let id = user_id(&format!("{kind}-{member}"));
            // One user has the name at a time.
            let mut user = User::create(id, Profile { username: None, ..profile }, noon());
            users.create(user.clone()).await.unwrap();
            for (seconds, step) in (1..).zip(steps) {
                let now = noon() + TimeDelta::seconds(seconds);
                user = update_and_check(users, &user, update_member(member, step), now).await;
            }
            update_and_check(users, &user, update_member(member, &Profile::default()), noon()).await;
        }
    }
}
