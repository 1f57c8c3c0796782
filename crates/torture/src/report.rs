//! The table that is printed in the end, in Markdown.

use std::fmt::{self, Display, Formatter};

/// What came of one trial.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// What was done.
    pub trial: String,
    /// What was counted and measured.
    pub figures: String,
    /// Every sign of a broken promise.
    pub broken: Vec<String>,
}

/// What came of all trials.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The lines.
    pub rows: Vec<Row>,
}

/// The most signs of one broken promise that are shown.
const SHOWN: usize = 5;

impl Row {
    /// A trial that has nothing to show yet.
    pub fn of(trial: impl Into<String>) -> Self {
        Self { trial: trial.into(), ..Self::default() }
    }

    /// Notes a sign of a broken promise unless `kept`.
    pub fn expect(&mut self, kept: bool, otherwise: impl FnOnce() -> String) {
        if !kept {
            self.broken.push(otherwise());
        }
    }

    /// Whether the promise was kept, in a word.
    pub const fn verdict(&self) -> &'static str {
        if self.broken.is_empty() { "pass" } else { "FAIL" }
    }
}

impl Report {
    /// Whether every promise was kept.
    pub fn is_good(&self) -> bool {
        self.rows.iter().all(|row| row.broken.is_empty())
    }
}

impl Display for Row {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "| {} | {} | {} |", self.trial, self.figures, self.verdict())
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "| trial | figures | verdict |\n|---|---|---|")?;
        self.rows.iter().try_for_each(|row| writeln!(formatter, "{row}"))?;
        for row in self.rows.iter().filter(|row| !row.broken.is_empty()) {
            writeln!(formatter, "\n{}: {} signs of a broken promise", row.trial, row.broken.len())?;
            row.broken.iter().take(SHOWN).try_for_each(|sign| writeln!(formatter, "- {sign}"))?;
        }
        Ok(())
    }
}

/// Writes a whole number with commas between the thousands, as in `22,500`.
pub fn with_commas(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Report, Row, with_commas};

    #[test]
    fn a_sign_of_a_broken_promise_fails_the_row_and_the_report() {
        let mut good = Row::of("kill");
        good.expect(true, || "never".to_owned());
        "3 rounds".clone_into(&mut good.figures);
        let mut report = Report { rows: vec![good.clone()] };
        assert!(report.is_good());
        assert_eq!(
            report.to_string(),
            "| trial | figures | verdict |\n|---|---|---|\n| kill | 3 rounds | pass |\n"
        );
        good.expect(false, || "user 7: lost".to_owned());
        report.rows.push(good);
        assert!(!report.is_good());
        let text = report.to_string();
        let end = "| kill | 3 rounds | FAIL |\n\nkill: 1 signs of a broken promise\n- user 7: lost\n";
        assert!(text.ends_with(end), "{text}");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(with_commas), ["0", "999", "1,000", "1,234,567"]);
    }
}
