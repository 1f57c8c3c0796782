use std::fs;
use std::time::Duration;

use chrono::{DateTime, Utc};
use users_ports::{ProcessMetrics, ProcessUsage};

/// This process, as Linux tells of it in `/proc` (proc(5)).
#[derive(Clone, Copy, Debug)]
pub struct SystemProcess {
    started_at: DateTime<Utc>,
}

impl SystemProcess {
    /// The process, which was started at `started_at`.
    pub const fn new(started_at: DateTime<Utc>) -> Self {
        Self { started_at }
    }
}

impl ProcessMetrics for SystemProcess {
    fn usage(&self) -> ProcessUsage {
        let read = |path| fs::read_to_string(path).ok();
        ProcessUsage {
            started_at: self.started_at,
            resident_bytes: read("/proc/self/status").and_then(|status| resident_bytes(&status)),
            processor_time: read("/proc/self/stat").and_then(|stat| processor_time(&stat)),
        }
    }
}

/// Reads the line `VmRSS: 12345 kB`.
fn resident_bytes(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

/// Adds the 14th and the 15th field, the time in user and in system mode.
fn processor_time(stat: &str) -> Option<Duration> {
    // The second field, the program's name, stands in parentheses and may hold blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11).map(|field| field.parse::<u64>().ok());
    // What Linux tells programs is in hundredths of a second, whatever the kernel counts in.
    times.next()??.checked_add(times.next()??)?.checked_mul(10).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::DateTime;
    use users_ports::ProcessMetrics as _;

    use super::{SystemProcess, processor_time, resident_bytes};

    #[test]
    fn the_files_are_read_as_linux_writes_them() {
        let status = "Name:\tusers\nVmHWM:\t   24680 kB\nVmRSS:\t   12345 kB\nThreads:\t9\n";
        assert_eq!(resident_bytes(status), Some(12345 * 1024));
        let stat = "77 (a ) b) S 1 77 77 0 -1 4194560 900 0 0 0 120 3 0 0 20 0 9 0 12345 67890 100";
        assert_eq!(processor_time(stat), Some(Duration::from_millis(1230)));
        assert_eq!((resident_bytes(""), processor_time("")), (None, None));
    }

    #[test]
    fn this_process_has_memory_and_takes_time() {
        let process = SystemProcess::new(DateTime::UNIX_EPOCH);
        let started = std::time::Instant::now();
        while process.usage().processor_time == Some(Duration::ZERO) {
            assert!(started.elapsed() < Duration::from_secs(20), "no time was taken");
        }
        let usage = process.usage();
        assert!(usage.processor_time.is_some());
        assert!(usage.resident_bytes.is_some_and(|bytes| bytes > 100_000));
        assert_eq!(usage.started_at, DateTime::UNIX_EPOCH);
    }
}
