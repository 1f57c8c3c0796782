//! Runs subjects in alternation and watches who else uses the machine meanwhile.

use anyhow::{Result, bail};

use crate::load::Pace;
use crate::machine::{Snapshot, Usage, proportional_memory_mib};
use crate::numbers::{figure, median};
use crate::postgres::Database;
use crate::progress::say;
use crate::subject::{Outcome, Subject};

/// Cores that all other processes together may use during a run.
const FOREIGN_LIMIT: f64 = 0.1;
/// How often a run is tried while others use the machine.
const ATTEMPTS: usize = 3;

/// How subjects are measured.
#[derive(Clone, Copy, Debug)]
pub struct Bench {
    /// How often each subject runs.
    pub rounds: usize,
    /// How long a run takes.
    pub pace: Pace,
    /// Whether runs count during which others used the machine.
    pub force: bool,
}

/// One run, with what it cost.
#[derive(Clone, Debug)]
pub struct Run {
    /// What came of it.
    pub outcome: Outcome,
    /// Processor time in seconds, from the first request to the last answer.
    pub usage: Usage,
    /// The memory of the database server at the end, in MiB.
    pub database_mib: Option<f64>,
}

/// All runs of a subject, one a round.
#[derive(Clone, Debug)]
pub struct Series {
    /// What the subject is called.
    pub name: String,
    /// The runs, in the order of the rounds.
    pub runs: Vec<Run>,
}

impl Bench {
    /// Runs all subjects in each round, in the opposite order in every other round, and gives back one series each.
    pub fn in_alternation(&self, subjects: &[&dyn Subject]) -> Result<Vec<Series>> {
        let empty = |subject: &&dyn Subject| Series { name: subject.name().to_owned(), runs: Vec::new() };
        let mut series: Vec<Series> = subjects.iter().map(empty).collect();
        for round in 0..self.rounds {
            let mut turns: Vec<(&&dyn Subject, &mut Series)> = subjects.iter().zip(&mut series).collect();
            if round % 2 == 1 {
                turns.reverse();
            }
            for (subject, series) in turns {
                let run = self.run(*subject)?;
                say(format!("  round {}: {}: {}", round + 1, series.name, run.summary()));
                series.runs.push(run);
            }
        }
        Ok(series)
    }

    fn run(&self, subject: &dyn Subject) -> Result<Run> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let run = self.attempt(subject)?;
            let foreign = run.usage.foreign_cores;
            if foreign <= FOREIGN_LIMIT {
                return Ok(run);
            }
            let busiest = run.usage.busiest_foreign.as_ref().map_or("unknown", |(name, _)| name);
            let complaint = format!("other processes used {foreign:.2} cores, most of it `{busiest}`");
            if self.force {
                say(format!("  WARNING: {complaint}; this run counts because of --force"));
                return Ok(run);
            }
            say(format!("  {complaint}: again"));
            last = Some(complaint);
        }
        bail!(
            "refusing to report: {} during each of {ATTEMPTS} runs of {}; at most {FOREIGN_LIMIT} is allowed, \
             or --force",
            last.unwrap_or_default(),
            subject.name()
        )
    }

    fn attempt(&self, subject: &dyn Subject) -> Result<Run> {
        if let Some(database) = subject.database() {
            // Each run finds the table as a vacuum leaves it, whoever ran before.
            database.query("VACUUM users");
        }
        let (server, database) = (subject.server(), subject.database().and_then(Database::process_id));
        let before = Snapshot::take()?;
        let outcome = subject.run(self.pace)?;
        let after = Snapshot::take()?;
        let usage = after.since(&before, server, database);
        let database_mib = database.map(|root| proportional_memory_mib(&after.tree(root)));
        Ok(Run { outcome, usage, database_mib })
    }
}

impl Run {
    /// Processor time per answer in microseconds: the server's, and the database's.
    pub fn cost(&self) -> (f64, f64) {
        let answers = figure(self.outcome.answers.max(1));
        (self.usage.server * 1e6 / answers, self.usage.database * 1e6 / answers)
    }

