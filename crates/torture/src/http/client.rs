use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::Answer;

/// How long a client waits for an answer: more than any time limit of the service, so who waits longer was forgotten.
const PATIENCE: Duration = Duration::from_secs(20);

/// One client with one connection, which it keeps from request to request.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    token: String,
    connection: Option<TcpStream>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// Further header lines, each with its line end.
    pub headers: &'a str,
    /// The body; its type is JSON where `headers` do not say otherwise.
    pub body: &'a str,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered.
    Answered(Answer),
    /// It was never sent: nobody listens.
    NotSent,
    /// It was sent, perhaps in part, and the connection ended or nothing came for [`PATIENCE`].
    Unanswered,
}

/// What became of a request, and when.
#[derive(Clone, Debug)]
pub struct Timed {
    /// Before its first byte was sent.
    pub begun: Instant,
    /// After its last byte was sent; `None` where that failed.
    pub sent: Option<Instant>,
    /// When its answer was there, or its client had given up.
    pub ended: Instant,
    /// What became of it.
    pub outcome: Outcome,
}

impl Timed {
    /// The answer, if there was one.
    pub const fn answer(&self) -> Option<&Answer> {
        match &self.outcome {
            Outcome::Answered(answer) => Some(answer),
            Outcome::NotSent | Outcome::Unanswered => None,
        }
    }

    /// The status of the answer; 0 where there was none.
    pub fn status(&self) -> u16 {
        self.answer().map_or(0, |answer| answer.status)
    }
}

impl<'a> Request<'a> {
    /// A request without a body.
    pub const fn get(path: &'a str) -> Self {
        Self { method: "GET", path, headers: "", body: "" }
    }

    /// An update.
    pub const fn put(path: &'a str, body: &'a str) -> Self {
        Self { method: "PUT", path, headers: "", body }
    }

    /// A creation.
    pub const fn post(body: &'a str) -> Self {
        Self { method: "POST", path: "/v1/users", headers: "", body }
    }

    /// The request as it goes over the wire.
    pub fn to_bytes(&self, host: SocketAddr, token: &str) -> Vec<u8> {
        let Self { method, path, headers, body } = self;
        let kind = if headers.contains("content-type:") { "" } else { "content-type: application/json\r\n" };
        let length = body.len();
        let body_headers =
            if body.is_empty() { String::new() } else { format!("{kind}content-length: {length}\r\n") };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Token {token}\r\n{headers}{body_headers}\r\n{body}"
        )
        .into_bytes()
    }
}

impl Client {
    /// A client of the service at `address`; it connects with its first request.
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned(), connection: None }
    }

    /// Sends a request and waits for what becomes of it.
    pub fn send(&mut self, request: &Request<'_>) -> Timed {
        let bytes = request.to_bytes(self.address, &self.token);
        let begun = Instant::now();
        let Some(mut connection) = self.connection.take().or_else(|| connect(self.address)) else {
            return Timed { begun, sent: None, ended: Instant::now(), outcome: Outcome::NotSent };
        };
        let sent = connection.write_all(&bytes).ok().map(|()| Instant::now());
        let answer = read_answer(&mut connection);
        let ended = Instant::now();
        let outcome = answer.map_or(Outcome::Unanswered, Outcome::Answered);
        if matches!(&outcome, Outcome::Answered(answer) if !answer.closes) {
            self.connection = Some(connection);
        }
        Timed { begun, sent, ended, outcome }
    }
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    let connection = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    connection.set_nodelay(true).ok()?;
    connection.set_read_timeout(Some(PATIENCE)).ok()?;
    connection.set_write_timeout(Some(PATIENCE)).ok()?;
    Some(connection)
}

fn read_answer(connection: &mut impl Read) -> Option<Answer> {
    let mut bytes = Vec::with_capacity(1_024);
    let mut piece = [0; 4_096];
    loop {
        let length = match connection.read(&mut piece) {
            Ok(0) => return None,
            Ok(length) => length,
            // A signal to this process, such as that a child has ended, says nothing about the connection.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(_) => return None,
        };
        bytes.extend_from_slice(piece.get(..length)?);
        if let Some(answer) = Answer::parse(&bytes).ok()? {
            return Some(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind, Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::{Client, Outcome, Request, read_answer};

    /// Gives its pieces one after the other, and is interrupted by a signal before each.
    struct Interrupted<'a>(Vec<&'a [u8]>, bool);

    impl Read for Interrupted<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            self.0.pop().map_or(Ok(0), |mut piece| piece.read(into))
        }
    }

    #[test]
    fn a_signal_loses_no_answer() {
        let pieces = vec![&b"ngth: 2\r\n\r\n{}"[..], b"HTTP/1.1 200 OK\r\ncontent-le"];
        assert_eq!(read_answer(&mut Interrupted(pieces, false)).unwrap().status, 200);
        assert_eq!(read_answer(&mut Interrupted(vec![b"HTTP/1.1 200 OK\r\n"], false)), None);
    }

    #[test]
    fn what_becomes_of_a_request_is_told_apart() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 4_096];
            let length = stream.read(&mut bytes).unwrap();
            let method = String::from_utf8_lossy(&bytes[..length.min(3)]).into_owned();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap();
            // The second request on the same connection is read and never answered.
            assert!(stream.read(&mut bytes).unwrap() > 0);
            method
        });
        let mut client = Client::new(address, "t");
        let first = client.send(&Request::put("/v1/users/a", "{}"));
        assert_eq!((first.status(), first.answer().unwrap().body.as_slice()), (200, &b"{}"[..]));
        let second = client.send(&Request::get("/livez"));
        assert_eq!(second.outcome, Outcome::Unanswered);
        assert!(second.sent.is_some());
        assert_eq!(server.join().unwrap(), "PUT");
        assert_eq!(client.send(&Request::get("/livez")).outcome, Outcome::NotSent);
    }

    #[test]
    fn a_request_is_written_with_the_type_that_it_names() {
        let host = "127.0.0.1:1".parse().unwrap();
        let request = Request { method: "PATCH", path: "/x", headers: "content-type: a/b\r\n", body: "{}" };
        let expected = "PATCH /x HTTP/1.1\r\nhost: 127.0.0.1:1\r\nauthorization: Token t\r\ncontent-type: a/b\r\n\
                        content-length: 2\r\n\r\n{}";
        assert_eq!(String::from_utf8(request.to_bytes(host, "t")).unwrap(), expected);
    }
}
