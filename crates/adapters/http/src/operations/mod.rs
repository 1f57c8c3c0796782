//! What whoever runs the service asks it, and its own documents. None of it needs a token.

mod docs_page;
mod documents;
mod health;
mod metrics;

pub use docs_page::{docs_asset, docs_page, docs_page_with_slash, root};
pub use documents::{error_page, openapi};
pub use health::{live, ready};
pub use metrics::metrics;
