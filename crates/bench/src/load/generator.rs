//! The closed loop: as soon as a connection has its answer, it sends the next request.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use mio::{Events, Interest, Poll, Token};

use super::connection::Connection;
use super::request::RequestTemplate;
use super::{Histogram, Work};
use crate::random::Random;

/// How long answers may still come in after the last request.
const PATIENCE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(100);

/// How long a run takes.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Before anything is counted.
    pub warm_up: Duration,
    /// While answers are counted.
    pub measured: Duration,
}

/// A load: what is asked for, of whom, and by how many at once.
#[derive(Clone, Debug)]
pub struct Load {
    /// Where the server listens.
    pub address: SocketAddr,
    /// A token that allows the work.
    pub token: String,
    /// What each request does.
    pub work: Work,
    /// Connections, each with one request under way.
    pub connections: usize,
    /// Whether each answer is searched for the value that its own request has set.
    pub expect_echo: bool,
}

/// What came of a load.
#[derive(Clone, Debug)]
pub struct LoadResult {
    /// The latencies of good answers within the measured time.
    pub latencies: Histogram,
    /// The measured time.
    pub measured: Duration,
    /// Good answers in all, those before and after the measured time included.
    pub good: u64,
    /// Answers that were not 200, or without the value that was set.
    pub bad: u64,
    /// What the first bad answer said.
    pub first_bad: Option<String>,
}

impl Load {
    /// Runs the load against the server and waits for the last answer.
    pub fn run(&self, pace: Pace) -> Result<LoadResult> {
        let mut generator = Generator::connect(self, pace)?;
        generator.run()?;
        Ok(generator.result)
    }
}

struct Generator<'a> {
    load: &'a Load,
    poll: Poll,
    connections: Vec<Connection>,
    random: Random,
    serial: u64,
    measure_from: Instant,
    measure_to: Instant,
    result: LoadResult,
}

impl<'a> Generator<'a> {
    fn connect(load: &'a Load, pace: Pace) -> Result<Self> {
        let poll = Poll::new()?;
        let template = RequestTemplate::new(load.work.operation, &load.address.to_string(), &load.token);
        let mut connections = Vec::with_capacity(load.connections);
        for number in 0..load.connections {
            let mut connection = Connection::open(load.address, template.clone())?;
            let interests = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(connection.stream_mut(), Token(number), interests)?;
            connections.push(connection);
        }
        // The clock makes the values of this run others than those of the last, so that each update is one.
        let serial = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        let serial = u64::try_from(serial).unwrap_or_default();
        let measure_from = Instant::now() + pace.warm_up;
        Ok(Self {
            load,
            poll,
            connections,
            random: Random::from_seed(serial),
            serial,
            measure_from,
            measure_to: measure_from + pace.measured,
            result: LoadResult {
                latencies: Histogram::new(),
                measured: pace.measured,
                good: 0,
                bad: 0,
                first_bad: None,
            },
        })
    }

    fn run(&mut self) -> Result<()> {
        for number in 0..self.connections.len() {
            self.send(number, Instant::now())?;
        }
        let mut events = Events::with_capacity(self.connections.len().max(1));
        while self.connections.iter().any(Connection::is_waiting) {
            match self.poll.poll(&mut events, Some(TICK)) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => bail!("interrupted"),
                polled => polled.context("cannot wait for the sockets")?,
            }
            for event in &events {
                self.attend(event.token().0, event.is_writable())?;
            }
            if Instant::now() > self.measure_to + PATIENCE {
                bail!("answers are missing {} s after the last request", PATIENCE.as_secs());
            }
        }
        Ok(())
    }

    fn attend(&mut self, number: usize, writable: bool) -> Result<()> {
        let Some(connection) = self.connections.get_mut(number) else {
            return Ok(());
        };
        if writable {
            connection.write_on()?;
        }
        let Some(answer) = connection.read_on()? else {
            return Ok(());
        };
        let now = Instant::now();
        let echoed = !self.load.expect_echo || contains(answer.body, answer.echo);
        if answer.status == 200 && echoed {
            self.result.good += 1;
            if now >= self.measure_from && now < self.measure_to {
                self.result.latencies.record(u64::try_from(answer.latency.as_micros()).unwrap_or(u64::MAX));
            }
        } else {
            self.result.bad += 1;
            let said = || format!("{} {}", answer.status, String::from_utf8_lossy(answer.body));
            self.result.first_bad.get_or_insert_with(said);
        }
        if now < self.measure_to { self.send(number, now) } else { Ok(()) }
    }

    fn send(&mut self, number: usize, now: Instant) -> Result<()> {
        self.serial += 1;
        let user = self.load.work.target.draw(&mut self.random);
        self.connections.get_mut(number).map_or(Ok(()), |connection| connection.send(user, self.serial, now))
    }
}

fn contains(body: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty() || body.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::time::Duration;

    use super::{Load, LoadResult, Pace};
    use crate::load::{Operation, Target, Work};

    /// A server that answers each request on each connection by `answer(request)`, in two pieces.
    fn server(answer: fn(&str) -> String) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                std::thread::spawn(move || serve(stream, answer));
            }
        });
        address
    }

    fn serve(mut stream: TcpStream, answer: fn(&str) -> String) {
        let mut buffer = [0; 4096];
        while let Ok(read) = stream.read(&mut buffer) {
            if read == 0 {
                return;
            }
            let answer = answer(std::str::from_utf8(&buffer[..read]).unwrap());
            let (first, second) = answer.split_at(answer.len() / 2);
            stream.write_all(first.as_bytes()).unwrap();
            stream.flush().unwrap();
            std::thread::yield_now();
            stream.write_all(second.as_bytes()).unwrap();
        }
    }

    fn run(address: SocketAddr, operation: Operation) -> anyhow::Result<LoadResult> {
        let work = Work { operation, target: Target::AnyOf(100) };
        let load = Load { address, token: "t".to_owned(), work, connections: 4, expect_echo: true };
        load.run(Pace { warm_up: Duration::from_millis(10), measured: Duration::from_millis(100) })
    }

    fn echo(request: &str) -> String {
        let body = request.split_once("\r\n\r\n").unwrap().1;
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }

    #[test]
    fn good_answers_are_counted_and_timed() {
        let result = run(server(echo), Operation::PutProfile).unwrap();
        assert!(result.latencies.total() > 0 && result.good >= result.latencies.total());
        assert_eq!((result.bad, result.first_bad), (0, None));
    }

    #[test]
    fn refusals_and_foreign_values_are_counted_as_bad() {
        let refused =
            run(server(|_| "HTTP/1.1 503 No\r\ncontent-length: 4\r\n\r\nbusy".to_owned()), Operation::Get);
        let refused = refused.unwrap();
        assert!(refused.bad > 0);
        assert_eq!((refused.good, refused.first_bad.as_deref()), (0, Some("503 busy")));

        let foreign = |_: &str| "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}".to_owned();
        let foreign = run(server(foreign), Operation::PutProfile).unwrap();
        assert!(foreign.bad > 0 && foreign.good == 0);
    }

    #[test]
    fn a_server_that_hangs_up_ends_the_run() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || listener.incoming().for_each(drop));
        assert!(run(address, Operation::Get).is_err());
    }
}
