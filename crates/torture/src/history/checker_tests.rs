//! The checker on histories that are told by hand, on random legal ones, and on those with faults planted.

use super::{Call, Fault, Operation, Reply, Seen, State, Verdict, check, plant};
use crate::random::Random;

const START: State = State::Present { one: 0, other: 0, tag: Some(1) };

const fn seen(one: u32, other: u32, tag: u64) -> Reply {
    Reply::User(Seen { one, other, tag })
}

const READ: Call = Call::Read { unless: None };

const fn set_one(value: u32, only_if: Option<u64>) -> Call {
    Call::Write { one: Some(value), other: None, only_if }
}

const fn set_other(value: u32) -> Call {
    Call::Write { one: None, other: Some(value), only_if: None }
}

/// What the checker says of calls with their replies, begins and ends.
fn verdict(operations: &[(Call, Reply, u64, u64)]) -> Verdict {
    let operation = |&(call, reply, begun, ended)| Operation { client: 0, call, reply, begun, ended };
    check(START, &operations.iter().map(operation).collect::<Vec<_>>())
}

#[track_caller]
fn assert_illegal(operations: &[(Call, Reply, u64, u64)]) {
    assert!(matches!(verdict(operations), Verdict::Illegal(_)), "{:?}", verdict(operations));
}

#[test]
fn one_after_the_other_is_legal() {
    let operations = [
        (READ, seen(0, 0, 1), 0, 1),
        (set_one(5, Some(1)), seen(5, 0, 2), 2, 3),
        (set_one(6, Some(1)), Reply::Stale(2), 4, 5),
        (Call::Read { unless: Some(2) }, Reply::Unchanged, 6, 7),
        (Call::Delete, seen(5, 0, 2), 8, 9),
        (READ, Reply::Absent, 10, 11),
        (Call::Create { one: 7, other: 8 }, seen(7, 8, 3), 12, 13),
    ];
    assert_eq!(verdict(&operations), Verdict::Legal);
}

#[test]
fn what_happens_at_the_same_time_may_have_any_order() {
    for value in [0, 5] {
        let read = if value == 0 { seen(0, 0, 1) } else { seen(5, 0, 2) };
        assert_eq!(verdict(&[(set_one(5, None), seen(5, 0, 2), 0, 10), (READ, read, 1, 9)]), Verdict::Legal);
    }
    // The one that was called first comes last.
    let crossed = [
        (set_one(5, None), seen(5, 6, 3), 0, 10),
        (set_other(6), seen(0, 6, 2), 1, 11),
        (READ, seen(5, 6, 3), 12, 13),
    ];
    assert_eq!(verdict(&crossed), Verdict::Legal);
}

#[test]
fn a_lost_update_is_found() {
    assert_illegal(&[
        (set_one(5, None), seen(5, 0, 2), 0, 10),
        (set_other(6), seen(0, 6, 3), 1, 11),
        (READ, seen(0, 6, 3), 12, 13),
    ]);
    // Two writers with the same condition, and both are told that it held.
    assert_illegal(&[
        (set_one(5, Some(1)), seen(5, 0, 2), 0, 10),
        (set_one(6, Some(1)), seen(6, 0, 3), 1, 11),
    ]);
}

#[test]
fn a_stale_read_is_found() {
    assert_illegal(&[(set_one(5, None), seen(5, 0, 2), 0, 1), (READ, seen(0, 0, 1), 2, 3)]);
    // Once somebody has seen the new value, nobody may see the old one.
    assert_illegal(&[
        (set_one(5, None), seen(5, 0, 2), 0, 10),
        (READ, seen(5, 0, 2), 1, 2),
        (READ, seen(0, 0, 1), 3, 4),
    ]);
}

#[test]
fn a_write_that_takes_effect_twice_is_found() {
    assert_illegal(&[
        (set_one(5, None), seen(5, 0, 2), 0, 1),
        (set_one(6, None), seen(6, 0, 3), 2, 3),
        (READ, seen(5, 0, 4), 4, 5),
    ]);
    // Also where its answer was lost, so that it may come late: it comes once.
    assert_illegal(&[
        (set_one(5, None), Reply::Unknown, 0, 1),
        (READ, seen(5, 0, 2), 2, 3),
        (set_one(6, None), seen(6, 0, 3), 4, 5),
        (READ, seen(5, 0, 4), 6, 7),
    ]);
}

