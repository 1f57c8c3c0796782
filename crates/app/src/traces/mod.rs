//! Traces by OpenTelemetry, for a collector that takes OTLP; the rest of the service makes spans of `tracing`.

mod args;
mod collector;
mod outbox;
mod request_tracer;
mod sampling;
mod setup;

pub use args::TraceArgs;
pub use setup::Traces;
