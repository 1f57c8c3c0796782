use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::registry::LookupSpan;
use users_http::{RequestTracer, SpanCounts, TRACE_TARGET};

use super::args::TraceArgs;
use super::collector::exporter;
use super::outbox::Outbox;
use super::request_tracer::{REQUEST_SPAN, Tracer};
use super::sampling::Sampling;
use crate::failure::Failure;

/// How long the end of the process waits for the last spans to be sent.
const FLUSH_LIMIT: Duration = Duration::from_secs(3);

/// The traces of a process, on their way to a collector; what waits is sent when it is dropped.
pub struct Traces {
    provider: SdkTracerProvider,
    sampling: Sampling,
    counts: Arc<SpanCounts>,
}

impl Traces {
    /// Traces as the settings have them; `None`: nothing is traced.
    pub fn start(args: &TraceArgs) -> Result<Option<Self>, Failure> {
        let Some(url) = args.url()? else { return Ok(None) };
        let refused =
            |error| Failure::Settings(format!("OTEL_EXPORTER_OTLP_ENDPOINT (--otlp-endpoint): {error}"));
        let counts = Arc::<SpanCounts>::default();
        let outbox = Outbox::new(exporter(&url, args.headers()?).map_err(refused)?, Arc::clone(&counts));
        let resource = Resource::builder()
            .with_service_name(args.trace_service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        // Which requests are traced is decided before there is a span of any.
        let provider = SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOn).with_resource(resource);
        let provider = provider.with_span_processor(outbox).build();
        Ok(Some(Self { provider, sampling: args.sampling(), counts }))
    }

    /// The part of a subscriber that makes spans of OpenTelemetry of those of traced requests, and of nothing else.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        // Only the span of a request may be the first of a trace: the others are made where a traced request is served.
        let filter = dynamic_filter_fn(|span, context| {
            span.name() == REQUEST_SPAN || context.lookup_current().is_some()
        });
        let filter = filter.with_max_level_hint(LevelFilter::INFO).with_callsite_filter(|span| {
            if span.is_span() && span.target() == TRACE_TARGET {
                Interest::sometimes()
            } else {
                Interest::never()
            }
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("users"))
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_context_activation(false)
            .with_filter(filter)
    }

    /// What begins the spans of requests to the service at `address`, with URLs of this scheme.
    pub fn request_tracer(&self, address: SocketAddr, scheme: &'static str) -> Arc<dyn RequestTracer> {
        Arc::new(Tracer::new(self.sampling, address, scheme))
    }

    /// What became of the spans.
    pub fn counts(&self) -> Arc<SpanCounts> {
        Arc::clone(&self.counts)
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        if let Err(error) = self.provider.shutdown_with_timeout(FLUSH_LIMIT) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}
