//! One connection of the load generator: at most one request under way.

use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use mio::net::TcpStream;

use super::request::RequestTemplate;
use super::{Head, parse_head};

/// Longer answers than this are refused; a user at its largest is below 32 KiB.
const LONGEST_ANSWER: usize = 1 << 20;
const FIRST_BUFFER: usize = 16 << 10;

/// A kept-alive connection and the request it is at.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    request: RequestTemplate,
    unwritten: usize,
    answer: Vec<u8>,
    filled: usize,
    sent_at: Option<Instant>,
}

/// An answer that has come in whole.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: &'a [u8],
    /// From just before the request was written until the answer was read.
    pub latency: Duration,
    /// What stood in the request and must stand in the answer to it.
    pub echo: &'a [u8],
}

impl Connection {
    /// Connects, and takes the template of the requests it will send.
    pub fn open(address: SocketAddr, request: RequestTemplate) -> Result<Self> {
        let stream =
            std::net::TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        let stream = TcpStream::from_std(stream);
        Ok(Self { stream, request, unwritten: 0, answer: vec![0; FIRST_BUFFER], filled: 0, sent_at: None })
    }

    /// The socket, to be watched.
    pub const fn stream_mut(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// Whether an answer is still to come.
    pub const fn is_waiting(&self) -> bool {
        self.sent_at.is_some()
    }

    /// Sends a request about a user.
    pub fn send(&mut self, user: u64, serial: u64, now: Instant) -> Result<()> {
        self.request.fill(user, serial);
        self.unwritten = self.request.bytes().len();
        self.filled = 0;
        self.sent_at = Some(now);
        self.write_on()
    }

    /// Writes what is left of the request, as far as the socket takes it.
    pub fn write_on(&mut self) -> Result<()> {
        while self.unwritten > 0 {
            let bytes = self.request.bytes();
            let rest = bytes.get(bytes.len() - self.unwritten..).unwrap_or_default();
            match self.stream.write(rest) {
                Ok(written) => self.unwritten -= written,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error).context("cannot send a request"),
            }
        }
        Ok(())
    }

    /// Reads what has come in; the answer, where it is whole by now.
    ///
    /// Sockets are watched by edges. It is enough to read until the answer is whole: nothing can follow it before
    /// the next request, and what does follow that is a new edge.
    pub fn read_on(&mut self) -> Result<Option<Answered<'_>>> {
        let Some(sent_at) = self.sent_at else {
            return Ok(None);
        };
        let Some(head) = self.read_whole()? else {
            return Ok(None);
        };
        self.sent_at = None;
        Ok(Some(Answered {
            status: head.status,
            body: self.answer.get(head.body_from..head.answer_length()).unwrap_or_default(),
            latency: sent_at.elapsed(),
            echo: self.request.echo(),
        }))
    }

    fn read_whole(&mut self) -> Result<Option<Head>> {
        loop {
            if self.filled == self.answer.len() {
                if self.filled >= LONGEST_ANSWER {
                    bail!("an answer is longer than {LONGEST_ANSWER} bytes");
                }
                self.answer.resize(self.filled * 2, 0);
            }
            match self.stream.read(self.answer.get_mut(self.filled..).unwrap_or_default()) {
                Ok(0) => bail!("the server closed a connection without an answer"),
                Ok(read) => self.filled += read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(error).context("cannot read an answer"),
            }
            let head = parse_head(self.answer.get(..self.filled).unwrap_or_default())?;
            if let Some(head) = head.filter(|head| head.answer_length() <= self.filled) {
                return Ok(Some(head));
            }
        }
    }
}
