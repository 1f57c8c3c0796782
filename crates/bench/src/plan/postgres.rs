use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use super::{Plan, USERS};
use crate::bare;
use crate::cli::Part;
use crate::load::{Operation, Target};
use crate::machine::{memory_high_mib, memory_mib};
use crate::numbers::figure;
use crate::people::FIRST_ID;
use crate::pgbench::Statement;
use crate::postgres::{Cluster, Database};
use crate::progress::say;
use crate::report::{Goal, Row};
use crate::service::Service;
use crate::subject::{HttpSubject, PgbenchSubject, Subject};

/// The most memory the service may take, in MiB.
pub const IDLE_MIB: f64 = 25.0;
/// The most memory the service may take under load, in MiB.
pub const LOADED_MIB: f64 = 64.0;

const RANDOM: Target = Target::AnyOf(USERS);
/// What is fast on a slow disk is so because flushes are shared: there must be fewer than one each 2 ms.
const SLOW_FLUSHES_PER_SECOND: f64 = 520.0;

impl Plan {
    /// Everything that is measured on PostgreSQL with few users.
    pub(super) fn measure_postgres(&mut self, cluster: &Cluster) -> Result<()> {
        say(format!("PostgreSQL: loading {USERS} users"));
        let (database, installation) = self.loaded(cluster, USERS)?;
        let service = installation.start(&installation.create_token()?, &format!("/v1/users/{FIRST_ID}"))?;
        sleep(Duration::from_secs(3));
        let idle = memory_mib(service.process().id()).context("the service has ended")?;

        self.updates(&service, &database)?;
        if self.wants(Part::Get) {
            self.reads(&service, &database)?;
        }
        if self.wants(Part::OneConnection) {
            self.one_connection(&service, &database)?;
        }
        if self.wants(Part::SlowDisk) {
            cluster.imitate_slow_disk(true);
            self.slow_disk(&service, &database, cluster)?;
            cluster.imitate_slow_disk(false);
        }
        if self.wants(Part::Hot) {
            self.hot(&service, &database)?;
        }
        if self.wants(Part::Memory) {
            let loaded = memory_high_mib(service.process().id()).context("the service has ended")?;
            self.add(Row::at_most("resident memory on PostgreSQL, idle", idle, " MiB", IDLE_MIB));
            self.add(Row::at_most(
                "resident memory on PostgreSQL, the most under load",
                loaded,
                " MiB",
                LOADED_MIB,
            ));
        }
        Ok(())
    }

    /// Updates of random users, with what is compared with them.
    fn updates(&mut self, service: &Service, database: &Database<'_>) -> Result<()> {
        if !self.wants_any(&[Part::Put, Part::OneUser, Part::Presence, Part::Memory]) {
            return Ok(());
        }
        let folder = self.folder.path().to_owned();
        let http =
            |name, operation, target| HttpSubject::service(name, service, Some(database), operation, target);
        let pgbench = |statement| PgbenchSubject::new(database, statement, USERS, &folder);
        let (update, presence_update) = (pgbench(Statement::Update), pgbench(Statement::UpdatePresence));
        let put = http("PUT of three members of a random user", Operation::PutProfile, RANDOM);
        let one_user = http("PUT of three members of one user", Operation::PutProfile, Target::Only(7));
        let presence = http("PUT of last_seen of a random user", Operation::PutPresence, RANDOM);
        let mut subjects: Vec<&dyn Subject> = vec![&put];
        let wanted: [(Part, &dyn Subject); 4] = [
            (Part::Put, &update),
            (Part::OneUser, &one_user),
            (Part::Presence, &presence),
            (Part::Presence, &presence_update),
        ];
        subjects.extend(wanted.iter().filter(|(part, _)| self.wants(*part)).map(|(_, subject)| *subject));

        let series = self.measure("PostgreSQL, updates", &subjects)?;
        let of = |subject: &dyn Subject| series.iter().find(|series| series.name.ends_with(subject.name()));
        let ratios: [(&str, &dyn Subject, &dyn Subject, Goal); 4] = [
            ("PUT on PostgreSQL : pgbench", &put, &update, at_least(1.25, Some(1.8))),
            ("64 writers on one user : on random users", &one_user, &put, at_least(0.5, None)),
            ("PUT of last_seen alone : of three members", &presence, &put, at_least(1.2, None)),
            ("last_seen alone : three members, both by pgbench", &presence_update, &update, Goal::None),
        ];
        for (work, own, other, goal) in ratios {
            if let (Some(own), Some(other)) = (of(own), of(other)) {
                self.add(Row::ratio(work, own, other, goal));
            }
        }
        Ok(())
    }

