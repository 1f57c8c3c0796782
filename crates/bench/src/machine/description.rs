//! The machine in a few lines, so that figures can be judged.

use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::numbers::median;

const FLUSHES: usize = 200;

/// Describes the processor, the memory, the kernel, the load, and how long a flush to the disk of a folder takes.
pub fn describe(folder: &Path) -> Result<Vec<String>> {
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown processor".to_owned());
    let memory_kib: f64 = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches("kB").trim().parse().ok())
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().take(3).collect::<Vec<_>>().join(", ");
    let flush = median_flush(folder)?;
    Ok(vec![
        format!("{model}, {cores} cores, {:.1} GiB of memory", memory_kib / 1_048_576.0),
        format!("Linux {}", kernel.trim()),
        format!("load average at the start {load} (1, 5, 15 minutes)"),
        format!(
            "a flush of 8 KiB to the disk took {:.2} ms (median of {FLUSHES})",
            flush.as_secs_f64() * 1e3
        ),
    ])
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn median_flush(folder: &Path) -> Result<Duration> {
    let path = folder.join("flush");
    let mut file = File::create(&path).with_context(|| format!("cannot write to {}", folder.display()))?;
    let mut seconds = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        let start = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&[7; 8_192])?;
        file.sync_data()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    fs::remove_file(&path)?;
    Ok(Duration::from_secs_f64(median(seconds).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::describe;

    #[test]
    fn the_machine_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let lines = describe(folder.path()).unwrap();
        assert_eq!(lines.len(), 4);
        assert!(lines[0].contains("cores") && !lines[0].contains("unknown"), "{}", lines[0]);
        assert!(lines[1].len() > "Linux ".len());
    }
}
