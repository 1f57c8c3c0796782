//! What the person at the terminal is told while they wait.

use std::io::Write;

/// Writes one line to standard error; a closed terminal is no reason to stop.
pub fn say(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", line.as_ref());
}
