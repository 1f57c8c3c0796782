//! How many requests a token and a client address may make: the allowances, who is counted, and what answers say of it.
//!
//! `limits.rs` holds the three limits of the service, `admission.rs` asks them on behalf of one request, `limiter.rs` is
//! one of them, and `client_address.rs` tells from where a request comes.

mod admission;
mod client_address;
mod elapsed;
mod forwarded;
mod limiter;
mod limits;
mod rate;
mod standing;
mod store;
mod trusted_proxies;

pub use admission::Admission;
pub use client_address::client_address;
pub use limits::{RateLimitSettings, RateLimits};
pub use rate::{NotARate, Rate};
pub use standing::{RATE_LIMIT_HEADERS, Standing};
pub use trusted_proxies::{NotProxies, TrustedProxies};
