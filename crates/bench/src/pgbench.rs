//! `pgbench`, the database's own benchmark client, with the statements that the service is compared with.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::load::{Histogram, Pace};
use crate::people::FIRST_ID;
use crate::postgres::Database;

/// One transaction in so many is written down, for the percentiles.
const SAMPLE: &str = "0.05";

/// What a service needs of a user: every column but the one for uniqueness.
const RETURNED: &str = "id, version, modified_at, active, avatar, bio, birthday, country, email, first_name, \
     last_name, last_seen, last_typed, location, organization, phone, regions, title, twitter, username";

/// The statement that `pgbench` runs all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// Sets three members of a random user and returns the user.
    Update,
    /// Sets `last_seen` alone of a random user and returns the user.
    UpdatePresence,
    /// Returns a random user by its primary key.
    Select,
}

/// What `pgbench` reports.
#[derive(Clone, Debug, Default)]
pub struct PgbenchResult {
    /// Transactions a second, the time to connect left out.
    pub per_second: f64,
    /// Transactions in all.
    pub transactions: u64,
    /// Transactions that failed.
    pub failed: u64,
    /// Latencies of a sample.
    pub latencies: Histogram,
}

impl Statement {
    /// The script, in the language of `pgbench`.
    ///
    /// Ids are drawn as numbers and go to the server as the text that they are: nothing is cast or joined there.
    fn script(self, users: u64) -> String {
        let draw = format!("\\set id random({FIRST_ID}, {})\n", FIRST_ID + users - 1);
        match self {
            Self::Update => format!(
                "{draw}\\set serial random(100000000, 999999999)\n\
                 UPDATE users SET bio = 'Writes programs for machines that are not there yet. Entry ' || :serial || \
                 ' in the logbook.', location = 'Berth ' || :serial || ', Hamburg', \
                 last_seen = to_timestamp(:serial), version = version + 1, modified_at = now() \
                 WHERE id = :id RETURNING {RETURNED};\n"
            ),
            Self::UpdatePresence => format!(
                "{draw}\\set serial random(100000000, 999999999)\n\
                 UPDATE users SET last_seen = to_timestamp(:serial), version = version + 1, modified_at = now() \
                 WHERE id = :id RETURNING {RETURNED};\n"
            ),
            Self::Select => format!("{draw}SELECT {RETURNED} FROM users WHERE id = :id;\n"),
        }
    }
}

/// Runs `pgbench` with 64 connections on two threads, its scripts and samples in `folder`.
pub fn run(
    database: &Database<'_>,
    statement: Statement,
    users: u64,
    pace: Pace,
    folder: &Path,
) -> Result<PgbenchResult> {
    let folder = tempfile::tempdir_in(folder)?;
    let script = folder.path().join("script.sql");
    fs::write(&script, statement.script(users))?;
    let seconds = pace.measured.as_secs().max(1).to_string();
    let output = Command::new(database.program("pgbench"))
        .args(["--no-vacuum", "--protocol=prepared", "--client=64", "--jobs=2", "--log"])
        .args(["--sampling-rate", SAMPLE, "--log-prefix=sample", "--time", &seconds, "--file"])
        .arg(&script)
        .arg(database.url())
        .current_dir(folder.path())
        .output()
        .context("cannot run pgbench, of the Debian package `postgresql-contrib` or `postgresql`")?;
    let report = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "pgbench failed: {}", String::from_utf8_lossy(&output.stderr));
    let mut result =
        parse_report(&report).with_context(|| format!("cannot read pgbench's report:\n{report}"))?;
    for entry in fs::read_dir(folder.path())? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("sample.")) {
            parse_samples(&fs::read_to_string(path)?, &mut result.latencies);
        }
    }
    Ok(result)
}

fn parse_report(report: &str) -> Option<PgbenchResult> {
    let after = |name: &str| {
        let rest = report.lines().find_map(|line| line.strip_prefix(name))?;
        rest.split_whitespace().next().map(str::to_owned)
    };
    Some(PgbenchResult {
        per_second: after("tps = ")?.parse().ok()?,
        transactions: after("number of transactions actually processed: ")?.parse().ok()?,
        failed: after("number of failed transactions: ").map_or(Some(0), |count| count.parse().ok())?,
        latencies: Histogram::new(),
    })
}

/// Reads lines of `client transaction latency script second microsecond`, with the latency in microseconds.
fn parse_samples(log: &str, latencies: &mut Histogram) {
    let micros = log.lines().filter_map(|line| line.split_whitespace().nth(2)?.parse().ok());
    micros.for_each(|micros| latencies.record(micros));
}

#[cfg(test)]
mod tests {
    use super::{Statement, parse_report, parse_samples};
    use crate::load::Histogram;

    const REPORT: &str = "\
pgbench (15.18 (Debian 15.18-0+deb12u1))
transaction type: script.sql
scaling factor: 1
query mode: prepared
number of clients: 64
number of threads: 2
maximum number of tries: 1
duration: 5 s
number of transactions actually processed: 112345
number of failed transactions: 3 (0.003%)
latency average = 2.847 ms
initial connection time = 95.123 ms
tps = 22479.123456 (without initial connection time)
";

    #[test]
    fn the_report_is_read() {
        let result = parse_report(REPORT).unwrap();
        assert!((result.per_second - 22_479.123_456).abs() < 1e-6);
        assert_eq!((result.transactions, result.failed), (112_345, 3));
    }

    #[test]
    fn a_report_without_a_rate_is_refused() {
        assert!(parse_report("pgbench: error: connection refused").is_none());
        assert!(parse_report(&REPORT.replace("tps", "TPS")).is_none());
    }

    #[test]
    fn samples_are_read() {
        let mut latencies = Histogram::new();
        parse_samples("0 199 2241 0 1175850568 995598\n1 7 110 0 1175850568 998079\n", &mut latencies);
        assert_eq!((latencies.total(), latencies.longest()), (2, 2_241));
    }

    #[test]
    fn ids_are_drawn_from_all_users() {
        let script = Statement::Select.script(100_000);
        assert!(script.starts_with("\\set id random(1000000000, 1000099999)\n"), "{script}");
        assert_eq!(Statement::Update.script(1).lines().count(), 3, "a statement stands on one line");
    }
}
