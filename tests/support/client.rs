use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::Answer;

/// What a request calls itself that has no id of its own, so that answers are the same each time.
const REQUEST_ID: &str = "test";

/// Sends requests to a service, each on a connection of its own.
#[derive(Clone, Debug)]
pub struct Client {
    address: SocketAddr,
    authorization: Option<String>,
}

impl Client {
    /// A client that shows no token.
    pub const fn new(address: SocketAddr) -> Self {
        Self { address, authorization: None }
    }

    /// The same client, with this in its header `Authorization`.
    #[must_use]
    pub fn authorized(&self, authorization: &str) -> Self {
        Self { authorization: Some(authorization.to_owned()), ..*self }
    }

    /// Reads what is at a path.
    pub fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path}"), &[], "")
    }

    /// Sends JSON to a path.
    pub fn put(&self, path: &str, json: impl AsRef<[u8]>) -> Answer {
        self.send(&format!("PUT {path}"), &["content-type: application/json"], json)
    }

    /// Creates a user.
    pub fn post(&self, json: impl AsRef<[u8]>) -> Answer {
        self.send("POST /v1/users", &["content-type: application/json"], json)
    }

    /// Creates a user that must not be refused.
    pub fn create(&self, json: impl AsRef<[u8]>) -> Answer {
        let answer = self.post(json);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer
    }

    /// Sends a request with these headers besides the usual ones, and gives back the answer.
    pub fn send(&self, method_and_path: &str, headers: &[&str], body: impl AsRef<[u8]>) -> Answer {
        let body = body.as_ref();
        let length = format!("content-length: {}", body.len());
        let mut request = self.head(method_and_path, &[headers, &[length.as_str()]].concat());
        request.extend_from_slice(body);
        self.exchange(&request)
    }

    /// The head of a request, with these headers besides the usual ones; no `Content-Length`.
    pub fn head(&self, method_and_path: &str, headers: &[&str]) -> Vec<u8> {
        let mut head =
            format!("{method_and_path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        let authorization = self.authorization.iter().map(|value| format!("authorization: {value}"));
        let own_id = headers.iter().any(|line| line.starts_with("x-request-id: "));
        let request_id = (!own_id).then(|| format!("x-request-id: {REQUEST_ID}"));
        let lines = headers.iter().map(ToString::to_string);
        for line in request_id.into_iter().chain(authorization).chain(lines) {
            head.push_str(&line);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// Writes these bytes to a new connection, and reads the answer until the service closes it.
    pub fn exchange(&self, bytes: &[u8]) -> Answer {
        let mut stream = self.connect().unwrap();
        // A service that refuses may close before it has read everything.
        let _ = stream.write_all(bytes);
        Answer::read(&mut stream)
    }

    /// Opens a connection, on which reading gives up after a minute.
    pub fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}
