//! Many clients at few users: what they were told can be explained by one thing after the other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};

use super::caller::{Caller, Verbs};
use crate::grounds::{Grounds, Kind};
use crate::history::{Call, Fault, Operation, Reply, State, Verdict, check, plant};
use crate::http::Request;
use crate::random::Random;
use crate::report::{Row, with_commas};
use crate::service::Service;

/// Clients that call at the same time.
const CLIENTS: u32 = 16;
/// Users that they call about.
const USERS: u32 = 4;
/// How much of a history the faults are planted in.
const PLANTED_LENGTH: usize = 3_000;

/// Lets the clients call, holds what they were told against the model, and then the same with faults planted in it.
pub fn carry_out(grounds: &Grounds, kind: Kind) -> Result<Row> {
    let wanted = grounds.either(110_000, 12_000);
    let service = grounds.install(kind, &[])?.start()?;
    let starts = create_users(&service)?;
    let verbs = Verbs::of(&service);
    let begun = Instant::now();
    let Calls { histories, mut problems } = call(&service, grounds.seed, wanted, verbs)?;
    let called = begun.elapsed();
    let mut row = Row::of(format!("{CLIENTS} clients at {USERS} users, every answer explained, {kind}"));
    row.broken.append(&mut problems);
    let total: usize = histories.iter().map(Vec::len).sum();
    let unknown = histories.iter().flatten().filter(|operation| operation.reply == Reply::Unknown).count();
    for (user, (start, history)) in starts.iter().zip(&histories).enumerate() {
        match check(*start, history) {
            Verdict::Legal => {}
            Verdict::Illegal(problem) => row.broken.push(format!("user-{user}: {problem}")),
            Verdict::Undecided => row.broken.push(format!("user-{user}: too much is unknown to decide it")),
        }
    }
    let violations = row.broken.len();
    let (planted, found) = plant_faults(grounds.seed, &starts, &histories);
    row.expect(planted > 0 && planted == found, || format!("of {planted} planted faults {found} were found"));
    row.figures = format!(
        "{} operations ({verbs}) in {:.0} s, {unknown} unknown: {violations} violations; of {planted} faults planted in these \
         histories {found} found",
        with_commas(total),
        called.as_secs_f64(),
    );
    Ok(row)
}

/// Makes the users, and says what they are.
fn create_users(service: &Service) -> Result<Vec<State>> {
    let mut client = service.client();
    let create = |user| {
        let created = client.send(&Request::post(&format!(r#"{{"id":"user-{user}"}}"#)));
        ensure!(created.status() == 201, "cannot make a user: {:?}", created.outcome);
        let tag = created.answer().and_then(super::caller::tag_of);
        Ok(State::Present { one: 0, other: 0, tag })
    };
    (0..USERS).map(create).collect()
}

/// What the clients did, by user, and what they were told that no model is needed to call wrong.
struct Calls {
    histories: Vec<Vec<Operation>>,
    problems: Vec<String>,
}

fn call(service: &Service, seed: u64, wanted: u64, verbs: Verbs) -> Result<Calls> {
    let (origin, sent) = (Instant::now(), AtomicU64::new(0));
    let sent = &sent;
    let results: Vec<_> = thread::scope(|scope| {
        let spawn = |number| {
            let mut caller =
                Caller::new(number, service.client(), Random::new(seed, number.into()), verbs, origin);
            scope.spawn(move || {
                while sent.fetch_add(1, Ordering::Relaxed) < wanted {
                    caller.call(USERS);
                }
                caller
            })
        };
        let threads: Vec<_> = (1..=CLIENTS).map(spawn).collect();
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let mut calls = Calls { histories: vec![Vec::new(); usize::try_from(USERS)?], problems: Vec::new() };
    for caller in results {
        let caller = caller.map_err(|_| anyhow!("a client panicked"))?;
        for (user, operation) in caller.operations {
            if let Some(history) = calls.histories.get_mut(usize::try_from(user)?) {
                history.push(operation);
            }
        }
        calls.problems.extend(caller.problems);
    }
    for history in &mut calls.histories {
        history.sort_unstable_by_key(|operation| operation.begun);
    }
    Ok(calls)
}

/// Plants each fault in the beginning of each history, and counts how many there were and how many were found.
fn plant_faults(seed: u64, starts: &[State], histories: &[Vec<Operation>]) -> (u32, u32) {
    let (mut planted, mut found) = (0, 0);
    for (stream, (start, history)) in (1_000..).zip(starts.iter().zip(histories)) {
        let beginning = beginning_of(history);
        let mut random = Random::new(seed, stream);
        for fault in Fault::ALL.iter().cycle().take(2 * Fault::ALL.len()) {
            if let Some(faulty) = plant(*fault, &beginning, &mut random) {
                planted += 1;
                found += u32::from(matches!(check(*start, &faulty), Verdict::Illegal(_)));
            }
        }
    }
    (planted, found)
}

/// The first operations of a history. Those that were under way at its end count as unanswered.
fn beginning_of(history: &[Operation]) -> Vec<Operation> {
    let Some(end) = history.get(PLANTED_LENGTH).map(|operation| operation.begun) else {
        return history.to_vec();
    };
    let first = history.iter().take_while(|operation| operation.begun < end);
    first
        .filter(|operation| operation.ended < end || !matches!(operation.call, Call::Read { .. }))
        .map(|operation| {
            let reply = if operation.ended < end { operation.reply } else { Reply::Unknown };
            Operation { reply, ..*operation }
        })
        .collect()
}