    fn reads(&mut self, service: &Service, database: &Database<'_>) -> Result<()> {
        let folder = self.folder.path().to_owned();
        let get =
            HttpSubject::service("GET of a random user", service, Some(database), Operation::Get, RANDOM);
        let pgbench = PgbenchSubject::new(database, Statement::Select, USERS, &folder);
        let (get, pgbench) = self.measure_two("PostgreSQL, reads", &get, &pgbench)?;
        self.add(Row::ratio("GET on PostgreSQL : pgbench", &get, &pgbench, at_least(1.0, Some(1.25))));
        Ok(())
    }

    fn one_connection(&mut self, service: &Service, database: &Database<'_>) -> Result<()> {
        let (blocking, asynchronous) =
            (bare::start_diesel(database.url())?, bare::start_postgres(database.url())?);
        let put = HttpSubject::service("PUT", service, Some(database), Operation::PutProfile, RANDOM);
        let bare =
            |name, process| HttpSubject::bare(name, process, Some(database), USERS).with_connections(1);
        let put = put.with_connections(1);
        let blocking = bare("bare handler, diesel, one statement each", &blocking);
        let asynchronous = bare("bare handler, async client, one statement each", &asynchronous);
        let series = self.measure("PostgreSQL, 1 connection", &[&put, &blocking, &asynchronous])?;
        let [put, blocking, asynchronous] = series.as_slice() else { bail!("three subjects were measured") };
        let goal = at_least(0.9, None);
        self.add(Row::ratio("PUT with 1 connection : bare handler, diesel", put, blocking, goal));
        self.add(Row::ratio("PUT with 1 connection : bare handler, async client", put, asynchronous, goal));
        Ok(())
    }

    fn slow_disk(&mut self, service: &Service, database: &Database<'_>, cluster: &Cluster) -> Result<()> {
        let folder = self.folder.path().to_owned();
        let put = HttpSubject::service("PUT", service, Some(database), Operation::PutProfile, RANDOM);
        let pgbench = PgbenchSubject::new(database, Statement::Update, USERS, &folder);
        self.prove_the_disk_is_slow(&pgbench, cluster)?;
        let (put, pgbench) = self.measure_two("PostgreSQL, slow disk", &put, &pgbench)?;
        self.add(Row::ratio(
            "PUT on a slow disk (flush + 2 ms) : pgbench",
            &put,
            &pgbench,
            at_least(0.9, None),
        ));
        Ok(())
    }

    /// Sees to it that a setting which the server may ignore does what it is there for.
    fn prove_the_disk_is_slow(&self, subject: &dyn Subject, cluster: &Cluster) -> Result<()> {
        // A session that idles tells of its last flushes up to ten seconds later (PostgreSQL, PGSTAT_IDLE_INTERVAL).
        sleep(Duration::from_secs(11));
        let before = cluster.flushes()?;
        let start = std::time::Instant::now();
        subject.run(self.bench.pace)?;
        let elapsed = start.elapsed().as_secs_f64();
        sleep(Duration::from_secs(2));
        let flushes = figure(cluster.flushes()?.saturating_sub(before)) / elapsed;
        say(format!("slow disk: {flushes:.0} flushes a second with 64 connections"));
        ensure!(
            flushes < SLOW_FLUSHES_PER_SECOND,
            "commit_delay does not delay: {flushes:.0} flushes a second"
        );
        Ok(())
    }

    fn hot(&mut self, service: &Service, database: &Database<'_>) -> Result<()> {
        for (work, operation) in [
            ("updates of three members that touch no index (HOT)", Operation::PutProfile),
            ("updates of last_seen that touch no index (HOT)", Operation::PutPresence),
        ] {
            database.forget_statistics();
            HttpSubject::service("PUT", service, Some(database), operation, RANDOM).run(self.bench.pace)?;
            let (updates, hot) = database.updates_and_hot_updates()?;
            let share = figure(hot) / figure(updates.max(1)) * 100.0;
            self.add(Row {
                work: work.to_owned(),
                measured: format!("{hot} of {updates}"),
                against: String::new(),
                figure: Some(share),
                unit: " %",
                goal: Goal::None,
                failures: 0,
            });
        }
        Ok(())
    }
}

/// A ratio to reach, and perhaps a better one to hope for.
pub const fn at_least(least: f64, aim: Option<f64>) -> Goal {
    Goal::AtLeast { least, aim }
}
