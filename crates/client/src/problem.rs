use std::fmt;
use std::time::Duration;

use serde::Deserialize;

use crate::{ETag, ErrorCode};

/// The service's refusal of a request (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// What went wrong.
    #[serde(deserialize_with = "code")]
    pub code: ErrorCode,
    /// What went wrong, in a few words that are always the same for a code.
    #[serde(default)]
    pub title: String,
    /// What went wrong this time, for people; never tells what was sent.
    #[serde(default)]
    pub detail: String,
    /// Finds the request in the service's log.
    #[serde(default)]
    pub request_id: Option<String>,
    /// The rules that the request breaks, each with its place.
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// How long the service asks to wait before the request is sent again.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
    /// The version that the user is in, where a condition did not hold (412).
    #[serde(skip)]
    pub etag: Option<ETag>,
}

/// One rule that a request breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct FieldError {
    /// The place in the body as a JSON pointer (RFC 6901), such as `/email`; of a parameter, as if it were a member.
    pub pointer: String,
    /// The kind of rule, such as `INVALID_FORMAT`.
    pub code: String,
    /// What would be accepted.
    #[serde(default)]
    pub detail: String,
}

impl Problem {
    /// Whether the rules broken include one at this JSON pointer, such as `/username`.
    pub fn is_about(&self, pointer: &str) -> bool {
        self.errors.iter().any(|error| error.pointer == pointer)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail)?;
        match &self.request_id {
            Some(id) => write!(f, " (request {id})"),
            None => Ok(()),
        }
    }
}

fn code<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<ErrorCode, D::Error> {
    String::deserialize(deserializer).map(ErrorCode::from)
}
