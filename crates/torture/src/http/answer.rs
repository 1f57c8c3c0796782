use std::fmt::{self, Display, Formatter};

use serde_json::Value;

/// An answer of the service, read in full.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The entity tag, with its quotation marks.
    pub etag: Option<String>,
    /// Whether it says when to try again.
    pub retry_after: bool,
    /// Whether the connection ends with it.
    pub closes: bool,
    /// The body.
    pub body: Vec<u8>,
}

/// What is no answer in HTTP/1.1 with a length (RFC 9112, section 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadAnswer;

impl Answer {
    /// Reads an answer; `None` as long as it is not there in full.
    ///
    /// An answer without a length counts as one without a body, which is so for 204 and 304 alone (RFC 9112, section 6.3).
    pub fn parse(bytes: &[u8]) -> Result<Option<Self>, BadAnswer> {
        const END: &[u8] = b"\r\n\r\n";
        let Some(head_length) = bytes.windows(END.len()).position(|window| window == END) else {
            return Ok(None);
        };
        let head =
            std::str::from_utf8(bytes.get(..head_length).unwrap_or_default()).map_err(|_| BadAnswer)?;
        let mut lines = head.split("\r\n");
        let status =
            lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")).and_then(|rest| rest.get(..3));
        let mut answer =
            Self { status: status.and_then(|it| it.parse().ok()).ok_or(BadAnswer)?, ..Self::default() };
        let mut length = None;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = Some(value.parse::<usize>().map_err(|_| BadAnswer)?),
                "etag" => answer.etag = Some(value.to_owned()),
                "retry-after" => answer.retry_after = value.parse::<u32>().is_ok(),
                "connection" => answer.closes = value.eq_ignore_ascii_case("close"),
                "transfer-encoding" => return Err(BadAnswer),
                _ => {}
            }
        }
        let length = match (length, answer.status) {
            (_, 204 | 304) => 0,
            (length, _) => length.ok_or(BadAnswer)?,
        };
        let from = head_length + END.len();
        let Some(body) = bytes.get(from..from + length) else {
            return Ok(None);
        };
        answer.body = body.to_vec();
        Ok(Some(answer))
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Display for Answer {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let body: String = String::from_utf8_lossy(&self.body).chars().take(300).collect();
        write!(formatter, "{} {body}", self.status)
    }
}

#[cfg(test)]
mod tests {
    use super::{Answer, BadAnswer};

    const ANSWER: &[u8] =
        b"HTTP/1.1 503 Service Unavailable\r\nETag: \"7\"\r\nretry-after: 1\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}";

    #[test]
    fn an_answer_is_read() {
        let answer = Answer::parse(ANSWER).unwrap().unwrap();
        let expected = Answer {
            status: 503,
            etag: Some("\"7\"".to_owned()),
            retry_after: true,
            closes: true,
            body: b"{}".to_vec(),
        };
        assert_eq!(answer, expected);
        assert_eq!(answer.to_string(), "503 {}");
    }

    #[test]
    fn an_answer_in_pieces_is_waited_for() {
        for end in 0..ANSWER.len() {
            assert_eq!(Answer::parse(&ANSWER[..end]), Ok(None), "{end}");
        }
    }

    #[test]
    fn an_unchanged_user_has_no_body() {
        let answer = Answer::parse(b"HTTP/1.1 304 Not Modified\r\netag: \"7\"\r\n\r\n").unwrap().unwrap();
        assert_eq!((answer.status, answer.body.len(), answer.closes), (304, 0, false));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in [
            "SSH-2.0-OpenSSH\r\n\r\n",
            "HTTP/1.1 2xx\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
        ] {
            assert_eq!(Answer::parse(text.as_bytes()), Err(BadAnswer), "{text}");
        }
    }
}
