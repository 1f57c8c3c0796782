//! What goes wrong before a request is one: bytes that are no HTTP, a head that is too large or too slow.
//!
//! The framework answers these by itself, below everything that could see it, with a bare status. [`ProblemStream`] is
//! the connection as the framework has it, and gives those answers the body that every refusal has.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::farewell::Farewell;
use crate::middleware::RequestIds;
use crate::problem::{ErrorCode, ProblemBody};

/// Longer than any answer that the framework gives by itself.
const LONGEST_BARE_ANSWER: usize = 256;

/// A connection on which no refusal goes out without a problem.
pub struct ProblemStream<T> {
    stream: T,
    request_ids: RequestIds,
    /// What is still to be written of an answer that was exchanged.
    waiting: Vec<u8>,
    /// What is left to be done where the last that the connection carries has been written.
    farewell: Option<Farewell>,
}

impl<T: AsyncWrite + Unpin> ProblemStream<T> {
    /// Watches over what is written to `stream`.
    pub const fn new(stream: T, request_ids: RequestIds) -> Self {
        Self { stream, request_ids, waiting: Vec::new(), farewell: None }
    }

    fn poll_waiting(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.waiting.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(context, &self.waiting))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.waiting.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for ProblemStream<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        ready!(this.poll_waiting(context))?;
        let Some((before, bare)) = split_bare_refusal(bytes) else {
            return Pin::new(&mut this.stream).poll_write(context, bytes);
        };
        this.waiting = [before, with_problem(bare, &this.request_ids).as_bytes()].concat();
        this.farewell = Some(Farewell::default());
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_waiting(context))?;
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        match &mut this.farewell {
            Some(farewell) => farewell.poll(&mut this.stream, context),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(this.poll_waiting(context))?;
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for ProblemStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

/// A refusal without a body.
#[derive(Clone, Copy, Debug)]
struct Bare<'a> {
    status: StatusCode,
    /// From the status line to the empty line.
    head: &'a str,
}

const EMPTY_BODY: &str = "\r\ncontent-length: 0\r\n";

/// Finds a bare refusal at the end of what is written; it is the last that a connection carries.
///
/// Nearly everything that is written ends with a body in JSON, so that the first look is enough.
fn split_bare_refusal(bytes: &[u8]) -> Option<(&[u8], Bare<'_>)> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let start = bytes.len().saturating_sub(LONGEST_BARE_ANSWER);
    let begin = bytes.get(start..)?.windows(7).rposition(|window| window == b"HTTP/1.")?;
    let (before, head) = bytes.split_at_checked(start + begin)?;
    let head = std::str::from_utf8(head).ok()?;
    let status = StatusCode::from_bytes(head.get(9..12)?.as_bytes()).ok()?;
    let refuses = status.is_client_error() || status.is_server_error();
    (refuses && head.contains(EMPTY_BODY)).then_some((before, Bare { status, head }))
}

/// What a client is answered that speaks plain HTTP where TLS is spoken; the connection ends with it.
pub fn plain_http_refusal(request_ids: &RequestIds) -> String {
    let head = format!("HTTP/1.1 400 Bad Request{EMPTY_BODY}connection: close\r\n\r\n");
    let bare = Bare { status: StatusCode::BAD_REQUEST, head: &head };
    with_detail(
        bare,
        "The service speaks TLS here, and what was sent is not encrypted: use https.",
        request_ids,
    )
}

/// The same refusal, with a problem as its body.
fn with_problem(bare: Bare<'_>, request_ids: &RequestIds) -> String {
    let detail = match ErrorCode::of_status(bare.status) {
        ErrorCode::RequestTimeout => "The head of the request did not arrive in time.",
        ErrorCode::HeadersTooLarge => "The head of a request may have at most 128 KiB and 96 header lines.",
        ErrorCode::InternalError => "The service could not answer. The request id tells its operator why.",
        _ => "What was sent cannot be read as an HTTP request.",
    };
    with_detail(bare, detail, request_ids)
}

fn with_detail(bare: Bare<'_>, detail: &str, request_ids: &RequestIds) -> String {
    let code = ErrorCode::of_status(bare.status);
    let id = request_ids.make();
    let id = id.to_str().unwrap_or_default();
    tracing::info!(request_id = id, status = bare.status.as_u16(), code = code.name(), "not a request");
    let body = ProblemBody::new(code, detail, "/", id, &[]).to_json();
    // The framework says so only where no request was answered before on the connection, and ends it all the same.
    let close = if bare.head.contains("\r\nconnection: close\r\n") { "" } else { "connection: close\r\n" };
    let headers = format!(
        "\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         x-request-id: {id}\r\n{close}",
        body.len()
    );
    bare.head.replacen(EMPTY_BODY, &headers, 1) + &String::from_utf8_lossy(&body)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{split_bare_refusal, with_problem};
    use crate::middleware::RequestIds;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

    #[test]
    fn a_bare_refusal_gets_a_problem() {
        let (before, bare) = split_bare_refusal(BARE.as_bytes()).unwrap();
        assert!(before.is_empty());
        let body = concat!(
            r##"{"type":"/docs/errors#MALFORMED_REQUEST","title":"The request is not HTTP","status":400,"##,
            r#""detail":"What was sent cannot be read as an HTTP request.","instance":"/","code":"MALFORMED_REQUEST","#,
            r#""message":"What was sent cannot be read as an HTTP request.","request_id":"x-0"}"#,
        );
        let head = format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: {}\r\n\
             cache-control: no-store\r\nx-request-id: x-0\r\nconnection: close\r\n\r\n",
            body.len()
        );
        assert_eq!(with_problem(bare, &RequestIds::new("x")), head + body);
    }

    #[test]
    fn what_was_answered_before_goes_out_as_it_is() {
        let earlier = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        let written = format!("{earlier}{BARE}");
        let (before, bare) = split_bare_refusal(written.as_bytes()).unwrap();
        assert_eq!(before, earlier.as_bytes());
        assert_eq!(bare.head, BARE);
    }

    #[test]
    fn the_end_of_the_connection_is_told() {
        let bare = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        let (_, bare) = split_bare_refusal(bare.as_bytes()).unwrap();
        let answer = with_problem(bare, &RequestIds::new("x"));
        assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    }

    #[test]
    fn other_answers_are_left_alone() {
        for answer in [
            "HTTP/1.1 204 No Content\r\nallow: GET\r\n\r\n",
            "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\ncontent-length: 120\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            "\r\n\r\n",
        ] {
            assert!(split_bare_refusal(answer.as_bytes()).is_none(), "{answer}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_written_makes_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            bytes.extend_from_slice(b"\r\n\r\n");
            let _ = split_bare_refusal(&bytes);
        }
    }
}
