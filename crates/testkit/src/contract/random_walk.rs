//! Contracts of [`UserRepository`] as a whole: a long way of many steps, each held against
//! the store in memory.

use chrono::TimeDelta;
use users_domain::{Change, Profile, User, UserUpdate, Username};
use users_ports::UserRepository;

use super::Users;
use super::dice::Dice;
use super::update_order::any_update;
use crate::{MemoryStore, full_profile, noon, odd_profile, other_profile, user_id, username};

/// Every step of a way of 300 creations, updates and look-ups is answered as the store in memory answers it.
pub async fn a_long_way_is_answered_as_in_memory(users: Users) {
    for seed in [1, 2, 3] {
        walk(&users, seed).await;
    }
}

async fn walk(users: &Users, seed: u64) {
    let (oracle, mut dice) = (MemoryStore::default(), Dice::new(seed));
    let mut changes = 0;
    let ids = ["a", "b", "c", "A", "d.e"].map(|id| user_id(&format!("{seed}:{id}")));
    for step in 0..100 {
        let id = &dice.pick(&ids);
        // The clock goes forward, stands still and sometimes goes back.
        let now = noon() + TimeDelta::seconds(step) - TimeDelta::seconds(i64::from(dice.roll(4) == 0) * 90);
        if dice.roll(4) == 0 {
            let user = User::create(id.clone(), any_profile(&mut dice, seed), now);
            assert_eq!(
                users.create(user.clone()).await,
                oracle.create(user).await,
                "seed {seed}, step {step}"
            );
        } else {
            let current = oracle.find(id).await.unwrap();
            let current = current.unwrap_or_else(|| User::create(id.clone(), Profile::default(), now));
            let (update, precondition) = any_update(&mut dice, &current);
            let update = UserUpdate { username: any_username(&mut dice, seed), ..update };
            let answer = users.update(id, update.clone(), precondition.clone(), now).await;
            changes += u32::from(answer.as_ref().is_ok_and(|after| after.version() != current.version()));
            assert_eq!(
                answer,
                oracle.update(id, update, precondition, now).await,
                "seed {seed}, step {step}"
            );
        }
        for id in &ids {
            assert_eq!(
                users.find(id).await,
                UserRepository::find(&oracle, id).await,
                "seed {seed}, step {step}"
            );
        }
    }
    assert!(changes >= 20, "seed {seed}: only {changes} updates changed anything");
}

fn any_profile(dice: &mut Dice, seed: u64) -> Profile {
    let profile = dice.pick(&[Profile::default(), full_profile(), other_profile(), odd_profile()]);
    let name = any_username(dice, seed).set().cloned();
    Profile { username: name, ..profile }
}

/// One of a few names in some form, which the users of one seed compete for; often the one they have.
fn any_username(dice: &mut Dice, seed: u64) -> Change<Username> {
    const NAMES: [&str; 8] = ["ada", "Ada", "\u{FF21}da", "grace", "GRACE", "alan", "Alan", "barbara"];
    match dice.roll(6) {
        0 => Change::Clear,
        1 | 2 => Change::Set(username(&format!("{}{seed}", dice.pick(&NAMES)))),
        _ => Change::Keep,
    }
}
