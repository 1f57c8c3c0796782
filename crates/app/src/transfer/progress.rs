use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often the bar is drawn anew.
const DRAW_EVERY: Duration = Duration::from_millis(100);

/// A bar on standard error with the rate and the time that is left; nothing where that is no terminal.
pub struct Progress {
    bar: ProgressBar,
    began: Instant,
    drawn: Option<Instant>,
}

impl Progress {
    /// Begins; `total` is how far it goes, in whatever [`at`](Self::at) counts in.
    pub fn begin(total: Option<u64>) -> Self {
        let is_shown = io::stderr().is_terminal();
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let template = match total {
            Some(_) => "[{bar:40}] {percent:>3}%  {msg}, {eta} left",
            None => "{spinner}  {msg}",
        };
        let bar = ProgressBar::with_draw_target(total, target);
        // The templates are good; where one were not, there is still the default.
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style.progress_chars("=> "));
        Self { bar, began: Instant::now(), drawn: None }
    }

    /// Whether anybody sees it.
    pub fn is_shown() -> bool {
        io::stderr().is_terminal()
    }

    /// Shows how far it has come, and with how many users.
    pub fn at(&mut self, position: u64, users: u64) {
        if self.bar.is_hidden() || self.drawn.is_some_and(|drawn| drawn.elapsed() < DRAW_EVERY) {
            return;
        }
        self.drawn = Some(Instant::now());
        let rate = HumanCount(rate(users, self.began.elapsed()));
        self.bar.set_message(format!("{} users, {rate} a second", HumanCount(users)));
        self.bar.set_position(position);
    }

    /// Takes the bar away, and tells how long it took.
    pub fn finish(self) -> Duration {
        self.bar.finish_and_clear();
        self.began.elapsed()
    }
}

/// How many a second that is.
pub fn rate(count: u64, time: Duration) -> u64 {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    count.saturating_mul(1000) / milliseconds
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::rate;

    #[test]
    fn a_rate_is_by_the_second() {
        assert_eq!(rate(3000, Duration::from_millis(1500)), 2000);
        assert_eq!(rate(0, Duration::ZERO), 0);
    }
}
