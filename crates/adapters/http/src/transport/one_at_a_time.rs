use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::framing::{Framing, Taken};

/// More than the longest head that the HTTP library reads: a line that is longer may as well be handed on.
const LONGEST_LINE: usize = 128 * 1024;
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// What stands in no head, so that one that ends before it is whole is refused.
const NO_HEAD: u8 = 0;

/// A connection that hands on one request at a time: the next one when the last is answered.
///
/// The HTTP library reads ahead, and forms an answer by what it read last: the answer to a GET that is followed by a
/// HEAD would have no body, though it announces one, and the client would take the next answer for it (RFC 9112,
/// section 9.3.2).
///
/// A head that ends with the connection is handed on in such a way that it is refused, not passed over in silence.
///
/// The library waits without end for the second head of a connection once it has begun, and for the rest of a body in
/// chunks that it has refused. Here the connection is taken to have ended where these do not come in time.
pub struct OneAtATime<T> {
    stream: T,
    /// How long the head of a request, or the rest of one that is refused, may take to arrive.
    patience: Duration,
    /// When that is over, where it has begun.
    deadline: Option<Pin<Box<Sleep>>>,
    /// Whether nothing more is to come.
    ended: bool,
    framing: Framing,
    turn: Turn,
    /// What was received and is not handed on yet.
    held: Vec<u8>,
    /// How much of it can be handed on.
    cleared: usize,
    /// Whether something of an answer was written since everything was sent off.
    wrote: bool,
    /// Who waits for a request to be answered.
    waiter: Option<Waker>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// The client's: its request is handed on as it comes in.
    Client,
    /// Still the client's, though its request is answered already: it is refused, and the rest of it has no meaning.
    ClientInVain,
    /// The service's: the request is handed on, and to be answered.
    Service,
}

impl<T> OneAtATime<T> {
    /// Hands on what is read from `stream`; a head, or the rest of a refused request, may take `patience` to arrive.
    pub fn new(stream: T, patience: Duration) -> Self {
        Self {
            stream,
            patience,
            deadline: None,
            ended: false,
            framing: Framing::default(),
            turn: Turn::Client,
            held: Vec::new(),
            cleared: 0,
            wrote: false,
            waiter: None,
        }
    }

    /// Follows the request through these bytes, and tells how many of them can be handed on.
    fn clear(framing: &mut Framing, turn: &mut Turn, bytes: &mut [u8]) -> usize {
        let Taken { bytes, ends } = framing.take(bytes);
        if ends {
            *turn = if *turn == Turn::ClientInVain { Turn::Client } else { Turn::Service };
        }
        bytes
    }

    /// Hands on as much as there is room for.
    fn hand_on(&mut self, buffer: &mut ReadBuf<'_>) {
        let length = self.cleared.min(buffer.remaining());
        self.cleared -= length;
        buffer.put_slice(self.held.get(..length).unwrap_or_default());
        self.held.drain(..length);
        if self.held.is_empty() {
            self.held = Vec::new();
        }
    }

    /// Everything that was to be written is sent off.
    fn sent(&mut self, context: &Context<'_>) {
        if !std::mem::take(&mut self.wrote) {
            return;
        }
        if self.turn == Turn::Service {
            self.turn = Turn::Client;
        } else if self.framing.is_within_request() {
            self.turn = Turn::ClientInVain;
            // The time that is left begins when the next read has to wait.
            context.waker().wake_by_ref();
        }
        if let Some(waiter) = self.waiter.take() {
            waiter.wake();
        }
    }

    /// Whether the client has begun what it must end in time.
    fn is_pressed(&self) -> bool {
        match self.turn {
            Turn::Client => {
                self.framing.is_within_head() && (self.framing.is_within_request() || !self.held.is_empty())
            }
            Turn::ClientInVain => true,
            Turn::Service => false,
        }
    }

    /// Whether what the client has begun takes too long.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if !self.is_pressed() {
            self.deadline = None;
            return Poll::Pending;
        }
        let patience = self.patience;
        self.deadline.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(context)
    }

    /// The client sends no more, perhaps in the midst of a line; tells whether there is something to be handed on.
    fn end(&mut self) -> bool {
        let cut = !self.held.is_empty() || self.framing.is_within_request();
        if cut && self.framing.is_within_head() {
            self.held.push(NO_HEAD);
        }
        self.framing.give_up();
        self.cleared = self.held.len();
        self.cleared > 0
    }
}

impl<T: AsyncRead + Unpin> OneAtATime<T> {
    /// Receives into the buffer, and tells how many bytes; none where nothing more comes, or not in time.
    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<usize>> {
        let before = buffer.filled().len();
        if !self.ended {
            match Pin::new(&mut self.stream).poll_read(context, buffer) {
                Poll::Ready(result) => result?,
                Poll::Pending => ready!(self.poll_late(context)),
            }
        }
        let length = buffer.filled().len() - before;
        self.ended = length == 0;
        Poll::Ready(Ok(length))
    }

    /// Takes all but the first `keep` bytes out of the buffer, and holds them.
    fn hold(&mut self, buffer: &mut ReadBuf<'_>, keep: usize) {
        self.held.extend_from_slice(buffer.filled().get(keep..).unwrap_or_default());
        buffer.set_filled(keep);
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for OneAtATime<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        loop {
            if this.cleared > 0 {
                this.hand_on(buffer);
                return Poll::Ready(Ok(()));
            }
            if this.turn == Turn::Service {
                // A client that goes away is noticed, unless it has sent more.
                if this.held.is_empty() && ready!(this.poll_receive(context, buffer))? == 0 {
                    return Poll::Ready(Ok(()));
                }
                this.hold(buffer, before);
                this.deadline = None;
                this.waiter = Some(context.waker().clone());
                return Poll::Pending;
            }
            if !this.held.is_empty() {
                this.cleared = Self::clear(&mut this.framing, &mut this.turn, &mut this.held);
                if this.cleared > 0 {
                    continue;
                }
            }
            if this.framing.is_broken() {
                // What the library would refuse by dropping the connection, with the request that waits for its body.
                return Poll::Ready(Ok(()));
            }
            if ready!(this.poll_receive(context, buffer))? == 0 {
                if this.end() {
                    continue;
                }
                return Poll::Ready(Ok(()));
            }
            if this.held.is_empty() {
                // Nearly always all of it can be handed on as it is.
                let received = buffer.filled_mut().get_mut(before..).unwrap_or_default();
                let length = Self::clear(&mut this.framing, &mut this.turn, received);
                this.hold(buffer, before + length);
                if length > 0 {
                    return Poll::Ready(Ok(()));
                }
            } else {
                this.hold(buffer, before);
                if this.held.len() > LONGEST_LINE {
                    this.framing.give_up();
                }
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for OneAtATime<T> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.wrote |= bytes != CONTINUE;
        Pin::new(&mut this.stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        this.sent(context);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
