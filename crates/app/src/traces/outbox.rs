use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use futures_executor::block_on;
use opentelemetry::Context;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{Span, SpanData, SpanExporter, SpanProcessor};
use users_http::SpanCounts;

/// Spans that may wait; those beyond are lost.
const ROOM: usize = 2048;
/// So many are sent without waiting for more.
const ENOUGH: usize = 512;
/// How long the first waits for others to be sent with it.
const PAUSE: Duration = Duration::from_secs(1);
/// How often it is logged that spans are lost.
const LOG_EVERY: Duration = Duration::from_mins(1);

/// Keeps finished spans until a thread of its own has sent them.
///
/// Whoever finishes a span never waits for the collector: where it is slow or away, spans are lost, and counted.
#[derive(Debug)]
pub struct Outbox<E> {
    shared: Arc<Shared>,
    /// Until the thread has it.
    exporter: Option<E>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    came: Condvar,
    ended: Condvar,
    counts: Arc<SpanCounts>,
}

#[derive(Debug, Default)]
struct Waiting {
    spans: Vec<SpanData>,
    closed: bool,
    ended: bool,
}

impl<E: SpanExporter + 'static> Outbox<E> {
    /// An outbox for what `exporter` sends, which counts in `counts` what becomes of it.
    pub fn new(exporter: E, counts: Arc<SpanCounts>) -> Self {
        Self { shared: Arc::new(Shared { counts, ..Shared::default() }), exporter: Some(exporter) }
    }
}

impl<E: SpanExporter + 'static> Outbox<E> {
    /// Starts the thread that sends. The resource is told to the exporter before that.
    fn start(&mut self, resource: &Resource) -> io::Result<()> {
        let Some(mut exporter) = self.exporter.take() else { return Ok(()) };
        exporter.set_resource(resource);
        let shared = Arc::clone(&self.shared);
        thread::Builder::new().name("traces".to_owned()).spawn(move || {
            shared.send_all(&exporter);
            shared.lock().ended = true;
            shared.ended.notify_all();
        })?;
        Ok(())
    }
}

impl Shared {
    fn add(&self, span: SpanData) {
        let mut waiting = self.lock();
        if waiting.closed || waiting.spans.len() >= ROOM {
            self.counts.dropped();
            return;
        }
        waiting.spans.push(span);
        let many = waiting.spans.len();
        drop(waiting);
        if many == 1 || many == ENOUGH {
            self.came.notify_one();
        }
    }

    /// Sends what comes until it is closed and nothing is left.
    fn send_all(&self, exporter: &impl SpanExporter) {
        let mut last_logged = None;
        while let Some(spans) = self.take() {
            let many = spans.len();
            match block_on(exporter.export(spans)) {
                Ok(()) => self.counts.exported(many),
                Err(error) => {
                    self.counts.failed(many);
                    let now = Instant::now();
                    if last_logged.is_none_or(|last| now.duration_since(last) >= LOG_EVERY) {
                        tracing::warn!(spans = many, %error, "traces cannot be sent");
                        last_logged = Some(now);
                    }
                }
            }
        }
    }

    /// Waits for spans, and for others to go with the first; `None`: there are none any more.
    fn take(&self) -> Option<Vec<SpanData>> {
        let none = |waiting: &mut Waiting| waiting.spans.is_empty() && !waiting.closed;
        let few = |waiting: &mut Waiting| waiting.spans.len() < ENOUGH && !waiting.closed;
        let waiting = self.came.wait_while(self.lock(), none).unwrap_or_else(PoisonError::into_inner);
        let (mut waiting, _) =
            self.came.wait_timeout_while(waiting, PAUSE, few).unwrap_or_else(PoisonError::into_inner);
        let spans = mem::take(&mut waiting.spans);
        (!spans.is_empty()).then_some(spans)
    }

    /// Nothing panics under the lock, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E: SpanExporter + 'static> SpanProcessor for Outbox<E> {
    fn on_start(&self, _span: &mut Span, _context: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.shared.add(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    /// Sends what waits, and gives up after `limit`.
    fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        let mut waiting = self.shared.lock();
        waiting.closed = true;
        self.shared.came.notify_one();
        let runs = |waiting: &mut Waiting| !waiting.ended;
        let waited = self.shared.ended.wait_timeout_while(waiting, limit, runs);
        let timed_out = waited.unwrap_or_else(PoisonError::into_inner).1.timed_out();
        if timed_out { Err(OTelSdkError::Timeout(limit)) } else { Ok(()) }
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Err(error) = self.start(resource) {
            tracing::error!(%error, "no thread that sends traces can be started");
        }
    }
}
