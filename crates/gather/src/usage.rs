use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What [`Gather`](crate::Gather) has to do now, and what it has done since it was started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Jobs that wait to be begun.
    pub waiting: usize,
    /// Threads that there are.
    pub threads: usize,
    /// Threads that are at work, or were called to it.
    pub busy: usize,
    /// Jobs that were refused since too much waited.
    pub refused: u64,
    /// Jobs that were begun.
    pub jobs: u64,
    /// Batches that were begun: for each of [`Usage::BATCH_SIZES`], those that were no larger than it and larger than
    /// the size before it.
    pub batches: [u64; Self::BATCH_SIZES.len()],
}

impl Usage {
    /// The sizes by which batches are counted, in jobs. No batch is larger than the last.
    pub const BATCH_SIZES: [usize; 8] = [1, 2, 4, 8, 16, 32, 64, 128];
}

/// What is counted: a few additions a batch, not a job.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    refused: AtomicU64,
    jobs: AtomicU64,
    batches: [AtomicU64; Usage::BATCH_SIZES.len()],
}

impl Counts {
    /// Counts a job that was refused.
    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Relaxed);
    }

    /// Counts a batch of `jobs` jobs. It is counted before its jobs are answered, so that whoever has an answer
    /// finds it counted.
    pub(crate) fn begun(&self, jobs: usize) {
        self.jobs.fetch_add(jobs.try_into().unwrap_or(u64::MAX), Relaxed);
        let size = Usage::BATCH_SIZES.partition_point(|size| *size < jobs);
        if let Some(batches) = self.batches.get(size) {
            batches.fetch_add(1, Relaxed);
        }
    }

    /// Adds what was counted to `usage`.
    pub(crate) fn add_to(&self, usage: &mut Usage) {
        usage.refused += self.refused.load(Relaxed);
        usage.jobs += self.jobs.load(Relaxed);
        for (sum, batches) in usage.batches.iter_mut().zip(&self.batches) {
            *sum += batches.load(Relaxed);
        }
    }
}

#[cfg(not(loom))]
#[cfg(test)]
mod tests {
    use super::{Counts, Usage};

    #[test]
    fn batches_are_counted_by_their_size() {
        let counts = Counts::default();
        for jobs in [1, 1, 2, 3, 4, 5, 64, 65, 128] {
            counts.begun(jobs);
        }
        counts.refused();
        let mut usage = Usage::default();
        // Added up, as where there are several.
        counts.add_to(&mut usage);
        counts.add_to(&mut usage);
        let batches = [4, 2, 4, 2, 0, 0, 2, 4];
        let expected = Usage { refused: 2, jobs: 546, batches, ..Usage::default() };
        assert_eq!(usage, expected);
    }
}
