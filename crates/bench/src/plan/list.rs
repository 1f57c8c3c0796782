use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Plan;
use crate::numbers::median;
use crate::report::{Goal, Row};
use crate::server_process::{Answer, get_on};
use crate::service::Service;

/// Users to leave behind before the deep page.
const DEPTH: usize = 900_000;
/// Users on a page while going there: the most that the service gives.
const STRIDE: usize = 200;
/// How often each of the two pages is read.
const READS: usize = 300;

impl Plan {
    /// How long a page takes deep inside the list, against the first page.
    pub(super) fn list(&mut self, work: &str, service: &Service) -> Result<()> {
        let mut reader = Reader::connect(service)?;
        let mut row = Row {
            work: work.to_owned(),
            measured: "–".to_owned(),
            against: String::new(),
            figure: None,
            unit: "",
            goal: Goal::AtMost(1.5),
            failures: 0,
        };
        if [404, 405].contains(&reader.get("/v1/users?limit=1")?.status) {
            self.add(row);
            return Ok(());
        }
        let deep = format!("/v1/users?limit=50&cursor={}", reader.cursor_at(DEPTH)?);
        let (mut firsts, mut deeps) = (Vec::new(), Vec::new());
        for _ in 0..READS {
            firsts.push(reader.time("/v1/users?limit=50")?);
            deeps.push(reader.time(&deep)?);
        }
        let first = median(firsts).context("no page was read")?;
        let deep = median(deeps).context("no page was read")?;
        row.measured = format!("{deep:.2} ms");
        row.against = format!("{first:.2} ms");
        row.figure = Some(deep / first);
        self.add(row);
        Ok(())
    }
}

/// Somebody who reads the list, on one connection.
struct Reader<'a> {
    stream: TcpStream,
    token: &'a str,
}

impl<'a> Reader<'a> {
    fn connect(service: &'a Service) -> Result<Self> {
        let stream = TcpStream::connect(service.process().address())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        Ok(Self { stream, token: service.token() })
    }

    fn get(&mut self, path: &str) -> Result<Answer> {
        get_on(&mut self.stream, path, Some(self.token))
    }

    /// Follows the list from its beginning, as a client would.
    fn cursor_at(&mut self, depth: usize) -> Result<String> {
        let mut cursor = None;
        for _ in 0..depth / STRIDE {
            let after = cursor.map_or_else(String::new, |cursor| format!("&cursor={cursor}"));
            let answer = self.get(&format!("/v1/users?limit={STRIDE}{after}"))?;
            ensure!(answer.status == 200, "the list answered {}: {}", answer.status, answer.body);
            let page: Value = serde_json::from_str(&answer.body)?;
            let next = page.get("next_cursor").and_then(Value::as_str);
            cursor = Some(url_encoded(next.context("the list ended too soon")?));
        }
        cursor.context("there was nothing to follow")
    }

    /// How long a page takes, in milliseconds.
    fn time(&mut self, path: &str) -> Result<f64> {
        let start = Instant::now();
        let answer = self.get(path)?;
        let elapsed = start.elapsed().as_secs_f64() * 1e3;
        ensure!(answer.status == 200, "the list answered {}: {}", answer.status, answer.body);
        Ok(elapsed)
    }
}

/// Percent-encodes whatever is not unreserved in RFC 3986.
fn url_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::url_encoded;

    #[test]
    fn a_cursor_survives_in_a_query() {
        assert_eq!(url_encoded("aZ9-._~"), "aZ9-._~");
        assert_eq!(url_encoded("a+/="), "a%2B%2F%3D");
    }
}
