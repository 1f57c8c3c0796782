//! A server that the benchmark starts, waits for, and ends.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::load::parse_head;

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_mins(1);

/// A child process that answers HTTP; it is killed when the value goes.
#[derive(Debug)]
pub struct ServerProcess {
    child: Child,
    address: SocketAddr,
}

/// An answer to a request that is no part of a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

impl ServerProcess {
    /// Starts the command, which listens on `address`, and gives back how long it took to answer `path` with 200.
    pub fn start(
        command: &mut Command,
        address: SocketAddr,
        path: &str,
        token: Option<&str>,
    ) -> Result<(Self, Duration)> {
        let begin = Instant::now();
        let child =
            command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let mut server = Self { child, address };
        loop {
            match get(address, path, token) {
                Ok(answer) if answer.status == 200 => return Ok((server, begin.elapsed())),
                other => {
                    if let Some(status) = server.child.try_wait()? {
                        bail!("the server ended by itself: {status}");
                    }
                    if begin.elapsed() > PATIENCE {
                        bail!("the server does not answer {path} with 200; the last try gave {other:?}");
                    }
                }
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }

    /// Where the server listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on loopback that nobody listens on.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Asks for a path, on a connection of its own.
pub fn get(address: SocketAddr, path: &str, token: Option<&str>) -> Result<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    get_on(&mut stream, path, token)
}

/// Asks for a path, on a connection that can be used again afterwards.
pub fn get_on(stream: &mut TcpStream, path: &str, token: Option<&str>) -> Result<Answer> {
    let host = stream.peer_addr()?;
    let authorization = token.map_or_else(String::new, |token| format!("authorization: Token {token}\r\n"));
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{authorization}\r\n").as_bytes())?;
    let mut bytes = Vec::new();
    let mut piece = [0; 16 << 10];
    loop {
        let read = stream.read(&mut piece)?;
        bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
        let head = parse_head(&bytes)?;
        if let Some((head, body)) =
            head.and_then(|head| Some((head, bytes.get(head.body_from..head.answer_length())?)))
        {
            return Ok(Answer { status: head.status, body: String::from_utf8_lossy(body).into_owned() });
        }
        if read == 0 {
            bail!("the server closed the connection without an answer");
        }
    }
}
