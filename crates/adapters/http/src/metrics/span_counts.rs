use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What became of the spans of traced requests.
#[derive(Debug, Default)]
pub struct SpanCounts {
    exported: AtomicU64,
    failed: AtomicU64,
    dropped: AtomicU64,
}

impl SpanCounts {
    /// So many were taken by the collector.
    pub fn exported(&self, spans: usize) {
        self.exported.fetch_add(spans as u64, Relaxed);
    }

    /// So many were lost because the collector did not take them.
    pub fn failed(&self, spans: usize) {
        self.failed.fetch_add(spans as u64, Relaxed);
    }

    /// One was lost because too many were waiting.
    pub fn dropped(&self) {
        self.dropped.fetch_add(1, Relaxed);
    }

    /// How many there were, by what became of them.
    pub fn by_result(&self) -> [(&'static str, u64); 3] {
        [("exported", &self.exported), ("failed", &self.failed), ("dropped", &self.dropped)]
            .map(|(result, count)| (result, count.load(Relaxed)))
    }
}
