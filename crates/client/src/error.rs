use std::iter::successors;
use std::time::Duration;

use crate::{ErrorCode, Problem};

/// Why a call did not succeed, after all its attempts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The call cannot be sent as it is; nothing was sent.
    #[error("the call cannot be sent: {0}")]
    Invalid(String),
    /// The service answered, and refused; see [`may_have_had_effect`](Self::may_have_had_effect).
    #[error("the users service refused: {0}")]
    Refused(Box<Problem>),
    /// There was no answer: no connection, or it broke, or time ran out. A write may have had its effect.
    #[error("no answer from the users service: {}", causes(source.as_ref()))]
    NoAnswer {
        /// What the network or the HTTP library said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There was an answer that the service does not give, such as a page of a proxy. A write may have had its effect.
    #[error("an answer of status {status} that cannot be read: {why}")]
    Unreadable {
        /// The status of the answer.
        status: u16,
        /// What is wrong with it.
        why: String,
        /// How long to wait before the request is sent again, where the answer says so.
        retry_after: Option<Duration>,
    },
}

impl Error {
    /// The refusal, where the service gave one.
    pub const fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(problem) => Some(problem),
            Self::Invalid(_) | Self::NoAnswer { .. } | Self::Unreadable { .. } => None,
        }
    }

    /// What went wrong, where the service told.
    pub fn code(&self) -> Option<&ErrorCode> {
        self.problem().map(|problem| &problem.code)
    }

    /// Whether there is no such user.
    pub fn is_not_found(&self) -> bool {
        self.code() == Some(&ErrorCode::ResourceNotFound)
    }

    /// Whether the same request may succeed later, with nothing changed.
    ///
    /// This is what the client sends again by itself. 502 and 504 are of proxies; the service does not give them.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Invalid(_) => false,
            Self::NoAnswer { .. } => true,
            Self::Refused(problem) => {
                problem.code == ErrorCode::IdempotencyKeyInUse || is_transient(problem.status)
            }
            Self::Unreadable { status, .. } => is_transient(*status),
        }
    }

    /// Whether a write that ended with this may have had its effect all the same.
    ///
    /// So it is where there was no answer that can be trusted; where the service failed, which it may have done with the
    /// effect behind it (500 and above); and where it asked for [another attempt](Self::is_transient), since of an
    /// earlier attempt nothing may have been heard. The same write under the same idempotency key is safe then.
    pub fn may_have_had_effect(&self) -> bool {
        match self {
            Self::Invalid(_) => false,
            Self::NoAnswer { .. } | Self::Unreadable { .. } => true,
            Self::Refused(problem) => problem.status >= 500 || self.is_transient(),
        }
    }

    /// How long the answer asks to wait before the request is sent again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Invalid(_) | Self::NoAnswer { .. } => None,
            Self::Refused(problem) => problem.retry_after,
            Self::Unreadable { retry_after, .. } => *retry_after,
        }
    }
}

/// What went wrong, down to what it comes from: the library's own words say no more than that a request was not sent.
fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let texts: Vec<_> = successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    texts.join(": ")
}

const fn is_transient(status: u16) -> bool {
    matches!(status, 429 | 502 | 503 | 504)
}

/// What goes wrong below HTTP. The URL is left out: an id may be an email address.
impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        if error.is_builder() {
            return Self::Invalid(error.to_string());
        }
        Self::NoAnswer { source: Box::new(error) }
    }
}
