//! Cross-origin resource sharing (Fetch standard, section 3.2): which pages from elsewhere may use the service in a browser.

mod allowed_origins;
mod headers;

pub use allowed_origins::{AllowedOrigins, NotOrigins};
