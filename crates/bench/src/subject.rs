//! What is measured: a server under a load, or `pgbench`.

use std::path::Path;

use anyhow::Result;

use crate::load::{Histogram, Load, Operation, Pace, Target, Work};
use crate::people::FIRST_ID;
use crate::pgbench::{self, Statement};
use crate::postgres::Database;
use crate::server_process::ServerProcess;
use crate::service::Service;

/// The connections of every subject that does not say otherwise.
pub const CONNECTIONS: usize = 64;

/// Something that can be measured again and again.
pub trait Subject {
    /// What it is called in the report.
    fn name(&self) -> &str;
    /// The database it works on, where that is a server of its own.
    fn database(&self) -> Option<&Database<'_>>;
    /// The process id of the server that answers, where that is not the database.
    fn server(&self) -> Option<u32>;
    /// Runs it once.
    fn run(&self, pace: Pace) -> Result<Outcome>;
}

/// What came of one run.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Good answers a second.
    pub per_second: f64,
    /// Answers in all, the warm-up included.
    pub answers: u64,
    /// Answers that were wrong, updates that were lost.
    pub failures: u64,
    /// What the first failure was.
    pub failure: Option<String>,
    /// How long good answers took.
    pub latencies: Histogram,
}

/// A server that answers HTTP, under a load.
#[derive(Debug)]
pub struct HttpSubject<'a> {
    name: String,
    load: Load,
    process: &'a ServerProcess,
    service: Option<&'a Service>,
    database: Option<&'a Database<'a>>,
}

impl<'a> HttpSubject<'a> {
    /// The service, under a load of 64 connections.
    pub fn service(
        name: &str,
        service: &'a Service,
        database: Option<&'a Database<'a>>,
        operation: Operation,
        target: Target,
    ) -> Self {
        let load = load(service.process(), service.token(), Work { operation, target });
        Self { name: name.to_owned(), load, process: service.process(), service: Some(service), database }
    }

    /// A bare server, under a load of 64 connections that update the profile of random users.
    pub fn bare(
        name: &str,
        process: &'a ServerProcess,
        database: Option<&'a Database<'a>>,
        users: u64,
    ) -> Self {
        let work = Work { operation: Operation::PutProfile, target: Target::AnyOf(users) };
        Self { name: name.to_owned(), load: load(process, "none", work), process, service: None, database }
    }

    /// The same with another number of connections.
    #[must_use]
    pub const fn with_connections(mut self, connections: usize) -> Self {
        self.load.connections = connections;
        self
    }

    /// Whether each answer must show what its own request has set, and each update must have made a version.
    const fn is_strict(&self) -> bool {
        matches!(self.load.work, Work { operation: Operation::PutProfile, target: Target::Only(_) })
    }

    fn version(&self) -> Result<Option<i64>> {
        match (self.load.work.target, self.database) {
            (Target::Only(number), Some(database)) => {
                database.version_of(&(FIRST_ID + number).to_string()).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn load(process: &ServerProcess, token: &str, work: Work) -> Load {
    let expect_echo = matches!(work, Work { operation: Operation::PutProfile, target: Target::Only(_) });
    Load { address: process.address(), token: token.to_owned(), work, connections: CONNECTIONS, expect_echo }
}

impl Subject for HttpSubject<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn database(&self) -> Option<&Database<'_>> {
        self.database
    }

    fn server(&self) -> Option<u32> {
        Some(self.process.id())
    }

    fn run(&self, pace: Pace) -> Result<Outcome> {
        let before = if self.is_strict() { self.version()? } else { None };
        let result = self.load.run(pace)?;
        if let Some(service) = self.service {
            service.forget_log()?;
        }
        let mut outcome = Outcome {
            per_second: crate::numbers::figure(result.latencies.total()) / result.measured.as_secs_f64(),
            answers: result.good + result.bad,
            failures: result.bad,
            failure: result.first_bad,
            latencies: result.latencies,
        };
        if let (Some(before), Some(after)) = (before, self.version()?) {
            outcome.count_lost(result.good, after.abs_diff(before));
        }
        Ok(outcome)
    }
}

impl Outcome {
    /// Counts updates that were answered but have made no version, and versions that nobody asked for.
    fn count_lost(&mut self, answered: u64, versions: u64) {
        let lost = answered.abs_diff(versions);
        if lost > 0 {
            self.failures += lost;
            self.failure =
                Some(format!("{answered} updates were answered and {versions} versions were made"));
        }
    }
}

/// `pgbench` with one statement.
#[derive(Debug)]
pub struct PgbenchSubject<'a> {
    database: &'a Database<'a>,
    statement: Statement,
    users: u64,
    folder: &'a Path,
}

impl<'a> PgbenchSubject<'a> {
    /// `pgbench` on a database with so many users; it writes its scripts and samples in `folder`.
    pub const fn new(database: &'a Database<'a>, statement: Statement, users: u64, folder: &'a Path) -> Self {
        Self { database, statement, users, folder }
    }
}

impl Subject for PgbenchSubject<'_> {
    fn name(&self) -> &'static str {
        match self.statement {
            Statement::Update => "pgbench -M prepared, UPDATE … RETURNING",
            Statement::UpdatePresence => "pgbench -M prepared, UPDATE of last_seen … RETURNING",
            Statement::Select => "pgbench -M prepared, SELECT by primary key",
        }
    }

    fn database(&self) -> Option<&Database<'_>> {
        Some(self.database)
    }

    fn server(&self) -> Option<u32> {
        None
    }

    fn run(&self, pace: Pace) -> Result<Outcome> {
        let result = pgbench::run(self.database, self.statement, self.users, pace, self.folder)?;
        Ok(Outcome {
            per_second: result.per_second,
            answers: result.transactions,
            failures: result.failed,
            failure: (result.failed > 0).then(|| "failed transactions".to_owned()),
            latencies: result.latencies,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn an_answered_update_without_a_version_is_a_failure() {
        let mut outcome = Outcome::default();
        outcome.count_lost(10, 10);
        assert_eq!((outcome.failures, &outcome.failure), (0, &None));
        outcome.count_lost(10, 7);
        assert_eq!(outcome.failures, 3);
        assert!(outcome.failure.unwrap().contains("7 versions"));
    }
}
