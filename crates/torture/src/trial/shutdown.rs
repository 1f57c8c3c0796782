//! The service is told to stop under load: every request that was sent before is answered.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::grounds::{Grounds, Kind};
use crate::load::{Ledger, LoadPlan, Record, Summary};
use crate::random::Random;
use crate::report::{Row, with_commas};

/// Sends SIGTERM at random moments of a load of 64 writers.
pub fn carry_out(grounds: &Grounds, kind: Kind) -> Result<Row> {
    let rounds = grounds.either(10, 3);
    let installation = grounds.install(kind, &[])?;
    let plan = LoadPlan::new(grounds.seed);
    let mut random = Random::new(grounds.seed, u64::MAX);
    let mut row = Row::of(format!("SIGTERM under 64-way PUT load, {kind}"));
    let (mut ledger, mut summary) = (Ledger::default(), Summary::default());
    let (mut in_flight, mut dropped, mut slowest) = (0, 0, Duration::ZERO);
    let mut service = installation.start()?;
    plan.create_users(&service)?;
    for round in 0..rounds {
        let load = plan.start(service.address(), service.token(), round);
        sleep(random.milliseconds(150, 600));
        let told = Instant::now();
        let (status, took) = service.terminate()?;
        slowest = slowest.max(took);
        row.expect(status.success(), || format!("round {round}: the service ended with {status}"));
        let records = load.stop()?;
        // Sent in full before the signal was, and not yet answered then.
        let under_way = |it: &&Record| it.ended >= told && it.sent.is_some_and(|sent| sent < told);
        in_flight += records.iter().filter(under_way).count();
        let lost = records.iter().filter(under_way).filter(|record| record.status == 0);
        let lost: Vec<_> = lost.map(|it| format!("round {round}: {} was never answered", it.tag)).collect();
        dropped += lost.len();
        row.broken.extend(lost);
        summary.add(Summary::of(&records));
        ledger.enter_all(&records);
        service = installation.start()?;
        for (user, found) in plan.read_users(&service) {
            row.broken
                .extend(ledger.check(user, found).err().map(|problem| format!("round {round}: {problem}")));
        }
    }
    row.broken.append(&mut summary.broken);
    row.expect(in_flight > 0, || "no request was under way".to_owned());
    let others = summary.others(&[200, 0]);
    row.expect(others == 0, || format!("{others} answers that are not 200"));
    row.figures = format!(
        "{rounds} rounds, {} writes acknowledged, {in_flight} under way at the signal, {dropped} of them not answered; ended \
         within {} ms",
        with_commas(summary.count(200)),
        slowest.as_millis()
    );
    Ok(row)
}
