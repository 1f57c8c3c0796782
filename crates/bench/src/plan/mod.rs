//! What is measured, in which order, and what has to be reached.

mod list;
mod many;
mod postgres;
mod sqlite;
mod start;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use tempfile::TempDir;

use crate::cli::{Options, Part};
use crate::load::Pace;
use crate::machine::describe;
use crate::measure::{Bench, Series};
use crate::postgres::Cluster;
use crate::progress::say;
use crate::report::{Report, Row};
use crate::subject::Subject;

/// Users in the table, where nothing else is said.
const USERS: u64 = 100_000;
/// Users in the large table.
const MILLION: u64 = 1_000_000;
/// How many users there are, to see how cost grows with them.
const GROWTH: [u64; 4] = [10_000, USERS, MILLION, 10 * MILLION];

/// A benchmark about to be carried out.
#[derive(Debug)]
pub struct Plan {
    binary: PathBuf,
    bench: Bench,
    parts: Vec<Part>,
    folder: TempDir,
    report: Report,
}

impl Plan {
    /// Everything, or what the options name.
    pub fn full(options: Options) -> Result<Self> {
        Self::new(
            options,
            &Part::full(),
            Pace { warm_up: Duration::from_secs(2), measured: Duration::from_secs(10) },
        )
    }

    /// Updates and reads with few users, or what the options name.
    pub fn quick(options: Options) -> Result<Self> {
        let pace = Pace { warm_up: Duration::from_secs(1), measured: Duration::from_secs(3) };
        Self::new(options, &Part::QUICK, pace)
    }

    fn new(options: Options, parts: &[Part], mut pace: Pace) -> Result<Self> {
        let Options { server, rounds, seconds, only, force } = options;
        ensure!(server.is_file(), "there is no {}: build it with `cargo build --release`", server.display());
        if let Some(seconds) = seconds {
            pace.measured = Duration::from_secs(seconds);
        }
        Ok(Self {
            binary: server.canonicalize()?,
            bench: Bench { rounds: usize::from(rounds), pace, force },
            parts: if only.is_empty() { parts.to_vec() } else { only },
            folder: tempfile::Builder::new().prefix("users-bench-").tempdir()?,
            report: Report::default(),
        })
    }

    /// Measures, and gives back the report.
    pub fn carry_out(mut self) -> Result<Report> {
        self.report.conditions = describe(self.folder.path())?;
        let Pace { warm_up, measured } = self.bench.pace;
        self.report.conditions.push(format!(
            "medians of {} rounds of {} s after {} s of warm-up, {} connections, everything on this machine",
            self.bench.rounds,
            measured.as_secs(),
            warm_up.as_secs(),
            crate::subject::CONNECTIONS,
        ));
        let small =
            [Part::Put, Part::Get, Part::SlowDisk, Part::OneConnection, Part::OneUser, Part::Presence];
        if self.wants_any(&small) || self.wants_any(&[Part::Hot, Part::Memory]) {
            let cluster = self.start_cluster();
            self.measure_postgres(&cluster)?;
        }
        if self.wants_any(&[Part::Sqlite, Part::Memory]) {
            self.measure_sqlite()?;
        }
        if self.wants_any(&[Part::Million, Part::List]) {
            self.measure_million_on_postgres()?;
        }
        if self.wants(Part::Growth) {
            GROWTH.into_iter().try_for_each(|users| self.measure_growth(users))?;
        }
        if self.wants_any(&[Part::Start, Part::List]) {
            self.measure_million_on_sqlite()?;
        }
        if self.bench.force {
            self.report.conditions.push("--force: other processes may have used the machine".to_owned());
        }
        Ok(self.report)
    }

    /// Starts a private PostgreSQL, and names it in the report, once.
    fn start_cluster(&mut self) -> Cluster {
        let cluster = Cluster::start();
        let description = cluster.describe();
        if !self.report.conditions.contains(&description) {
            self.report.conditions.push(description);
        }
        cluster
    }

    fn wants(&self, part: Part) -> bool {
        self.parts.contains(&part)
    }

    fn wants_any(&self, parts: &[Part]) -> bool {
        parts.iter().any(|part| self.wants(*part))
    }

    fn add(&mut self, row: Row) {
        say(format!("  {row}"));
        self.report.rows.push(row);
    }

    /// Measures in alternation and keeps the series for the report.
    fn measure(&mut self, title: &str, subjects: &[&dyn Subject]) -> Result<Vec<Series>> {
        say(title);
        if let Some(first) = subjects.first() {
            // What is slow only once (cold caches, the first write to a page after a checkpoint) hits nobody's run.
            first.run(self.bench.pace)?;
        }
        let mut series = self.bench.in_alternation(subjects)?;
        for series in &mut series {
            series.name = format!("{title}: {}", series.name);
        }
        self.report.series.extend(series.iter().cloned());
        Ok(series)
    }

    /// The same, of two subjects; the first is compared with the second.
    fn measure_two(
        &mut self,
        title: &str,
        own: &dyn Subject,
        other: &dyn Subject,
    ) -> Result<(Series, Series)> {
        let series = self.measure(title, &[own, other])?;
        match <[Series; 2]>::try_from(series) {
            Ok([own, other]) => Ok((own, other)),
            Err(series) => anyhow::bail!("two subjects gave {} series", series.len()),
        }
    }
}
