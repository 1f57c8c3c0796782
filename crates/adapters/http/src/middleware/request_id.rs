use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// `X-Request-Id`: what a request is called in the log, in the answer, and by whoever asks about it.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The most characters that a caller's own id may have.
const MAX_LENGTH: usize = 128;

/// Gives every request its id: the caller's where it is sane, otherwise one that is counted up.
#[derive(Clone, Debug)]
pub struct RequestIds {
    prefix: Arc<str>,
    next: Arc<AtomicU64>,
}

impl RequestIds {
    /// Ids that begin with `prefix`; what cannot stand in an id is left out of it.
    pub fn new(prefix: &str) -> Self {
        let prefix: String =
            prefix.chars().filter(char::is_ascii).filter(|c| is_sane(*c as u8)).take(64).collect();
        Self { prefix: prefix.into(), next: Arc::default() }
    }

    /// The id of a request with these headers.
    pub fn of(&self, headers: &HeaderMap) -> HeaderValue {
        let mut lines = headers.get_all(&X_REQUEST_ID);
        match (lines.next(), lines.next()) {
            (Some(line), None) if is_sane_id(line.as_bytes()) => line.clone(),
            _ => self.make(),
        }
    }

    /// A new id.
    pub fn make(&self) -> HeaderValue {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // All its characters are sane, so it is always a header's value.
        HeaderValue::try_from(format!("{}-{number:x}", self.prefix)).unwrap_or(HeaderValue::from_static("-"))
    }
}

fn is_sane_id(id: &[u8]) -> bool {
    (1..=MAX_LENGTH).contains(&id.len()) && id.iter().copied().all(is_sane)
}

/// What URLs, UUIDs, base64 and trace ids are made of; nothing that could break out of a log line or a page.
const fn is_sane(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'.' | b'_' | b'~' | b'-' | b':' | b'@' | b'+' | b'/' | b'=')
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{RequestIds, X_REQUEST_ID, is_sane_id};

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(X_REQUEST_ID, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[rstest]
    #[case("8f0c2f9e-9f3a-4b8e-9a53-3c2a1b0f7d6e")]
    #[case("a")]
    #[case("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")]
    #[case("Root=1-67891233-abcdef012345678912345678")]
    fn a_sane_id_is_kept(#[case] id: &str) {
        assert_eq!(RequestIds::new("x").of(&headers(&[id])), id);
    }

    #[rstest]
    #[case::none(&[])]
    #[case::empty(&[""])]
    #[case::space(&["a b"])]
    #[case::quote(&["a\"b"])]
    #[case::angle(&["<script>"])]
    #[case::two(&["a", "b"])]
    fn otherwise_one_is_made(#[case] lines: &[&str]) {
        assert_eq!(RequestIds::new("x").of(&headers(lines)), "x-0");
    }

    #[test]
    fn an_id_may_have_128_characters_and_no_more() {
        assert!(is_sane_id("a".repeat(128).as_bytes()));
        assert!(!is_sane_id("a".repeat(129).as_bytes()));
    }

    #[test]
    fn ids_differ_also_between_clones() {
        let ids = RequestIds::new("x");
        assert_eq!(ids.make(), "x-0");
        assert_eq!(ids.clone().make(), "x-1");
        assert_eq!(ids.make(), "x-2");
    }

    proptest! {
        #[test]
        fn every_request_gets_a_sane_id(prefix: String, bytes in prop::collection::vec(any::<u8>(), 0..140)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(X_REQUEST_ID, value);
            }
            let id = RequestIds::new(&prefix).of(&headers);
            prop_assert!(is_sane_id(id.as_bytes()));
        }
    }
}