#[test]
fn a_value_that_nobody_wrote_is_found() {
    assert_illegal(&[(READ, seen(9, 0, 2), 0, 1)]);
    assert_illegal(&[(set_one(5, None), seen(5, 9, 2), 0, 1)]);
}

#[test]
fn a_tag_that_comes_back_is_found() {
    assert_illegal(&[
        (set_one(5, None), seen(5, 0, 2), 0, 1),
        (set_one(6, None), seen(6, 0, 3), 2, 3),
        (set_one(7, None), seen(7, 0, 2), 4, 5),
    ]);
}

#[test]
fn what_is_unknown_may_take_effect_at_any_later_time_or_never() {
    let lost = (set_one(5, None), Reply::Unknown, 0, 1);
    assert_eq!(verdict(&[lost, (READ, seen(0, 0, 1), 2, 3), (READ, seen(5, 0, 2), 4, 5)]), Verdict::Legal);
    assert_eq!(verdict(&[lost, (READ, seen(0, 0, 1), 2, 3)]), Verdict::Legal);
    // But not before it was called.
    assert_illegal(&[(READ, seen(5, 0, 2), 0, 1), (set_one(5, None), Reply::Unknown, 2, 3)]);
}

#[test]
fn too_many_ways_are_not_called_legal() {
    let lost: Vec<_> = (0..200).map(|value| (set_one(value + 10, None), Reply::Unknown, 0, 1)).collect();
    assert_eq!(verdict(&lost), Verdict::Undecided);
}

/// A history that is legal by the way it is made: calls of several clients take effect at random moments between their
/// begin and their end.
fn legal_history(seed: u64, length: u64) -> Vec<Operation> {
    let mut random = Random::new(seed, 0);
    let mut user = (0, 0, 1);
    let mut busy_until = [0; 6];
    let mut operations = Vec::new();
    let mut tags = vec![1];
    for step in 1..=length {
        // The effects stand 100 apart; a call may reach over several of them on both sides.
        let (client, at) = (usize::try_from(random.below(6)).unwrap(), step * 100);
        if busy_until[client] >= at {
            continue;
        }
        let begun = at - random.below((at - busy_until[client]).min(400));
        let ended = at + random.below(400);
        busy_until[client] = ended;
        let value = u32::try_from(step).unwrap() + 1_000;
        let known = *random.choose(&tags[tags.len().saturating_sub(3)..]).unwrap();
        let call = match random.below(5) {
            0 => set_one(value, None),
            1 => set_other(value),
            2 => set_one(value, Some(known)),
            3 => Call::Read { unless: Some(known) },
            _ => READ,
        };
        let reply = match call {
            Call::Write { only_if: Some(tag), .. } if tag != user.2 => Reply::Stale(user.2),
            Call::Read { unless: Some(tag) } if tag == user.2 => Reply::Unchanged,
            Call::Write { one, other, .. } => {
                user = (one.unwrap_or(user.0), other.unwrap_or(user.1), step + 1);
                tags.push(user.2);
                seen(user.0, user.1, user.2)
            }
            _ => seen(user.0, user.1, user.2),
        };
        operations.push(Operation { client: u32::try_from(client).unwrap(), call, reply, begun, ended });
    }
    operations
}

#[test]
fn random_legal_histories_are_accepted() {
    for seed in 0..50 {
        assert_eq!(check(START, &legal_history(seed, 400)), Verdict::Legal, "seed {seed}");
    }
}

#[test]
fn every_planted_fault_is_found() {
    for fault in Fault::ALL {
        let mut planted = 0;
        for seed in 0..50 {
            let history = legal_history(seed, 400);
            let Some(faulty) = plant(fault, &history, &mut Random::new(seed, 1)) else { continue };
            planted += 1;
            let found = check(START, &faulty);
            assert!(matches!(found, Verdict::Illegal(_)), "{fault:?} with seed {seed}: {found:?}");
        }
        assert!(planted > 40, "{fault:?} was planted {planted} times");
    }
}
