use std::sync::Arc;

use users_use_cases::{Authenticate, IdempotencyGuard, ProcessMetrics, QueueUsage, StoreMetrics, StoreUsage};

use super::exposition::{Exposition, Kind};
use super::histogram::BOUNDS;
use super::{BuildInfo, RequestMetrics, SpanCounts};
use crate::RateLimits;

/// The page that `/metrics` answers with, and what it asks for its figures.
///
/// `docs/metrics.md` explains every metric to whoever runs the service.
#[derive(Clone)]
pub struct MetricsPage {
    /// The requests that the routes answer.
    pub requests: RequestMetrics,
    /// How many requests there may be.
    pub rate_limits: RateLimits,
    /// Who looks up tokens.
    pub authenticate: Arc<Authenticate>,
    /// The idempotency records that are stored.
    pub idempotency: IdempotencyGuard,
    /// Where users and tokens are kept.
    pub store: Arc<dyn StoreMetrics>,
    /// What the service runs as.
    pub process: Arc<dyn ProcessMetrics>,
    /// What became of the spans of traced requests.
    pub spans: Arc<SpanCounts>,
    /// What it was built of.
    pub build: BuildInfo,
}

impl MetricsPage {
    /// The page as it is now, in the text format of Prometheus.
    pub fn render(&self) -> String {
        let mut page = Exposition::default();
        write_requests(&mut page, &self.requests);
        write_limits(&mut page, &self.rate_limits);
        write_look_ups(&mut page, &self.authenticate);
        write_idempotency(&mut page, &self.idempotency);
        write_store(&mut page, &*self.store);
        write_spans(&mut page, &self.spans);
        write_build(&mut page, self.build);
        write_process(&mut page, &*self.process);
        page.finish()
    }
}

fn write_requests(page: &mut Exposition, requests: &RequestMetrics) {
    let help = "Requests that were answered, by how long that took";
    let mut metric = page.metric("users_http_request_duration_seconds", Kind::Histogram, help);
    for answered in requests.answered() {
        let labels = [("route", answered.route), ("method", answered.method), ("status", answered.status)];
        let [within @ .., beyond] = answered.durations.buckets;
        let buckets = BOUNDS.iter().map(std::time::Duration::as_secs_f64).zip(within);
        metric.histogram(&labels, buckets, beyond, answered.durations.sum.as_secs_f64());
    }
    page.metric("users_http_requests_in_flight", Kind::Gauge, "Requests that are not answered yet")
        .sample(&[], requests.under_way());
}

fn write_limits(page: &mut Exposition, limits: &RateLimits) {
    let usages = limits.usage();
    let help = "Requests that were refused as too many, by the limit that they met";
    let mut metric = page.metric("users_rate_limit_refused_total", Kind::Counter, help);
    for usage in usages {
        metric.sample(&[("limit", usage.limit)], usage.refused);
    }
    let help = "Tokens and addresses whose requests are counted";
    let mut metric = page.metric("users_rate_limit_keys", Kind::Gauge, help);
    for usage in usages {
        metric.sample(&[("limit", usage.limit)], usage.keys);
    }
}

fn write_look_ups(page: &mut Exposition, authenticate: &Authenticate) {
    let look_ups = authenticate.look_ups();
    let help = "Tokens that were looked up: remembered (hit) or read from the database (miss)";
    page.metric("users_token_cache_lookups_total", Kind::Counter, help)
        .sample(&[("result", "hit")], look_ups.remembered)
        .sample(&[("result", "miss")], look_ups.read);
    page.metric("users_token_cache_entries", Kind::Gauge, "Tokens that are remembered")
        .sample(&[], look_ups.known);
    let help = "Tokens that were refused, by the reason";
    page.metric("users_token_refused_total", Kind::Counter, help)
        .sample(&[("reason", "invalid")], look_ups.invalid)
        .sample(&[("reason", "expired")], look_ups.expired);
}

fn write_idempotency(page: &mut Exposition, idempotency: &IdempotencyGuard) {
    let stored = idempotency.stored();
    page.metric("users_idempotency_records", Kind::Gauge, "Idempotency records that are stored")
        .sample(&[], stored.records);
    page.metric("users_idempotency_bytes", Kind::Gauge, "Size of the stored idempotency records")
        .sample(&[], stored.bytes);
    let help = "Requests that were rejected since there is no room for their idempotency records";
    page.metric("users_idempotency_rejected_total", Kind::Counter, help).sample(&[], idempotency.rejected());
}

fn write_store(page: &mut Exposition, store: &dyn StoreMetrics) {
    let usage = store.usage();
    let StoreUsage { writes, reads, lists, visits, connections, troubles } = &usage;
    write_queues(page, [("write", writes), ("read", reads), ("list", lists), ("visit", visits)]);
    page.metric("users_store_connections", Kind::Gauge, "Connections to the database that are open")
        .sample(&[], connections.open);
    page.metric("users_store_connections_max", Kind::Gauge, "Connections to the database at most")
        .sample(&[], connections.most);
    let help = "Connections and statements that failed, by what was wrong with the database";
    let mut metric = page.metric("users_store_errors_total", Kind::Counter, help);
    for (trouble, count) in troubles {
        metric.sample(&[("kind", trouble.name())], count);
    }
}

