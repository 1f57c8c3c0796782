//! What came back, and what it means.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap, HeaderName};
use serde::de::DeserializeOwned;

use crate::{ETag, Error, Problem, VersionedUser};

/// An answer that was read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Takes an answer of status 200 to 299, or 304; makes an error of any other.
    pub(crate) fn or_error(self) -> Result<Self, Error> {
        if self.status.is_success() || self.status == StatusCode::NOT_MODIFIED {
            return Ok(self);
        }
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(mut problem) => {
                problem.status = self.status.as_u16();
                problem.retry_after = retry_after(&self.headers);
                problem.etag = self.etag();
                Err(Error::Refused(Box::new(problem)))
            }
            // The body is not told: nobody knows what is in it.
            Err(_) => Err(self.unreadable("it is no problem of the users service")),
        }
    }

    /// Reads the body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        // What the JSON reader says could repeat a value.
        serde_json::from_slice(&self.body).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            self.unreadable(&format!("the body is not what was asked for, at line {line}, column {column}"))
        })
    }

    /// Reads a user with its version.
    pub(crate) fn user(&self) -> Result<VersionedUser, Error> {
        Ok(VersionedUser {
            user: self.json()?,
            etag: self.etag().ok_or_else(|| self.unreadable("ETag is missing"))?,
            last_modified: instant(&self.headers, &header::LAST_MODIFIED)
                .ok_or_else(|| self.unreadable("Last-Modified is missing"))?,
            replayed: self.is_replayed(),
        })
    }

    /// Takes an answer that says of itself that nothing was written.
    ///
    /// A service that does not know dry runs would have written, and that must not go unnoticed.
    pub(crate) fn of_dry_run(&self) -> Result<&Self, Error> {
        let dry = self.headers.get("dry-run").is_some_and(|value| value == "true");
        if dry { Ok(self) } else { Err(self.unreadable("it does not say that it is of a dry run")) }
    }

    /// Whether the service kept this answer from an earlier request.
    pub(crate) fn is_replayed(&self) -> bool {
        self.headers.get("idempotency-replayed").is_some_and(|value| value == "true")
    }

    fn etag(&self) -> Option<ETag> {
        self.headers.get(header::ETAG).and_then(ETag::of)
    }

    pub(crate) fn unreadable(&self, why: &str) -> Error {
        Error::Unreadable {
            status: self.status.as_u16(),
            why: why.to_owned(),
            retry_after: retry_after(&self.headers),
        }
    }
}

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date, which is compared with the answer's own `Date`,
/// so that it does not matter how the clock here goes.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = instant(headers, &header::RETRY_AFTER)? - instant(headers, &header::DATE)?;
    Some(wait.to_std().unwrap_or_default())
}

/// Reads a header that holds a date (RFC 9110, section 5.6.7) in the form that everybody writes.
fn instant(headers: &HeaderMap, name: &HeaderName) -> Option<DateTime<Utc>> {
    let text = headers.get(name)?.to_str().ok()?;
    DateTime::parse_from_rfc2822(text).ok().map(|instant| instant.to_utc())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use reqwest::header::{HeaderMap, HeaderValue};
    use rstest::rstest;

    use super::retry_after;

    #[rstest]
    #[case("0", Some(0))]
    #[case("120", Some(120))]
    #[case("Sun, 06 Nov 1994 08:49:40 GMT", Some(3))]
    #[case("Sun, 06 Nov 1994 08:49:00 GMT", Some(0))]
    #[case("-1", None)]
    #[case("1.5", None)]
    #[case("soon", None)]
    #[case("99999999999999999999999", None)]
    fn a_time_to_wait_is_read(#[case] value: &'static str, #[case] seconds: Option<u64>) {
        let mut headers = HeaderMap::new();
        headers.insert("date", HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT"));
        headers.insert("retry-after", HeaderValue::from_static(value));
        assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs));
    }

    #[test]
    fn a_date_without_the_date_of_the_answer_says_nothing() {
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers), None);
        headers.insert("retry-after", HeaderValue::from_static("Sun, 06 Nov 1994 08:49:40 GMT"));
        assert_eq!(retry_after(&headers), None);
    }
}
