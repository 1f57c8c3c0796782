//! How soon the service does its work again.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::http::Request;
use crate::service::Service;

/// The longest that is waited for the service to heal.
const PATIENCE: Duration = Duration::from_secs(30);

/// When a write succeeded that was sent from now on: a read would not need the database to take writes.
pub fn first_success(service: &Service) -> Result<Instant> {
    let begun = Instant::now();
    let mut client = service.client();
    while begun.elapsed() < PATIENCE {
        let body = format!(r#"{{"bio":"{}"}}"#, begun.elapsed().as_micros());
        let timed = client.send(&Request::put("/v1/users/user-0", &body));
        if timed.status() == 200 {
            return Ok(timed.ended);
        }
        sleep(Duration::from_millis(10));
    }
    bail!("no write succeeds {} s after the database is back", PATIENCE.as_secs())
}
