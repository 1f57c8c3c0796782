use std::time::{Duration, Instant};

/// Finds out, by trying, how much must be waiting for another taker to join in.
///
/// What is best cannot be known beforehand. Where a batch has to wait for a slow disk, many small ones under way at once
/// get the most done; where the processor is the limit, one large one after the other does. So while there is more to do
/// than one batch, twice as much or half as much is tried for a few moments, and what gets more jobs done in the same
/// time is kept. Where both get the same done it goes towards the smaller one, with which jobs wait less.
#[derive(Debug)]
pub(crate) struct Tuner {
    /// How much must wait for each taker that is busy.
    settled: usize,
    /// The most that is tried.
    most: usize,
    /// Whether the next trial is with twice as much.
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
    /// The rates of the windows of a trial so far, in jobs a second.
    Trial(Vec<u64>),
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

/// The rates of a trial are compared by windows in this order, so that what drifts meanwhile favours neither: what is
/// settled, the other, the other, what is settled.
const OTHERS_TURN: [bool; 4] = [false, true, true, false];

/// The longest rest between trials, in windows: a trial that is lost costs little where there are few.
const LONGEST_REST: u32 = 32;

impl Tuner {
    /// Begins with the least, and tries up to `most`.
    pub(crate) fn new(most: usize, now: Instant) -> Self {
        let window = Window::begin(now);
        Self { settled: 1, most, upwards: true, phase: Phase::Trial(vec![]), rest: 1, window }
    }

    /// How much must wait, for each taker that is busy, for another to join in.
    pub(crate) fn enough(&self) -> usize {
        match &self.phase {
            Phase::Trial(rates) if OTHERS_TURN.get(rates.len()) == Some(&true) => self.other(),
            _ => self.settled,
        }
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
            self.settle((self.settled / 2).max(1));
            return;
        }
        match &mut self.phase {
            Phase::Rest(0) => self.phase = Phase::Trial(vec![]),
            Phase::Rest(windows) => *windows -= 1,
            Phase::Trial(rates) => {
                rates.push(window.jobs_a_second());
                if rates.len() == OTHERS_TURN.len() {
                    let rates = std::mem::take(rates);
                    self.decide(&rates);
                }
            }
        }
    }

    fn decide(&mut self, rates: &[u64]) {
        let sum = |others: bool| -> u64 {
            rates.iter().zip(OTHERS_TURN).filter(|(_, turn)| *turn == others).map(|(rate, _)| rate).sum()
        };
        let (settled, other) = (sum(false), sum(true));
        let other_is_better = if self.upwards { other * 100 > settled * 102 } else { other > settled };
        if other_is_better {
            self.settle(self.other());
        } else {
            self.phase = Phase::Rest(self.rest);
            self.rest = (self.rest * 2).min(LONGEST_REST);
            self.upwards = !self.upwards;
            self.turn_at_the_ends();
        }
    }

    fn settle(&mut self, enough: usize) {
        self.settled = enough;
        self.phase = Phase::Trial(vec![]);
        self.rest = 1;
        self.turn_at_the_ends();
    }

    fn turn_at_the_ends(&mut self) {
        if self.settled <= 1 {
            self.upwards = true;
        } else if self.settled >= self.most {
            self.upwards = false;
        }
    }

    /// What is tried against what is settled.
    fn other(&self) -> usize {
        if self.upwards { self.settled.saturating_mul(2) } else { self.settled / 2 }.clamp(1, self.most)
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
            Self { tuner: Tuner::new(128, now), now, noise: 7 }
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

        /// What is settled on, as the power of two that it is.
        fn power(&self) -> u32 {
            self.tuner.settled.ilog2()
        }
    }

    /// Most is done with 2 to the power of `best`, a tenth less with each power beside it.
    fn peak(best: u32) -> impl Fn(usize) -> u32 {
        move |enough| 40_000 / 10 * (10 - enough.ilog2().abs_diff(best).min(9))
    }

    #[test]
    fn what_gets_the_most_done_is_found_within_two_seconds() {
        for best in 0..=7 {
            let mut simulation = Simulation::new();
            simulation.run(2, true, peak(best));
            assert!(simulation.power().abs_diff(best) <= 1, "{} for {best}", simulation.power());
        }
    }

    #[test]
    fn it_is_found_again_when_the_disk_becomes_slow_or_fast() {
        let mut simulation = Simulation::new();
        for best in [7, 2, 6, 0] {
            simulation.run(8, true, peak(best));
            assert!(simulation.power().abs_diff(best) <= 1, "{} for {best}", simulation.power());
        }
    }

    #[test]
    fn little_is_lost_by_trying() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(5));
        let (mut best, mut all) = (0, 0);
        for _ in 0..20_000 {
            all += 1;
            best += usize::from((4..=6).contains(&simulation.tuner.enough().ilog2()));
            let pause = Duration::from_secs(16) / peak(5)(simulation.tuner.enough());
            simulation.now += pause;
            simulation.tuner.done(16, true, simulation.now);
        }
        assert!(best * 10 >= all * 9, "{best} of {all}");
    }

    #[test]
    fn where_it_makes_no_difference_jobs_wait_as_little_as_can_be() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(7));
        assert!(simulation.power() >= 6);
        simulation.run(8, true, |_| 20_000);
        assert!(simulation.power() <= 1, "{}", simulation.power());
    }

    #[test]
    fn without_a_crowd_it_goes_back_to_the_least() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(7)).run(1, false, |_| 5_000);
        assert_eq!(simulation.power(), 0);
    }

    #[test]
    fn time_without_work_is_not_counted() {
        let mut simulation = Simulation::new();
        simulation.run(2, true, peak(6));
        let before = simulation.power();
        simulation.now += Duration::from_hours(1);
        simulation.run(1, true, peak(6));
        assert!(simulation.power().abs_diff(before) <= 1);
    }
}
