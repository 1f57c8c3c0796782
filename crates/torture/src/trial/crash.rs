//! The service is killed under load, again and again: nothing that was acknowledged is lost or half there.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::grounds::{Grounds, Kind};
use crate::load::{Ledger, LoadPlan, Summary};
use crate::random::Random;
use crate::report::{Row, with_commas};

/// Kills the service at random moments of a load of 64 writers, and looks for every user after each restart.
pub fn carry_out(grounds: &Grounds, kind: Kind) -> Result<Row> {
    let rounds = grounds.either(50, 4);
    let installation = grounds.install(kind, &[])?;
    let plan = LoadPlan::new(grounds.seed);
    let mut random = Random::new(grounds.seed, u64::MAX);
    let mut row = Row::of(format!("`kill -9` of the service under 64-way PUT load, {kind}"));
    let (mut ledger, mut summary) = (Ledger::default(), Summary::default());
    let mut slowest_start = Duration::ZERO;
    let mut service = installation.start()?;
    plan.create_users(&service)?;
    for round in 0..rounds {
        let load = plan.start(service.address(), service.token(), round);
        sleep(random.milliseconds(150, grounds.either(900, 500)));
        service.kill()?;
        let records = load.stop()?;
        summary.add(Summary::of(&records));
        ledger.enter_all(&records);
        let begun = Instant::now();
        service = installation.start()?;
        slowest_start = slowest_start.max(begun.elapsed());
        for (user, found) in plan.read_users(&service) {
            row.broken
                .extend(ledger.check(user, found).err().map(|problem| format!("round {round}: {problem}")));
        }
    }
    let lost = row.broken.len();
    row.broken.append(&mut summary.broken);
    let (acknowledged, unanswered) = (summary.count(200), summary.count(0));
    row.expect(acknowledged > u64::from(rounds) * 64, || "too few writes to say anything".to_owned());
    row.expect(unanswered > 0, || "no kill has hit a write".to_owned());
    row.figures = format!(
        "{rounds} kills, {} writes acknowledged, {} unanswered; {lost} lost or half there; ready again in {} ms at most",
        with_commas(acknowledged),
        with_commas(unanswered),
        slowest_start.as_millis()
    );
    Ok(row)
}
