//! PostgreSQL is killed, or ended at once, under load, and the service stays: nothing that was acknowledged is lost.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use users_testkit::PrivatePostgres;

use super::REQUEST_LIMIT;
use super::heal::first_success;
use crate::grounds::{Grounds, Kind};
use crate::load::{Ledger, LoadPlan, Summary};
use crate::random::Random;
use crate::report::{Row, with_commas};
use crate::service::send_signal;

/// Ends PostgreSQL at random moments of a load of 64 writers, in turn by `SIGKILL` to all of its processes and by an
/// immediate shutdown, and looks for every user once it is back.
pub fn carry_out(grounds: &Grounds) -> Result<Row> {
    let rounds = grounds.either(20, 4);
    let postgres = grounds.postgres();
    let plan = LoadPlan::new(grounds.seed);
    let mut random = Random::new(grounds.seed, u64::MAX);
    let mut row = Row::of("`kill -9` and immediate stop of PostgreSQL in turn, under 64-way PUT load");
    let (mut ledger, mut summary) = (Ledger::default(), Summary::default());
    let mut slowest = Duration::ZERO;
    let mut service = grounds.install(Kind::Postgres, &[])?.start()?;
    plan.create_users(&service)?;
    for round in 0..rounds {
        let load = plan.start(service.address(), service.token(), round);
        sleep(random.milliseconds(150, grounds.either(900, 500)));
        if round % 2 == 0 {
            postgres.kill();
        } else {
            stop_immediately(postgres)?;
        }
        sleep(random.milliseconds(0, 300));
        postgres.start();
        let ready = Instant::now();
        let healed = first_success(&service)?.duration_since(ready);
        slowest = slowest.max(healed);
        let records = load.stop()?;
        summary.add(Summary::of_present_service(&records, REQUEST_LIMIT));
        ledger.enter_all(&records);
        for (user, found) in plan.read_users(&service) {
            row.broken
                .extend(ledger.check(user, found).err().map(|problem| format!("round {round}: {problem}")));
        }
    }
    let lost = row.broken.len();
    row.broken.append(&mut summary.broken);
    row.expect(service.is_alive()?, || "the service has ended".to_owned());
    row.expect(summary.count(503) > 0, || "no fault has hit a write".to_owned());
    row.expect(slowest <= super::HEALING_LIMIT, || format!("healed after {:.1} s", slowest.as_secs_f64()));
    row.figures = format!(
        "{rounds} faults, {} writes acknowledged, {} answered 503, {} not at all; {lost} lost or half there; healed {:.2} s \
         after PostgreSQL at most; longest request {:.1} s",
        with_commas(summary.count(200)),
        with_commas(summary.count(503)),
        summary.count(0),
        slowest.as_secs_f64(),
        summary.longest().as_secs_f64()
    );
    Ok(row)
}

/// Ends the server as `pg_ctl stop -m immediate` does: without a checkpoint, so that it has to recover.
fn stop_immediately(postgres: &PrivatePostgres) -> Result<()> {
    let Some(process) = postgres.process_id() else { return Ok(()) };
    send_signal("QUIT", process)?;
    let begun = Instant::now();
    while postgres.process_id().is_some() {
        ensure!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not end");
        sleep(Duration::from_millis(5));
    }
    Ok(())
}
