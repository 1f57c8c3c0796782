use std::time::{Duration, Instant};

/// Finds out, by trying, how much must be waiting for another taker to join in.
///
/// What is best cannot be known beforehand. Where a batch has to wait for a slow disk, many small ones under way at once
/// get the most done; where the processor is the limit, one large one after the other does. So while there is more to do
/// than one batch, more or less is tried for a few moments, and what gets more jobs done in the same time is kept.
#[derive(Debug)]
pub(crate) struct Tuner {
    /// The rung of the ladder that is settled on.
    settled: usize,
    /// Whether more is tried next, or less.
    upwards: bool,
    phase: Phase,
    /// How many windows the next rest lasts.
    rest: u32,
    window: Window,
}

#[derive(Debug)]
enum Phase {
    /// So many more windows before the next trial.
    Rest(u32),
    Trial(Trial),
}

/// A comparison of what is settled with something else, in rounds of four windows.
#[derive(Debug, Default)]
struct Trial {
    windows: usize,
    /// The rates of the windows, in jobs a second, added up.
    settled: u64,
    other: u64,
}

/// What a trial says.
enum Verdict {
    OtherIsBetter,
    SettledIsBetter,
    Unclear,
}

/// A short stretch of time, and what was done in it.
#[derive(Debug)]
struct Window {
    began: Instant,
    /// When the last batch was done.
    last: Instant,
    jobs: usize,
    batches: usize,
    /// Batches beside which there was more to do.
    crowded: usize,
}

impl Tuner {
    /// How much is tried. Where a disk is slow, one batch more that is under way counts, so small ones lie close together;
    /// where the processor is the limit, hardly more than one gets anything done, so behind them comes a whole batch.
    pub(crate) const LADDER: [usize; 4] = [1, 2, 8, 128];
    /// The longest rest between trials, in windows: what is lost by trying is little where there are few.
    const LONGEST_REST: u32 = 64;

    /// Begins with the least.
    pub(crate) fn new(now: Instant) -> Self {
        let window = Window::begin(now);
        Self { settled: 0, upwards: true, phase: Phase::Trial(Trial::default()), rest: 1, window }
    }

    /// How much must wait, for each taker that is busy, for another to join in.
    pub(crate) fn enough(&self) -> usize {
        let rung = match &self.phase {
            Phase::Trial(trial) if trial.is_others_turn() => self.other(),
            _ => self.settled,
        };
        Self::LADDER.get(rung).copied().unwrap_or(1)
    }

    /// A batch of this many jobs was done; `crowded` tells whether another is under way, or more is waiting already.
    pub(crate) fn done(&mut self, jobs: usize, crowded: bool, now: Instant) {
        if now.duration_since(self.window.last) > Window::LONGEST_GAP {
            self.window = Window::begin(now);
        }
        self.window.add(jobs, crowded, now);
        if self.window.is_over() {
            let window = std::mem::replace(&mut self.window, Window::begin(now));
            self.judge(&window);
        }
    }

    fn judge(&mut self, window: &Window) {
        if !window.was_crowded() {
            return;
        }
        match &mut self.phase {
            Phase::Rest(0) => self.phase = Phase::Trial(Trial::default()),
            Phase::Rest(windows) => *windows -= 1,
            Phase::Trial(trial) => match trial.add(window.jobs_a_second()) {
                Verdict::Unclear => {}
                Verdict::OtherIsBetter => self.change(),
                Verdict::SettledIsBetter => self.stay(),
            },
        }
    }

    /// Settles on what was tried, and goes on trying.
    fn change(&mut self) {
        self.settled = self.other();
        self.rest = 1;
        self.phase = Phase::Trial(Trial::default());
        self.turn_at_the_ends();
    }

    /// Stays with what is settled, and tries the other way after a rest.
    fn stay(&mut self) {
        self.phase = Phase::Rest(self.rest);
        self.rest = (self.rest * 2).min(Self::LONGEST_REST);
        self.upwards = !self.upwards;
        self.turn_at_the_ends();
    }

    const fn turn_at_the_ends(&mut self) {
        if self.settled == 0 {
            self.upwards = true;
        } else if self.settled + 1 == Self::LADDER.len() {
            self.upwards = false;
        }
    }

    /// The rung that is tried against the one that is settled on.
    const fn other(&self) -> usize {
        if self.upwards { self.settled + 1 } else { self.settled - 1 }
    }
}

impl Trial {
    /// The windows of a round.
    const ROUND: usize = 4;
    /// After so many rounds there is no difference that is worth a change.
    const MOST_ROUNDS: usize = 4;

    /// Whose turn it is: what is settled, the other, the other, what is settled, so that what drifts meanwhile favours
    /// neither.
    const fn is_others_turn(&self) -> bool {
        matches!(self.windows % Self::ROUND, 1 | 2)
    }

