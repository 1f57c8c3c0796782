//! What whoever runs the service asks it, and its own documents. None of it needs a token.

mod documents;
mod health;
mod metrics;

pub use documents::{error_page, openapi};
pub use health::{live, ready};
pub use metrics::metrics;
