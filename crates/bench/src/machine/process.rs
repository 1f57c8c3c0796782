//! Who used how much processor time and memory; see `proc_pid_stat(5)` and `proc_pid_status(5)`.

use std::collections::HashMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::numbers::figure;

/// Linux counts the processor time that `/proc` shows in hundredths of a second, whatever the kernel's own clock.
const TICKS_PER_SECOND: f64 = 100.0;
/// The kernel's own threads are children of this process.
const KTHREADD: u32 = 2;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Process {
    parent: u32,
    name: String,
    /// What the process has used itself.
    own_ticks: u64,
    /// What its children had used that have ended and been waited for.
    reaped_ticks: u64,
}

/// The processor time of all processes at one moment.
#[derive(Clone, Debug)]
pub struct Snapshot {
    taken_at: Instant,
    processes: HashMap<u32, Process>,
}

/// Processor time that was used between two snapshots, in seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    /// By the benchmark itself, its other children left out.
    pub generator: f64,
    /// By the server that was measured, its children included.
    pub server: f64,
    /// By the database, its children included.
    pub database: f64,
    /// By programs that ended meanwhile and that the benchmark had started: `pgbench`.
    pub tools: f64,
    /// By processes that are none of these, the kernel's own left out, in cores.
    pub foreign_cores: f64,
    /// The name of the process that used most of the last, and how many cores it used.
    pub busiest_foreign: Option<(String, f64)>,
}

impl Snapshot {
    /// Looks at all processes.
    pub fn take() -> Result<Self> {
        let mut processes = HashMap::new();
        for entry in fs::read_dir("/proc").context("cannot read /proc")? {
            let name = entry?.file_name();
            let Some(id) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // A process that has ended since the folder was listed is no failure.
            let Ok(text) = fs::read_to_string(format!("/proc/{id}/stat")) else {
                continue;
            };
            if let Some(process) = parse_stat(&text) {
                processes.insert(id, process);
            }
        }
        Ok(Self { taken_at: Instant::now(), processes })
    }

    /// What was used since an earlier snapshot, where `server` and `database` are the ids of these processes.
    pub fn since(&self, earlier: &Self, server: Option<u32>, database: Option<u32>) -> Usage {
        let own = std::process::id();
        let roots: Vec<u32> = [Some(own), server, database].into_iter().flatten().collect();
        let seconds = |ticks: &dyn Fn(&Self) -> u64| seconds_between(ticks(earlier), ticks(self));
        let of = |ticks: fn(&Process) -> u64| {
            seconds(&|snapshot: &Self| snapshot.processes.get(&own).map_or(0, ticks))
        };
        let tree =
            |root: Option<u32>| seconds(&|snapshot: &Self| root.map_or(0, |root| snapshot.tree_ticks(root)));
        let elapsed =
            self.taken_at.duration_since(earlier.taken_at).max(Duration::from_millis(1)).as_secs_f64();
        Usage {
            generator: of(|process| process.own_ticks),
            server: tree(server),
            database: tree(database),
            tools: of(|process| process.reaped_ticks),
            foreign_cores: seconds(&|snapshot: &Self| snapshot.foreign_ticks(&roots)) / elapsed,
            busiest_foreign: self.busiest_foreign(earlier, &roots, elapsed),
        }
    }

    /// The ids of a process and of all that descend from it.
    pub fn tree(&self, root: u32) -> Vec<u32> {
        self.processes.keys().copied().filter(|id| self.descends(*id, root)).collect()
    }

    fn descends(&self, id: u32, root: u32) -> bool {
        let parent =
            |id: &u32| self.processes.get(id).map(|process| process.parent).filter(|parent| *parent != 0);
        // Ids may be given anew while the folder is read, so a circle is possible, if only just.
        std::iter::successors(Some(id), parent).take(1_000).any(|ancestor| ancestor == root)
    }

    fn tree_ticks(&self, root: u32) -> u64 {
        let ids = self.tree(root);
        ids.iter().filter_map(|id| self.processes.get(id)).map(Process::ticks).sum()
    }

    fn is_foreign(&self, id: u32, roots: &[u32]) -> bool {
        let belongs = |root: &u32| self.descends(id, *root);
        !self.descends(id, KTHREADD) && !roots.iter().any(belongs)
    }

    fn foreign_ticks(&self, roots: &[u32]) -> u64 {
        let foreign = self.processes.iter().filter(|(id, _)| self.is_foreign(**id, roots));
        foreign.map(|(_, process)| process.ticks()).sum()
    }

    fn busiest_foreign(&self, earlier: &Self, roots: &[u32], elapsed: f64) -> Option<(String, f64)> {
        let used = |id: &u32, process: &Process| {
            let before = earlier.processes.get(id).map_or(0, Process::ticks);
            seconds_between(before, process.ticks()) / elapsed
        };
        let foreign = self.processes.iter().filter(|(id, _)| self.is_foreign(**id, roots));
        foreign
            .map(|(id, process)| (process.name.clone(), used(id, process)))
            .max_by(|one, other| one.1.total_cmp(&other.1))
            .filter(|(_, cores)| *cores > 0.0)
    }
}