    /// Adds the rate of a window. After one round only a tenth more or less is believed, after each further one less.
    fn add(&mut self, rate: u64) -> Verdict {
        let sum = if self.is_others_turn() { &mut self.other } else { &mut self.settled };
        *sum = sum.saturating_add(rate);
        self.windows += 1;
        let rounds = self.windows / Self::ROUND;
        if !self.windows.is_multiple_of(Self::ROUND) {
            return Verdict::Unclear;
        }
        let margin = self.settled / 10 / u64::try_from(rounds).unwrap_or(u64::MAX);
        if self.other > self.settled.saturating_add(margin) {
            Verdict::OtherIsBetter
        } else if rounds >= Self::MOST_ROUNDS || self.other.saturating_add(margin) < self.settled {
            Verdict::SettledIsBetter
        } else {
            Verdict::Unclear
        }
    }
}

impl Window {
    /// Long enough for many batches, short enough to find the best within a second.
    const LENGTH: Duration = Duration::from_millis(50);
    /// Fewer jobs would tell chance from skill no more.
    const FEWEST_JOBS: usize = 256;
    /// Where nothing was done for so long, there was nothing to do.
    const LONGEST_GAP: Duration = Duration::from_millis(250);

    fn begin(now: Instant) -> Self {
        Self { began: now, last: now, jobs: 0, batches: 0, crowded: 0 }
    }

    fn add(&mut self, jobs: usize, crowded: bool, now: Instant) {
        self.jobs += jobs;
        self.batches += 1;
        self.crowded += usize::from(crowded);
        self.last = now;
    }

    fn is_over(&self) -> bool {
        self.jobs >= Self::FEWEST_JOBS && self.last.duration_since(self.began) >= Self::LENGTH
    }

    /// Whether there was more to do most of the time. Where there was not, all that came was done, and rates say nothing.
    const fn was_crowded(&self) -> bool {
        self.crowded * 2 >= self.batches
    }

    fn jobs_a_second(&self) -> u64 {
        let micros = self.last.duration_since(self.began).as_micros().max(1);
        let jobs = u128::try_from(self.jobs).unwrap_or(u128::MAX);
        u64::try_from(jobs.saturating_mul(1_000_000) / micros).unwrap_or(u64::MAX / 1000)
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Tuner;

    /// A queue that gets `rate(enough)` jobs done a second, in batches of 16.
    struct Simulation {
        tuner: Tuner,
        now: Instant,
        noise: u64,
    }

    impl Simulation {
        fn new() -> Self {
            let now = Instant::now();
            Self { tuner: Tuner::new(now), now, noise: 7 }
        }

        /// Goes on for this long; each batch takes up to a third more or less time than it should.
        fn run(&mut self, seconds: u64, crowded: bool, rate: impl Fn(usize) -> u32) -> &mut Self {
            let end = self.now + Duration::from_secs(seconds);
            while self.now < end {
                self.noise = self.noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let mood = Duration::from_secs(16) * (667 + u32::try_from(self.noise >> 40).unwrap() % 667);
                self.now += mood / 1000 / rate(self.tuner.enough());
                self.tuner.done(16, crowded, self.now);
            }
            self
        }

        /// What is settled on.
        fn enough(&self) -> usize {
            Tuner::LADDER[self.tuner.settled]
        }
    }

    /// Most is done with `best`, a tenth less with twice or half as much, and so on.
    fn peak(best: usize) -> impl Fn(usize) -> u32 {
        move |enough| 4_000 * (10 - enough.ilog2().abs_diff(best.ilog2()).min(9))
    }

    #[test]
    fn what_gets_the_most_done_is_found_within_two_seconds() {
        for best in Tuner::LADDER {
            assert_eq!(Simulation::new().run(2, true, peak(best)).enough(), best);
        }
    }

    #[test]
    fn it_is_found_again_when_the_disk_becomes_slow_or_fast() {
        let mut simulation = Simulation::new();
        for best in [128, 2, 8, 1] {
            assert_eq!(simulation.run(12, true, peak(best)).enough(), best);
        }
    }

    #[test]
    fn little_is_lost_by_trying() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(8));
        let (mut best, mut all) = (0, 0);
        while all < 20_000 {
            let enough = simulation.tuner.enough();
            (all, best) = (all + 1, best + usize::from(enough == 8));
            simulation.now += Duration::from_secs(16) / peak(8)(enough);
            simulation.tuner.done(16, true, simulation.now);
        }
        assert!(best * 10 >= all * 9, "{best} of {all}");
    }

    #[test]
    fn where_it_makes_no_difference_nobody_waits() {
        assert_eq!(Simulation::new().run(10, true, |_| 20_000).enough(), 1);
    }

    #[test]
    fn without_a_crowd_nothing_is_learnt() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(128));
        assert_eq!(simulation.run(8, false, peak(1)).enough(), 128);
    }

    #[test]
    fn time_without_work_is_not_counted() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(8));
        simulation.now += Duration::from_hours(1);
        assert_eq!(simulation.run(1, true, peak(8)).enough(), 8);
    }
}
