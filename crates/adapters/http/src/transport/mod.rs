//! Wraps each connection below actix-web, which otherwise answers malformed input itself.
//!
//! A connection is, from the socket upwards, TLS where it is spoken, [`OneAtATime`], and then [`ProblemStream`].

mod farewell;
mod framing;
mod one_at_a_time;
mod problem_stream;

pub use one_at_a_time::OneAtATime;
pub use problem_stream::{ProblemStream, plain_http_refusal};