fn write_queues(page: &mut Exposition, queues: [(&str, &QueueUsage); 4]) {
    let mut each = |name, kind, help, value: fn(&QueueUsage) -> u64| {
        let mut metric = page.metric(name, kind, help);
        for (queue, usage) in queues {
            metric.sample(&[("queue", queue)], value(usage));
        }
    };
    let help = "Requests that wait for a database thread";
    each("users_store_queue_depth", Kind::Gauge, help, |queue| queue.waiting as u64);
    let help = "Requests that were refused since the queue was full";
    each("users_store_queue_refused_total", Kind::Counter, help, |queue| queue.refused);
    let help = "Database threads, each with a connection of its own";
    each("users_store_threads", Kind::Gauge, help, |queue| queue.threads as u64);
    let help = "Database threads that are at work";
    each("users_store_threads_busy", Kind::Gauge, help, |queue| queue.busy as u64);
    let help = "Batches that the database threads took, by how many requests they had";
    let mut metric = page.metric("users_store_batch_size", Kind::Histogram, help);
    for (name, QueueUsage { batches, begun, .. }) in queues {
        let buckets = batches.iter().map(|batch| (batch.largest, batch.count));
        metric.histogram(&[("queue", name)], buckets, 0, begun);
    }
}

fn write_spans(page: &mut Exposition, spans: &SpanCounts) {
    let help = "Spans of traced requests, by what became of them";
    let mut metric = page.metric("users_trace_spans_total", Kind::Counter, help);
    for (result, count) in spans.by_result() {
        metric.sample(&[("result", result)], count);
    }
}

fn write_build(page: &mut Exposition, build: BuildInfo) {
    let BuildInfo { version, revision, rustc } = build;
    page.metric("users_build_info", Kind::Gauge, "The version that runs, and what it was built of")
        .sample(&[("version", version), ("revision", revision), ("rustc", rustc)], 1);
}

fn write_process(page: &mut Exposition, process: &dyn ProcessMetrics) {
    let usage = process.usage();
    let help = "When the process was started, in seconds since 1970";
    page.metric("process_start_time_seconds", Kind::Gauge, help).sample(&[], usage.started_at.timestamp());
    if let Some(bytes) = usage.resident_bytes {
        page.metric("process_resident_memory_bytes", Kind::Gauge, "Memory in use").sample(&[], bytes);
    }
    if let Some(time) = usage.processor_time {
        let help = "Processor time of all threads, in user and system mode";
        page.metric("process_cpu_seconds_total", Kind::Counter, help).sample(&[], time.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use actix_web::http::{Method, StatusCode};
    use users_ports::{MockProcessMetrics, MockStoreMetrics, Trouble};
    use users_testkit::{FixedClock, MemoryStore, noon};
    use users_use_cases::{
        Authenticate, BatchCount, ConnectionUsage, IdempotencyGuard, ProcessUsage, QueueUsage, StoreUsage,
    };

    use super::MetricsPage;
    use crate::{BuildInfo, RateLimits, RequestMetrics};

    /// A page on which every figure is another.
    fn page() -> MetricsPage {
        let requests = RequestMetrics::default();
        let put = requests.route("/v1/users/{id}");
        for micros in [400, 700, 11_000_000] {
            put.begin().answered(&Method::PUT, StatusCode::OK, Duration::from_micros(micros));
        }
        // Never answered and never dropped.
        std::mem::forget(put.begin());
        let mut store = MockStoreMetrics::new();
        let batches = [(1, 4), (2, 3), (4, 2)].map(|(largest, count)| BatchCount { largest, count });
        store.expect_usage().return_const(StoreUsage {
            writes: QueueUsage {
                waiting: 5,
                refused: 6,
                begun: 17,
                threads: 8,
                busy: 3,
                batches: batches.into(),
            },
            reads: QueueUsage { waiting: 7, refused: 8, threads: 4, busy: 2, ..QueueUsage::default() },
            lists: QueueUsage { waiting: 10, refused: 11, ..QueueUsage::default() },
            visits: QueueUsage::default(),
            connections: ConnectionUsage { open: 9, most: 12 },
            troubles: (13..).zip(Trouble::ALL).map(|(count, trouble)| (trouble, count)).collect(),
        });
        let mut process = MockProcessMetrics::new();
        process.expect_usage().return_const(ProcessUsage {
            started_at: noon(),
            resident_bytes: Some(123_456_789),
            processor_time: Some(Duration::from_millis(1230)),
        });
        let tokens = Arc::new(MemoryStore::default());
        let authenticate = Arc::new(Authenticate::new(tokens, Arc::new(FixedClock::default())));
        let rate_limits = RateLimits::default();
        MetricsPage {
            requests,
            rate_limits,
            authenticate,
            idempotency: IdempotencyGuard::default(),
            store: Arc::new(store),
            process: Arc::new(process),
            spans: Arc::default(),
            build: BuildInfo { version: "1.2.3", revision: "abc", rustc: "1.95.0" },
        }
    }

    #[test]
    fn the_page_is_literally_this() {
        let found = page().render();
        assert!(found == include_str!("page_expected.txt"), "{found}");
    }

    #[test]
    fn what_the_system_does_not_tell_is_left_out() {
        let mut process = MockProcessMetrics::new();
        let usage = ProcessUsage { started_at: noon(), resident_bytes: None, processor_time: None };
        process.expect_usage().return_const(usage);
        let text = MetricsPage { process: Arc::new(process), ..page() }.render();
        assert!(text.contains("\nprocess_start_time_seconds "));
        assert!(
            !text.contains("process_resident_memory_bytes") && !text.contains("process_cpu_seconds_total")
        );
    }

    #[test]
    fn every_metric_is_explained_in_the_docs() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/metrics.md");
        let docs = std::fs::read_to_string(docs).unwrap();
        let text = page().render();
        let names: Vec<_> =
            text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
        assert!(names.len() >= 10);
        for name in names {
            assert!(docs.contains(&format!("| `{name}` |")), "docs/metrics.md does not explain {name}");
        }
    }
}
