//! Contracts of [`Users`](users_ports::Users) as a whole: a long way of many steps, each held against
//! the store in memory.

use chrono::TimeDelta;
use users_ports::UserCommand;

use super::Users;
use super::commands::{any_command, carry_out};
use super::dice::Dice;
use crate::{MemoryStore, noon, user_id};

/// Every step of a way of 450 creations, updates, deletions and look-ups is answered as the store in memory answers it.
pub async fn a_long_way_is_answered_as_in_memory(users: Users) {
    for seed in [1, 2, 3] {
        walk(&users, seed).await;
    }
}

async fn walk(users: &Users, seed: u64) {
    let (oracle, mut dice) = (MemoryStore::default(), Dice::new(seed));
    let (mut creations, mut changes, mut deletions) = (0, 0, 0);
    let ids = ["a", "b", "c", "A", "d.e"].map(|id| user_id(&format!("{seed}:{id}")));
    for step in 0..150 {
        let id = &dice.pick(&ids);
        // The clock goes forward, stands still and sometimes goes back.
        let now = noon() + TimeDelta::seconds(step) - TimeDelta::seconds(i64::from(dice.roll(4) == 0) * 90);
        let current = users_ports::Users::find(&oracle, id).await.unwrap();
        let command = any_command(&mut dice, &seed.to_string(), id, current.clone(), now);
        let answer = carry_out(&**users, command.clone(), now).await;
        match (&command, &answer) {
            (UserCommand::Create(_), Ok(_)) => creations += 1,
            (UserCommand::Update { .. }, Ok(after)) => changes += u32::from(current.as_ref() != Some(after)),
            (UserCommand::Delete { .. }, Ok(_)) => deletions += 1,
            _ => {}
        }
        let expected = carry_out(&oracle, command.clone(), now).await;
        assert_eq!(answer, expected, "seed {seed}, step {step}: {command:?}");
        for id in &ids {
            let expected = users_ports::Users::find(&oracle, id).await;
            assert_eq!(users.find(id).await, expected, "seed {seed}, step {step}");
        }
    }
    let done = (creations, changes, deletions);
    assert!(creations >= 8 && changes >= 20 && deletions >= 4, "seed {seed}: only {done:?}");
}
