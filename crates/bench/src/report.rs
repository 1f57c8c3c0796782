//! The tables that the benchmark prints, in Markdown.

use std::fmt::{self, Display, Formatter};

use crate::measure::{Run, Series};
use crate::numbers::with_commas;

/// What a figure has to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Not less than this; more is hoped for where `aim` says so.
    AtLeast {
        /// What must be reached.
        least: f64,
        /// What is hoped for.
        aim: Option<f64>,
    },
    /// Not more than this.
    AtMost(f64),
    /// Nothing: the figure is for information.
    None,
}

/// One line of the main table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What was measured, and against what.
    pub work: String,
    /// What came of it.
    pub measured: String,
    /// What came of the thing it is compared with; empty where there is none.
    pub against: String,
    /// The figure that is held against the goal; `None` where there is nothing to measure yet.
    pub figure: Option<f64>,
    /// The unit of the figure: ` MiB`, ` ms`, or nothing for a ratio.
    pub unit: &'static str,
    /// What the figure has to reach.
    pub goal: Goal,
    /// Answers that were wrong, updates that were lost.
    pub failures: u64,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Lines about the machine and the conditions.
    pub conditions: Vec<String>,
    /// The lines of the main table.
    pub rows: Vec<Row>,
    /// The series behind them, for the second table.
    pub series: Vec<Series>,
}

impl Row {
    /// A line that compares the rates of two series.
    pub fn ratio(work: &str, own: &Series, other: &Series, goal: Goal) -> Self {
        Self {
            work: work.to_owned(),
            measured: rate(own),
            against: rate(other),
            figure: own.ratio_to(other),
            unit: "",
            goal,
            failures: own.failures() + other.failures(),
        }
    }

    /// A line about one figure, which must not be larger than `most`.
    pub fn at_most(work: &str, figure: f64, unit: &'static str, most: f64) -> Self {
        Self {
            work: work.to_owned(),
            measured: format!("{figure:.1}{unit}"),
            against: String::new(),
            figure: Some(figure),
            unit,
            goal: Goal::AtMost(most),
            failures: 0,
        }
    }

    /// Whether the goal was reached, in words.
    pub fn verdict(&self) -> String {
        let Some(figure) = self.figure else {
            return "not built yet".to_owned();
        };
        if self.failures > 0 {
            return format!("short: {} failures", self.failures);
        }
        let reached = match self.goal {
            Goal::AtLeast { least, .. } => figure >= least,
            Goal::AtMost(most) => figure <= most,
            Goal::None => return "–".to_owned(),
        };
        if reached { "pass" } else { "short" }.to_owned()
    }
}

fn rate(series: &Series) -> String {
    let rate = series.per_second();
    let rate = if rate < 100.0 { format!("{rate:.1}") } else { with_commas(rate) };
    format!("{rate}/s, p99 {:.1} ms", series.percentile_ms(990))
}

impl Display for Row {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self { work, measured, against, figure, unit, goal, failures: _ } = self;
        let figure = figure.map_or_else(|| "–".to_owned(), |figure| format!("{figure:.2}{unit}"));
        let against = if against.is_empty() { "–" } else { against };
        let goal = match goal {
            Goal::AtLeast { least, aim: None } => format!("≥ {least}{unit}"),
            Goal::AtLeast { least, aim: Some(aim) } => format!("≥ {least}{unit} (aim {aim})"),
            Goal::AtMost(most) => format!("≤ {most}{unit}"),
            Goal::None => "–".to_owned(),
        };
        let verdict = self.verdict();
        write!(formatter, "| {work} | {measured} | {against} | {figure} | {goal} | {verdict} |")
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        for condition in &self.conditions {
            writeln!(formatter, "- {condition}")?;
        }
        writeln!(formatter, "\n| work | measured | against | figure | to reach | verdict |")?;
        writeln!(formatter, "|---|---|---|---|---|---|")?;
        for row in &self.rows {
            writeln!(formatter, "{row}")?;
        }
        formatter.write_str(
            "\n| subject | a second | p50 ms | p99 ms | max ms | CPU µs an answer: server + database \
             | load generator | others, cores | database MiB |\n|---|---|---|---|---|---|---|---|---|\n",
        )?;
        self.series.iter().try_for_each(|series| writeln!(formatter, "{}", detail(series)))
    }
}

