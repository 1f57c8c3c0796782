use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long anything may take that is bound to happen: no test is about speed, and machines may be busy.
const PATIENCE: Duration = Duration::from_mins(1);

/// Looks again and again until there is something, and gives it back; panics when that takes a minute.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        sleep(Duration::from_millis(5));
    }
}
