//! More requests than the store can serve: the rest is answered 503 soon, and none is left to wait.

use std::thread::{self, sleep};
use std::time::Duration;

use anyhow::{Result, anyhow};
use rusqlite::Connection;

use super::REQUEST_LIMIT;
use crate::grounds::{Grounds, Kind};
use crate::load::{LoadPlan, Summary};
use crate::report::{Row, with_commas};

/// As little of everything as can be set.
const FLAGS: [&str; 6] = ["--db-writers", "1", "--db-readers", "1", "--queue-capacity", "16"];

/// 256 writers at a service with a queue of 16, whose database is locked by somebody else in the middle of it.
pub fn carry_out(grounds: &Grounds, kind: Kind) -> Result<Row> {
    let (free, locked) =
        (Duration::from_secs(grounds.either(3, 1)), Duration::from_secs(grounds.either(4, 2)));
    let installation = grounds.install(kind, &FLAGS)?;
    let service = installation.start()?;
    let pause_after_refusal = Duration::from_millis(20);
    let plan = LoadPlan { writers: 256, pause_after_refusal, ..LoadPlan::new(grounds.seed) };
    plan.create_users(&service)?;
    let load = plan.start(service.address(), service.token(), 0);
    sleep(free);
    lock(grounds, kind, installation.database_url(), locked)?;
    sleep(free);
    let mut summary = Summary::of_present_service(&load.stop()?, REQUEST_LIMIT);

    let mut row =
        Row::of(format!("256 writers, a queue of 16, the table locked for {} s, {kind}", locked.as_secs()));
    row.broken.append(&mut summary.broken);
    row.expect(summary.count(503) > 0, || "it was never too much".to_owned());
    row.expect(summary.count(200) > 0, || "nothing was served".to_owned());
    row.figures = format!(
        "{} answered 200, {} answered 503, {} not at all; half within {} ms, 99 % within {} ms, the longest {:.2} s",
        with_commas(summary.count(200)),
        with_commas(summary.count(503)),
        summary.count(0),
        summary.percentile(500).as_millis(),
        summary.percentile(990).as_millis(),
        summary.longest().as_secs_f64()
    );
    Ok(row)
}

/// Keeps everybody else from writing for so long.
fn lock(grounds: &Grounds, kind: Kind, url: &str, time: Duration) -> Result<()> {
    match kind {
        Kind::Sqlite => {
            let connection = Connection::open(url.trim_start_matches("sqlite:"))?;
            connection.busy_timeout(Duration::from_secs(30))?;
            connection.execute_batch("BEGIN IMMEDIATE")?;
            sleep(time);
            connection.execute_batch("ROLLBACK")?;
        }
        Kind::Postgres => {
            let postgres = grounds.postgres();
            let sql = format!(
                "BEGIN; LOCK TABLE users IN EXCLUSIVE MODE; SELECT pg_sleep({}); ROLLBACK",
                time.as_secs()
            );
            let waiting = thread::scope(|scope| scope.spawn(|| postgres.psql(url, &sql)).join().map(drop));
            waiting.map_err(|_| anyhow!("cannot lock the table"))?;
        }
    }
    Ok(())
}
