//! Thousands of connections that do nothing, or next to nothing: who does something notices little of it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use super::REQUEST_LIMIT;
use crate::grounds::{Grounds, Kind};
use crate::http::Request;
use crate::load::{LoadPlan, Summary};
use crate::report::{Row, with_commas};
use crate::service::{Service, raise_file_limit};

/// Idle connections.
const IDLE: usize = 10_000;
/// Connections that send a byte a second.
const SLOW: usize = 1_000;
/// Files that this process and the service need besides.
const OTHER_FILES: usize = 500;
/// The longest that 99 of 100 requests of a usual client may take among the crowd.
const USUAL: Duration = Duration::from_millis(500);
/// The most memory that a connection may take, in KiB, and what the service may grow by besides.
const MEMORY_EACH_KIB: usize = 32;
const MEMORY_BESIDES_KIB: usize = 64 << 10;

/// Writes alone, among idle connections, and among slow ones.
pub fn carry_out(grounds: &Grounds) -> Result<Vec<Row>> {
    let limit = raise_file_limit(IDLE + OTHER_FILES);
    let idle = IDLE.min(limit.saturating_sub(OTHER_FILES));
    let time = Duration::from_secs(grounds.either(10, 3));
    let service = grounds.install(Kind::Sqlite, &[])?.start()?;
    let plan = LoadPlan { writers: 16, ..LoadPlan::new(grounds.seed) };
    plan.create_users(&service)?;
    let alone = measure(&service, plan, time, 0)?;
    Ok(vec![among_idle(&service, plan, time, idle, &alone)?, among_slow(&service, plan, time, &alone)?])
}

fn among_idle(
    service: &Service,
    plan: LoadPlan,
    time: Duration,
    count: usize,
    alone: &Summary,
) -> Result<Row> {
    let before = service.holdings()?.memory_kib;
    let connections = (0..count).map(|_| idle_connection(service.address())).collect::<Result<Vec<_>>>()?;
    let summary = measure(service, plan, time, 1)?;
    let mut still_open = 0;
    for mut connection in connections {
        connection.set_nonblocking(true)?;
        let read = connection.read(&mut [0]);
        still_open += usize::from(read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock));
    }
    let short = if count < IDLE { " (no more open files are allowed here)" } else { "" };
    let mut row = Row::of(format!("{} idle connections{short}, 16 usual clients", with_commas(count)));
    row.expect(still_open == count, || format!("only {still_open} of {count} were left open"));
    let grown = service.holdings()?.memory_kib.saturating_sub(before);
    conclude(&mut row, summary, alone, count, grown);
    Ok(row)
}

/// A connection that was used once: one that never says anything is closed after some seconds.
fn idle_connection(address: SocketAddr) -> Result<TcpStream> {
    let mut connection = TcpStream::connect(address)?;
    connection.set_read_timeout(Some(Duration::from_secs(10)))?;
    connection.write_all(&Request::get("/livez").to_bytes(address, "none"))?;
    let mut piece = [0; 4_096];
    ensure!(connection.read(&mut piece)? > 0, "a connection was closed at once");
    Ok(connection)
}

fn among_slow(service: &Service, plan: LoadPlan, time: Duration, alone: &Summary) -> Result<Row> {
    let before = service.holdings()?.memory_kib;
    let done = AtomicBool::new(false);
    let (summary, grown, closed) = thread::scope(|scope| {
        let crowd = scope.spawn(|| trickle(service.address(), service.token(), &done));
        sleep(Duration::from_secs(2));
        let summary = measure(service, plan, time, 2);
        let grown = service.holdings().map(|it| it.memory_kib.saturating_sub(before));
        done.store(true, Ordering::Relaxed);
        let closed = crowd.join().map_err(|_| anyhow!("the slow clients panicked"))?;
        Ok::<_, anyhow::Error>((summary?, grown?, closed?))
    })?;
    let mut row =
        Row::of(format!("{} connections that send a byte a second, 16 usual clients", with_commas(SLOW)));
    conclude(&mut row, summary, alone, SLOW, grown);
    row.figures.push_str("; slow ones that were closed: ");
    row.figures.push_str(&with_commas(closed));
    Ok(row)
}

/// Sends a byte a second on each connection, half of them inside of the head of a request and half inside of its body. One
/// that is closed is replaced. Gives back how many were.
fn trickle(address: SocketAddr, token: &str, done: &AtomicBool) -> Result<usize> {
    let head =
        format!("PUT /v1/users/user-0 HTTP/1.1\r\nhost: {address}\r\nauthorization: Token {token}\r\n");
    let body = format!("{head}content-type: application/json\r\ncontent-length: 1000\r\n\r\n{{");
    let open = |number: usize| -> Result<TcpStream> {
        let mut connection = TcpStream::connect(address)?;
        connection.write_all(if number.is_multiple_of(2) { head.as_bytes() } else { body.as_bytes() })?;
        connection.set_nonblocking(true)?;
        Ok(connection)
    };
    let mut connections = (0..SLOW).map(open).collect::<Result<Vec<_>>>()?;
    let mut closed = 0;
    while !done.load(Ordering::Relaxed) {
        let begun = Instant::now();
        for (number, connection) in connections.iter_mut().enumerate() {
            // A refusal is on its way before the connection is closed, and the byte after that fails.
            let refused = connection.read(&mut [0; 4_096]).is_ok();
            if connection.write_all(b"x").is_err() || refused {
                *connection = open(number)?;
                closed += 1;
            }
        }
        sleep(Duration::from_secs(1).saturating_sub(begun.elapsed()));
    }
    Ok(closed)
}

/// What usual clients are answered for so long.
fn measure(service: &Service, plan: LoadPlan, time: Duration, round: u32) -> Result<Summary> {
    let load = plan.start(service.address(), service.token(), round);
    sleep(time);
    Ok(Summary::of_present_service(&load.stop()?, REQUEST_LIMIT))
}

fn conclude(row: &mut Row, mut summary: Summary, alone: &Summary, connections: usize, grown_kib: usize) {
    row.broken.append(&mut summary.broken);
    let (usual, before) = (summary.percentile(990), alone.percentile(990));
    row.expect(usual <= USUAL, || format!("a hundredth of the usual requests took {usual:?} or longer"));
    row.expect(summary.others(&[200]) == 0, || format!("answers: {:?}", summary.statuses));
    let most = connections * MEMORY_EACH_KIB + MEMORY_BESIDES_KIB;
    row.expect(grown_kib <= most, || format!("{grown_kib} KiB more memory, at most {most} are allowed"));
    row.figures = format!(
        "{} usual requests, 99 % within {:.1} ms (alone: {:.1} ms), the longest {:.2} s; {} MiB more memory",
        with_commas(summary.count(200)),
        usual.as_secs_f64() * 1e3,
        before.as_secs_f64() * 1e3,
        summary.longest().as_secs_f64(),
        grown_kib / 1_024
    );
}