    /// The share of the processor time that went into making the load.
    pub fn generator_share(&self) -> f64 {
        let Usage { generator, server, database, tools, .. } = self.usage;
        (generator + tools) / (generator + tools + server + database).max(f64::MIN_POSITIVE)
    }

    fn summary(&self) -> String {
        let Outcome { per_second, failures, failure, latencies, .. } = &self.outcome;
        let failed =
            failure.as_ref().map_or_else(String::new, |first| format!(", {failures} FAILURES: {first}"));
        format!("{per_second:.0}/s, p99 {:.2} ms{failed}", figure(latencies.percentile(990)) / 1e3)
    }
}

impl Series {
    /// The median over the rounds of a figure of the runs.
    pub fn median(&self, of: impl Fn(&Run) -> f64) -> f64 {
        median(self.runs.iter().map(of)).unwrap_or_default()
    }

    /// The median rate, in answers a second.
    pub fn per_second(&self) -> f64 {
        self.median(|run| run.outcome.per_second)
    }

    /// The median of a percentile of the latency, in milliseconds.
    pub fn percentile_ms(&self, per_mille: u64) -> f64 {
        self.median(|run| figure(run.outcome.latencies.percentile(per_mille)) / 1e3)
    }

    /// How many answers were wrong or updates lost, in all rounds.
    pub fn failures(&self) -> u64 {
        self.runs.iter().map(|run| run.outcome.failures).sum()
    }

    /// The median over the rounds of this rate to the other's in the same round.
    ///
    /// The machine drifts between rounds by more than within one, so this says more than the ratio of the medians.
    pub fn ratio_to(&self, other: &Self) -> Option<f64> {
        let rate = |run: &Run| run.outcome.per_second;
        let pairs = self.runs.iter().zip(&other.runs).filter(|(_, other)| rate(other) > 0.0);
        median(pairs.map(|(own, other)| rate(own) / rate(other)))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use anyhow::Result;

    use super::{Bench, Database, Run, Series};
    use crate::load::Pace;
    use crate::machine::Usage;
    use crate::subject::{Outcome, Subject};

    struct Noted<'a>(&'static str, &'a RefCell<String>);

    impl Subject for Noted<'_> {
        fn name(&self) -> &str {
            self.0
        }

        fn database(&self) -> Option<&Database<'_>> {
            None
        }

        fn server(&self) -> Option<u32> {
            None
        }

        fn run(&self, _pace: Pace) -> Result<Outcome> {
            self.1.borrow_mut().push_str(self.0);
            Ok(Outcome { per_second: 2.0, ..Outcome::default() })
        }
    }

    fn series(rates: &[f64]) -> Series {
        let run = |rate: &f64| Run {
            outcome: Outcome { per_second: *rate, ..Outcome::default() },
            usage: Usage::default(),
            database_mib: None,
        };
        Series { name: "s".to_owned(), runs: rates.iter().map(run).collect() }
    }

    #[test]
    fn subjects_take_turns_and_every_other_round_is_the_other_way_round() {
        let order = RefCell::new(String::new());
        let pace = Pace { warm_up: Duration::ZERO, measured: Duration::ZERO };
        let bench = Bench { rounds: 3, pace, force: true };
        let series = bench.in_alternation(&[&Noted("a", &order), &Noted("b", &order)]).unwrap();
        assert_eq!(*order.borrow(), "abbaab");
        assert!(series.iter().all(|series| series.runs.len() == 3));
    }

    #[test]
    fn the_ratio_is_taken_within_each_round() {
        let ratio = series(&[10.0, 40.0, 30.0]).ratio_to(&series(&[10.0, 20.0, 10.0]));
        assert_eq!(ratio, Some(2.0));
        assert_eq!(series(&[1.0]).ratio_to(&series(&[0.0])), None);
    }

    #[test]
    fn the_share_of_the_load_generator_counts_pgbench_too() {
        let mut run = series(&[1.0]).runs.remove(0);
        run.usage = Usage { generator: 1.0, tools: 1.0, server: 3.0, database: 3.0, ..Usage::default() };
        run.outcome.answers = 1_000_000;
        assert!((run.generator_share() - 0.25).abs() < 1e-9);
        assert_eq!(run.cost(), (3.0, 3.0));
    }
}
