use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use users_http::{RateLimitSettings, RateLimits};
use users_testkit::MemoryStore;

use crate::support::{Answer, Parts, Wire};

pub use crate::support::token;

/// How long an answer may take, on a machine that is busy with fuzzing.
const PATIENCE: Duration = Duration::from_secs(4);

thread_local! {
    static SERVICE: RefCell<Option<Service>> = const { RefCell::new(None) };
}

/// The service in this process, over the store in memory, and a connection to it that is kept as long as it can be.
///
/// Any panic in any of its threads ends the fuzzer, by the hook that libFuzzer's crate sets.
pub struct Service {
    wire: Wire,
    connection: Option<TcpStream>,
}

impl Service {
    /// Lets `work` make use of the service.
    pub fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        SERVICE.with_borrow_mut(|service| work(service.get_or_insert_with(Self::start)))
    }

    fn start() -> Self {
        let store = Arc::new(MemoryStore::default());
        let parts = Parts::of(&store);
        // Never met, but counted, so that it is read where a request comes from.
        let settings = RateLimitSettings {
            address: Some("1000000/s".parse().expect("a rate")),
            trusted_proxies: "127.0.0.0/8".parse().expect("proxies"),
            ..RateLimitSettings::default()
        };
        let started = Instant::now();
        let limits = RateLimits::new(settings, move || started.elapsed());
        Self { wire: Wire::start_limited(store, parts, limits), connection: None }
    }

    /// Sends a request with the token that may do everything, and checks the answer as far as any answer can be checked.
    pub fn send(&mut self, method_and_path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Checked {
        let mut request = format!("{method_and_path} HTTP/1.1\r\nhost: x\r\n").into_bytes();
        let authorization = format!("Token {}", token("all"));
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request.extend(format!("authorization: {authorization}\r\n").into_bytes());
        }
        for (name, value) in headers {
            request.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        request.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
        request.extend(body);
        let started = Instant::now();
        let mut connection = self.connection.take().unwrap_or_else(|| self.wire.connect());
        connection.set_nodelay(true).expect("a socket");
        // A service that refuses may close before it has read everything.
        let _ = connection.write_all(&request);
        let answer = Answer::read(&mut connection);
        assert!(started.elapsed() < PATIENCE, "it took {:?} to answer {answer:?}", started.elapsed());
        if answer.header("connection") != Some("close") {
            self.connection = Some(connection);
        }
        check(&answer);
        Checked { status: answer.status, body: answer.body }
    }

    /// Sends these bytes over a connection of their own, and then no more; gives back all that comes back.
    pub fn exchange(&self, bytes: &[u8]) -> String {
        let started = Instant::now();
        let mut connection = self.wire.connect();
        let _ = connection.write_all(bytes);
        let _ = connection.shutdown(Shutdown::Write);
        let mut answers = Vec::new();
        let _ = connection.read_to_end(&mut answers);
        assert!(started.elapsed() < PATIENCE, "it took {:?} to answer", started.elapsed());
        String::from_utf8(answers).expect("answers in UTF-8")
    }
}

/// An answer that is as any answer should be.
pub struct Checked {
    /// Its status, less than 500.
    pub status: u16,
    /// Its body.
    pub body: String,
}

fn check(answer: &Answer) {
    assert!(answer.status < 500, "{answer:?}");
    assert!(answer.header("x-request-id").is_some(), "{answer:?}");
    if answer.status >= 400 {
        answer.code();
    } else if answer.header("content-type") == Some("application/json") {
        answer.json();
    }
}
