//! PostgreSQL goes away and comes back, and the service stays: 503 meanwhile, and nothing is left behind.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::heal::first_success;
use super::{HEALING_LIMIT, REQUEST_LIMIT};
use crate::grounds::{Grounds, Kind};
use crate::http::Request;
use crate::load::{Ledger, LoadPlan, Summary};
use crate::random::Random;
use crate::report::{Row, with_commas};
use crate::service::{Holdings, Service};

/// What counts the service's sessions. It is asked of another database, so that it does not count itself.
const SESSIONS: &str = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'users'";
/// The connections that the service may have: its 8 that write, 4 that read and 2 that list, unless told otherwise. They are
/// made when they are needed, so there may be more of them later than before.
const POOL: usize = 14;
/// Threads and open files that may come and go by themselves.
const SLACK: usize = 4;

/// The service starts without its database, says so, and heals: it looks for it every five seconds at the longest.
pub fn at_start(grounds: &Grounds) -> Result<Row> {
    const LIMIT: Duration = Duration::from_secs(6);
    let postgres = grounds.postgres();
    let installation = grounds.install(Kind::Postgres, &["--connect-timeout", "1s"])?;
    let mut row = Row::of("PostgreSQL away at the start of the service");
    postgres.stop();
    let service = installation.start_until("/livez")?;
    let unready = service.client().send(&Request::get("/readyz"));
    let told = unready
        .answer()
        .is_some_and(|it| it.status == 503 && it.retry_after && it.json().get("detail").is_some());
    row.expect(told, || format!("/readyz was answered {:?}", unready.outcome));
    sleep(Duration::from_secs(grounds.either(9, 2)));
    postgres.start();
    let begun = Instant::now();
    while service.client().send(&Request::get("/readyz")).status() != 200 && begun.elapsed() < 2 * LIMIT {
        sleep(Duration::from_millis(10));
    }
    let healed = begun.elapsed();
    row.expect(healed <= LIMIT, || format!("not ready {:.1} s after the database", healed.as_secs_f64()));
    row.figures =
        format!("`/readyz` 503 with its cause; 200 {:.2} s after PostgreSQL was back", healed.as_secs_f64());
    Ok(row)
}

/// PostgreSQL is shut down and started again under load, and then suspended for a while.
pub fn under_load(grounds: &Grounds) -> Result<Vec<Row>> {
    let plan = LoadPlan { writers: 32, ..LoadPlan::new(grounds.seed) };
    let mut service = grounds.install(Kind::Postgres, &[])?.start()?;
    plan.create_users(&service)?;
    let mut outage = Outage { grounds, plan, ledger: Ledger::default(), round: 0 };
    let mut rows = Vec::new();
    // Its connections, threads and files are counted once it has had work for all of them.
    outage.load(&service, Duration::from_secs(2), || Ok(()))?;
    let before = outage.holdings(&service)?;

    let rounds = grounds.either(20, 4);
    rows.push(outage.restarts(&service, rounds)?);
    let frozen = Duration::from_secs(grounds.either(30, 8));
    rows.push(outage.freeze(&service, frozen)?);

    let after = outage.holdings(&service)?;
    let mut row = Row::of("What the service holds after these outages, against before");
    row.expect(service.is_alive()?, || "the service has ended".to_owned());
    row.expect(after.0 <= POOL, || format!("{} connections, {POOL} are allowed", after.0));
    let more_files = POOL.saturating_sub(before.0) + SLACK;
    let grown = after.1.threads > before.1.threads + SLACK || after.1.files > before.1.files + more_files;
    row.expect(!grown, || format!("{after:?}, before: {before:?}"));
    row.figures = format!(
        "the same process; {} connections to PostgreSQL (before: {}), {} threads ({}), {} open files ({}), {} MiB ({})",
        after.0,
        before.0,
        after.1.threads,
        before.1.threads,
        after.1.files,
        before.1.files,
        after.1.memory_kib / 1_024,
        before.1.memory_kib / 1_024
    );
    rows.push(row);
    Ok(rows)
}

