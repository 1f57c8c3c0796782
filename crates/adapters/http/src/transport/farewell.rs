use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

/// How much may still come from a client that was refused, in bytes; its request was too large or no request at all.
const MAX_UNREAD: usize = 1024 * 1024;
/// How long it may go on.
const LINGER: Duration = Duration::from_secs(5);

/// The end of a connection whose client was refused before its request was one, which the framework would just drop.
///
/// - What TLS has for telling an end from a cut is said.
/// - What the client still sends is read for a while: a socket that is closed with something unread is reset, which takes
///   the answer with it before the client comes to read it (RFC 9112, section 9.6).
#[derive(Default)]
pub struct Farewell {
    unread: usize,
    deadline: Option<Pin<Box<Sleep>>>,
    over: bool,
}

impl Farewell {
    /// Ends the connection from this side, and waits until the other side has ended too, or long enough.
    pub fn poll<T: AsyncRead + AsyncWrite + Unpin>(
        &mut self,
        stream: &mut T,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.over {
            ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
            ready!(self.poll_rest(stream, context));
            self.over = true;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_rest<T: AsyncRead + Unpin>(&mut self, stream: &mut T, context: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; 4096];
        while self.unread <= MAX_UNREAD {
            let mut buffer = ReadBuf::new(&mut bytes);
            match Pin::new(&mut *stream).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => self.unread += buffer.filled().len(),
                Poll::Ready(_) => break,
                Poll::Pending => {
                    let deadline = self.deadline.get_or_insert_with(|| Box::pin(sleep(LINGER)));
                    return deadline.as_mut().poll(context);
                }
            }
        }
        Poll::Ready(())
    }
}
