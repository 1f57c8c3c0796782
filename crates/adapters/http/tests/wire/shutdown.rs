use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::support::{Answer, Wire, token};

#[test]
fn a_request_under_way_is_finished_and_idle_connections_are_closed() {
    let wire = Wire::start();
    let mut idle = wire.connect();
    idle.write_all(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(idle.read(&mut [0; 4096]).unwrap() > 0);
    let mut busy = wire.connect();
    let head = format!(
        "PUT /v1/users/ada HTTP/1.1\r\nhost: x\r\nauthorization: Token {}\r\ncontent-length: 2\r\n\r\n{{",
        token("all")
    );
    busy.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));

    let started = Instant::now();
    // The stop is under way as soon as it is asked for; what is given back waits for its end.
    let stopped = wire.handle.stop(true);
    assert_eq!(idle.read(&mut [0; 1]).unwrap(), 0);
    busy.write_all(b"}").unwrap();
    assert_eq!(Answer::read(&mut busy).status, 200);
    actix_web::rt::System::new().block_on(stopped);
    assert!(started.elapsed() < Duration::from_secs(4));
}
