use users_gather::{Gather, Job, Usage};
use users_ports::{BatchCount, ConnectionUsage, QueueUsage, StoreMetrics, StoreUsage};

use crate::SqliteStore;

impl StoreMetrics for SqliteStore {
    fn usage(&self) -> StoreUsage {
        let connections = ConnectionUsage { open: self.pool.state().connections, most: self.pool.max_size() };
        StoreUsage {
            writes: queue_usage(&self.writer),
            reads: queue_usage(&self.readers),
            lists: queue_usage(&self.listers),
            visits: queue_usage(&self.visitors),
            connections,
            troubles: self.troubles.counted().into(),
        }
    }
}

fn queue_usage<J: Job>(gather: &Gather<J>) -> QueueUsage {
    let Usage { waiting, refused, threads, busy, jobs, batches } = gather.usage();
    let batches =
        Usage::BATCH_SIZES.into_iter().zip(batches).map(|(largest, count)| BatchCount { largest, count });
    QueueUsage { waiting, refused, begun: jobs, threads, busy, batches: batches.collect() }
}
