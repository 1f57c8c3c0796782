//! What is around every endpoint.

mod answer;
mod leaving;
mod log;
mod notes;
mod observe;
mod request_id;
mod trace;

pub use leaving::Leaving;
pub use log::AddressLog;
pub use notes::Notes;
pub use observe::Observe;
pub use request_id::RequestIds;
pub use trace::{RequestStart, RequestTrace, RequestTracer, TRACE_TARGET};