struct Outage<'a> {
    grounds: &'a Grounds,
    plan: LoadPlan,
    ledger: Ledger,
    round: u32,
}

impl Outage<'_> {
    fn restarts(&mut self, service: &Service, rounds: u32) -> Result<Row> {
        let mut row = Row::of("PostgreSQL stopped and started again, under 32-way PUT load");
        let mut random = Random::new(self.grounds.seed, u64::MAX);
        let (mut summary, mut slowest) = (Summary::default(), Duration::ZERO);
        for _ in 0..rounds {
            let away = random.milliseconds(0, self.grounds.either(2_000, 800));
            let postgres = self.grounds.postgres();
            let mut healed = Duration::ZERO;
            let (part, lost) = self.load(service, Duration::from_millis(300), || {
                postgres.stop();
                sleep(away);
                postgres.start();
                let ready = Instant::now();
                healed = first_success(service)?.duration_since(ready);
                Ok(())
            })?;
            slowest = slowest.max(healed);
            summary.add(part);
            row.broken.extend(lost);
        }
        Ok(Self::conclude(row, summary, slowest, &format!("{rounds} outages")))
    }

    fn freeze(&mut self, service: &Service, frozen: Duration) -> Result<Row> {
        let mut row =
            Row::of(format!("PostgreSQL frozen (`SIGSTOP`) for {} s, under the same load", frozen.as_secs()));
        let postgres = self.grounds.postgres();
        let mut healed = Duration::ZERO;
        let (summary, lost) = self.load(service, Duration::from_millis(500), || {
            postgres.freeze();
            sleep(frozen);
            postgres.thaw();
            let ready = Instant::now();
            healed = first_success(service)?.duration_since(ready);
            Ok(())
        })?;
        row.broken.extend(lost);
        Ok(Self::conclude(row, summary, healed, "one outage"))
    }

    /// Lets the writers write before, during and after what is done meanwhile, and compares what is there in the end.
    fn load(
        &mut self,
        service: &Service,
        around: Duration,
        meanwhile: impl FnOnce() -> Result<()>,
    ) -> Result<(Summary, Vec<String>)> {
        let load = self.plan.start(service.address(), service.token(), self.round);
        self.round += 1;
        sleep(around);
        let done = meanwhile();
        sleep(around);
        let records = load.stop()?;
        done?;
        self.ledger.enter_all(&records);
        let found = self.plan.read_users(service);
        let lost =
            found.into_iter().filter_map(|(user, found)| self.ledger.check(user, found).err()).collect();
        Ok((Summary::of_present_service(&records, REQUEST_LIMIT), lost))
    }

    fn conclude(mut row: Row, mut summary: Summary, healed: Duration, outages: &str) -> Row {
        let lost = row.broken.len();
        row.broken.append(&mut summary.broken);
        row.expect(summary.count(503) > 0, || "no outage was noticed".to_owned());
        row.expect(healed <= HEALING_LIMIT, || format!("healed after {:.1} s", healed.as_secs_f64()));
        row.figures = format!(
            "{outages}, {} writes answered 200, {} answered 503, {} not at all, {} otherwise; {lost} lost; healed {:.2} s \
             after PostgreSQL at most; longest request {:.2} s",
            with_commas(summary.count(200)),
            with_commas(summary.count(503)),
            summary.count(0),
            summary.others(&[200, 503, 0]),
            healed.as_secs_f64(),
            summary.longest().as_secs_f64()
        );
        row
    }

    /// The service's connections to PostgreSQL, and what its process holds.
    fn holdings(&self, service: &Service) -> Result<(usize, Holdings)> {
        // Connections of clients end a moment after the clients.
        sleep(Duration::from_millis(500));
        Ok((self.grounds.postgres().psql("postgres", SESSIONS).parse()?, service.holdings()?))
    }
}
