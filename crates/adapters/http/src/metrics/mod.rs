//! What is measured, for whoever runs the service: counters that requests pay next to nothing for, and the page that
//! shows them in the text format of Prometheus.

mod build_info;
mod exposition;
mod histogram;
mod page;
mod requests;
mod span_counts;

pub use build_info::BuildInfo;
pub use page::MetricsPage;
pub use requests::{RequestMetrics, RouteRequests};
pub use span_counts::SpanCounts;