impl Process {
    const fn ticks(&self) -> u64 {
        self.own_ticks + self.reaped_ticks
    }
}

fn seconds_between(before: u64, after: u64) -> f64 {
    figure(after.saturating_sub(before)) / TICKS_PER_SECOND
}

fn parse_stat(text: &str) -> Option<Process> {
    // The name stands in parentheses and may hold spaces and parentheses itself.
    let (head, tail) = text.rsplit_once(')')?;
    let name = head.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = tail.split_whitespace().collect();
    let number = |place: usize| fields.get(place).and_then(|field| field.parse::<u64>().ok());
    Some(Process {
        parent: u32::try_from(number(1)?).ok()?,
        name,
        own_ticks: number(11)? + number(12)?,
        reaped_ticks: number(13)? + number(14)?,
    })
}

/// The resident memory of a process, in MiB.
pub fn memory_mib(process: u32) -> Option<f64> {
    status_mib(process, "status", "VmRSS:")
}

/// The most resident memory that a process has ever had, in MiB.
pub fn memory_high_mib(process: u32) -> Option<f64> {
    status_mib(process, "status", "VmHWM:")
}

/// The resident memory of several processes, in MiB; what they share is counted once.
pub fn proportional_memory_mib(processes: &[u32]) -> f64 {
    processes.iter().filter_map(|process| status_mib(*process, "smaps_rollup", "Pss:")).sum()
}

fn status_mib(process: u32, file: &str, field: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/{file}")).ok()?;
    kib(&text, field).map(|kib| kib / 1_024.0)
}

fn kib(text: &str, field: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(field))?.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::{Duration, Instant};

    use super::{Process, Snapshot, kib, memory_high_mib, memory_mib, parse_stat};

    fn process(parent: u32, name: &str, own_ticks: u64, reaped_ticks: u64) -> Process {
        Process { parent, name: name.to_owned(), own_ticks, reaped_ticks }
    }

    fn snapshot(taken_at: Instant, processes: Vec<(u32, Process)>) -> Snapshot {
        Snapshot { taken_at, processes: processes.into_iter().collect::<HashMap<_, _>>() }
    }

    #[test]
    fn a_name_with_spaces_and_parentheses_is_read() {
        let text = "7 (a) b (c) S 3 7 7 0 -1 4194560 1 2 3 4 50 6 700 8 20 0 1 0 99 1 1";
        assert_eq!(parse_stat(text), Some(process(3, "a) b (c", 56, 708)));
        assert_eq!(parse_stat("7 (a) S 3"), None);
    }

    #[test]
    fn time_is_told_apart_by_family() {
        let own = std::process::id();
        let start = Instant::now();
        let before = vec![
            (own, process(1, "bench", 100, 10)),
            (1_000_001, process(own, "server", 500, 0)),
            (1_000_002, process(1, "postgres", 50, 0)),
            (1_000_003, process(1_000_002, "backend", 50, 0)),
            (1_000_004, process(1, "cargo", 7, 0)),
            (1_000_005, process(2, "kworker", 7, 0)),
        ];
        let after = vec![
            (own, process(1, "bench", 150, 30)),
            (1_000_001, process(own, "server", 600, 0)),
            // The backend has ended, and its parent has its time.
            (1_000_002, process(1, "postgres", 60, 90)),
            (1_000_004, process(1, "cargo", 107, 0)),
            (1_000_005, process(2, "kworker", 999, 0)),
            (1_000_006, process(1_000_004, "rustc", 200, 0)),
        ];
        let earlier = snapshot(start, before);
        let usage =
            snapshot(start + Duration::from_secs(2), after).since(&earlier, Some(1_000_001), Some(1_000_002));
        assert!((usage.generator - 0.5).abs() < 1e-9);
        assert!((usage.tools - 0.2).abs() < 1e-9);
        assert!((usage.server - 1.0).abs() < 1e-9);
        assert!((usage.database - 0.5).abs() < 1e-9);
        assert!((usage.foreign_cores - 1.5).abs() < 1e-9);
        assert_eq!(usage.busiest_foreign, Some(("rustc".to_owned(), 1.0)));
    }

    #[test]
    fn memory_is_read_in_mib() {
        assert_eq!(kib("VmHWM:\t   2048 kB\nVmRSS:\t 1024 kB\n", "VmRSS:"), Some(1_024.0));
        assert_eq!(kib("VmHWM:\t 2048 kB\n", "VmRSS:"), None);
        let own = std::process::id();
        let (now, high) = (memory_mib(own).unwrap(), memory_high_mib(own).unwrap());
        assert!(now > 0.1 && high >= now * 0.9, "{now} {high}");
    }
}