fn detail(series: &Series) -> String {
    let max = series.median(|run| crate::numbers::figure(run.outcome.latencies.longest()) / 1e3);
    let memory = series.runs.last().and_then(|run| run.database_mib);
    format!(
        "| {} | {} | {:.2} | {:.2} | {max:.1} | {:.0} + {:.0} | {:.0} % | {:.2} | {} |",
        series.name,
        with_commas(series.per_second()),
        series.percentile_ms(500),
        series.percentile_ms(990),
        series.median(|run| run.cost().0),
        series.median(|run| run.cost().1),
        series.median(Run::generator_share) * 100.0,
        series.median(|run| run.usage.foreign_cores),
        memory.map_or_else(|| "–".to_owned(), |mib| format!("{mib:.0}")),
    )
}

#[cfg(test)]
mod tests {
    use super::{Goal, Report, Row};
    use crate::load::Histogram;
    use crate::machine::Usage;
    use crate::measure::{Run, Series};
    use crate::subject::Outcome;

    fn series(name: &str, per_second: f64, failures: u64) -> Series {
        let mut latencies = Histogram::new();
        latencies.record(100);
        let outcome = Outcome { per_second, answers: 1_000_000, failures, failure: None, latencies };
        let usage = Usage { server: 10.0, database: 20.0, generator: 10.0, ..Usage::default() };
        Series { name: name.to_owned(), runs: vec![Run { outcome, usage, database_mib: Some(99.6) }] }
    }

    #[test]
    fn a_row_holds_the_ratio_against_its_goal() {
        let goal = Goal::AtLeast { least: 1.25, aim: Some(1.8) };
        let row = Row::ratio("PUT", &series("a", 41_000.0, 0), &series("b", 22_500.0, 0), goal);
        let shown = "| PUT | 41,000/s, p99 0.1 ms | 22,500/s, p99 0.1 ms | 1.82 | ≥ 1.25 (aim 1.8) | pass |";
        assert_eq!(row.to_string(), shown);
        let row = Row::ratio("PUT", &series("a", 20_000.0, 0), &series("b", 22_500.0, 0), goal);
        assert_eq!(row.verdict(), "short");
    }

    #[test]
    fn a_failure_is_never_a_pass() {
        let goal = Goal::AtLeast { least: 0.5, aim: None };
        let row = Row::ratio("PUT", &series("a", 9.0, 2), &series("b", 1.0, 0), goal);
        assert_eq!(row.verdict(), "short: 2 failures");
    }

    #[test]
    fn a_limit_holds_from_above() {
        let row = Row::at_most("idle memory", 25.0, " MiB", 25.0);
        assert_eq!(row.to_string(), "| idle memory | 25.0 MiB | – | 25.00 MiB | ≤ 25 MiB | pass |");
        assert_eq!(Row::at_most("idle memory", 25.1, " MiB", 25.0).verdict(), "short");
    }

    #[test]
    fn what_is_not_there_is_said_to_be_missing() {
        let row = Row { figure: None, ..Row::at_most("list", 0.0, "", 1.5) };
        assert_eq!(row.verdict(), "not built yet");
    }

    #[test]
    fn the_report_shows_every_series() {
        let report = Report {
            conditions: vec!["2 cores".to_owned()],
            rows: Vec::new(),
            series: vec![series("bare", 1e3, 0)],
        };
        let text = report.to_string();
        assert!(text.starts_with("- 2 cores\n"), "{text}");
        assert!(
            text.ends_with("| bare | 1,000 | 0.10 | 0.10 | 0.1 | 10 + 20 | 25 % | 0.00 | 100 |\n"),
            "{text}"
        );
    }
}
