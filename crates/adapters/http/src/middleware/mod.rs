//! What is around every endpoint.

mod answer;
mod log;
mod notes;
mod observe;
mod request_id;

pub use notes::Notes;
pub use observe::Observe;
pub use request_id::RequestIds;
