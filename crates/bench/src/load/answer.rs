//! The little of HTTP/1.1 that it takes to tell where an answer ends and what it says.

use thiserror::Error;

/// What the head of an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Where the body begins.
    pub body_from: usize,
    /// The length of the body in bytes.
    pub body_length: usize,
}

impl Head {
    /// The length of the whole answer in bytes.
    pub const fn answer_length(&self) -> usize {
        self.body_from + self.body_length
    }
}

/// Something that is no answer, or one of a kind that the load generator does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadAnswer {
    /// The first line is not `HTTP/1.1` and a status.
    #[error("what came back does not begin like an HTTP/1.1 answer")]
    StatusLine,
    /// There is no readable `Content-Length` (RFC 9112, section 6.2); a chunked answer has none.
    #[error("an answer does not state its length")]
    Length,
}

const HEAD_END: &[u8] = b"\r\n\r\n";

/// Reads the head of an answer; `None` as long as it is not there in full.
pub fn parse_head(bytes: &[u8]) -> Result<Option<Head>, BadAnswer> {
    let Some(head_length) = bytes.windows(HEAD_END.len()).position(|window| window == HEAD_END) else {
        return Ok(None);
    };
    let mut lines = bytes.get(..head_length).unwrap_or_default().split(|byte| *byte == b'\n');
    let status = lines.next().and_then(status).ok_or(BadAnswer::StatusLine)?;
    let body_length = lines.find_map(content_length).ok_or(BadAnswer::Length)?;
    Ok(Some(Head { status, body_from: head_length + HEAD_END.len(), body_length }))
}

fn status(line: &[u8]) -> Option<u16> {
    decimal(line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?).and_then(|status| u16::try_from(status).ok())
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    if name.eq_ignore_ascii_case(NAME) { decimal(value.trim_ascii()) } else { None }
}

fn decimal(text: &[u8]) -> Option<usize> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{BadAnswer, Head, parse_head};

    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\netag: \"7\"\r\nContent-Length: 2\r\n\r\n{}";

    #[test]
    fn an_answer_says_its_status_and_length() {
        let head = parse_head(ANSWER).unwrap().unwrap();
        assert_eq!(head, Head { status: 200, body_from: ANSWER.len() - 2, body_length: 2 });
        assert_eq!(head.answer_length(), ANSWER.len());
    }

    #[test]
    fn a_head_in_pieces_is_waited_for() {
        let head_length = ANSWER.len() - 2;
        for end in 0..head_length {
            assert_eq!(parse_head(&ANSWER[..end]), Ok(None), "{end}");
        }
        assert!(parse_head(&ANSWER[..head_length]).unwrap().is_some());
    }

    #[test]
    fn any_case_of_the_header_and_any_status_is_read() {
        let answer = b"HTTP/1.1 503 Service Unavailable\r\ncontent-LENGTH:10\r\nx: y\r\n\r\n";
        let head = parse_head(answer).unwrap().unwrap();
        assert_eq!((head.status, head.body_length), (503, 10));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        assert_eq!(parse_head(b"SSH-2.0-OpenSSH\r\n\r\n"), Err(BadAnswer::StatusLine));
        assert_eq!(parse_head(b"HTTP/1.1 2xx\r\n\r\n"), Err(BadAnswer::StatusLine));
        assert_eq!(
            parse_head(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"),
            Err(BadAnswer::Length)
        );
        assert_eq!(parse_head(b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n"), Err(BadAnswer::Length));
    }
}
