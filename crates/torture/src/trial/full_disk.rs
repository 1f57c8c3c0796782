//! The disk is full under an SQLite file: 503, no damage, and it goes on once there is space again.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rusqlite::Connection;

use super::REQUEST_LIMIT;
use super::heal::first_success;
use crate::grounds::Grounds;
use crate::load::{Ledger, LoadPlan, Summary};
use crate::report::{Row, with_commas};
use crate::service::{Installation, Service};

/// The space that there is at first.
const SMALL: u64 = 6 << 20;

/// Lets writers fill a small disk with long texts, and then gives it more space.
pub fn carry_out(grounds: &Grounds) -> Result<Row> {
    let disk = Disk::small(&grounds.new_folder()?)?;
    let url = format!("sqlite:{}", disk.folder.join("users.db").display());
    let mut installation = Installation::new(grounds.binary(), &url, &grounds.new_folder()?);
    if !disk.mounted {
        // A file that may grow no more then is an error to whoever writes, and not the end of the process.
        installation = installation.launched_by(&["sh", "-c", "trap '' XFSZ; exec \"$0\" \"$@\""]);
    }
    let mut service = installation.prepare()?.start()?;
    let plan = LoadPlan { writers: 16, bulk: 3_000, ..LoadPlan::new(grounds.seed) };
    plan.create_users(&service)?;
    disk.limit(&service, Some(SMALL))?;
    let mut row = Row::of(format!("disk full under SQLite ({})", disk.means()));
    let mut ledger = Ledger::default();

    let load = plan.start(service.address(), service.token(), 0);
    sleep(Duration::from_secs(grounds.either(8, 4)));
    disk.limit(&service, None)?;
    let healed = first_success(&service)?;
    sleep(Duration::from_millis(500));
    let records = load.stop()?;
    let mut summary = Summary::of_present_service(&records, REQUEST_LIMIT);
    let resumed = records.iter().filter(|record| record.status == 200 && record.begun > healed).count();
    ledger.enter_all(&records);
    let found = plan.read_users(&service);
    row.broken.extend(found.into_iter().filter_map(|(user, found)| ledger.check(user, found).err()));
    let lost = row.broken.len();
    row.broken.append(&mut summary.broken);
    row.expect(service.is_alive()?, || "the service has ended".to_owned());
    row.expect(summary.count(503) > 0, || "the disk was never full".to_owned());
    row.expect(resumed > 0, || "no write succeeds once there is space again".to_owned());
    service.kill()?;
    let verdict = integrity(&disk.folder.join("users.db"))?;
    row.expect(verdict == "ok", || format!("PRAGMA integrity_check: {verdict}"));
    row.figures = format!(
        "{} writes acknowledged, {} answered 503, {} otherwise; {lost} lost; {} writes acknowledged with space again; \
         integrity_check {verdict}",
        with_commas(summary.count(200)),
        with_commas(summary.count(503)),
        summary.others(&[200, 503]),
        with_commas(resumed),
    );
    Ok(row)
}

fn integrity(file: &Path) -> Result<String> {
    let connection = Connection::open(file)?;
    Ok(connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)
}

/// A folder whose space can be taken and given: a file system in memory where that may be mounted, and otherwise a limit on
/// how large the service's files may grow.
struct Disk {
    folder: PathBuf,
    mounted: bool,
}

impl Disk {
    fn small(folder: &Path) -> Result<Self> {
        let options = format!("size={SMALL}");
        let mounted =
            succeeds(Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder));
        Ok(Self { folder: folder.canonicalize()?, mounted })
    }

    const fn means(&self) -> &'static str {
        if self.mounted { "a file system of 6 MiB" } else { "RLIMIT_FSIZE of 6 MiB" }
    }

    /// Sets how much space there is, or lifts the limit.
    fn limit(&self, service: &Service, bytes: Option<u64>) -> Result<()> {
        let done = if self.mounted {
            let options = format!("remount,size={}", bytes.unwrap_or(SMALL * 50));
            succeeds(Command::new("mount").args(["-o", &options]).arg(&self.folder))
        } else {
            let limit = bytes.map_or_else(|| "unlimited".to_owned(), |bytes| bytes.to_string());
            let process = service.id().to_string();
            // The soft limit alone: who is not root cannot raise the hard one again.
            succeeds(Command::new("prlimit").args(["--pid", &process, &format!("--fsize={limit}:")]))
        };
        ensure!(done, "cannot set how much space there is");
        Ok(())
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // Lazily: the last process that has a file open there may only just have ended.
            let _ = Command::new("umount").arg("--lazy").arg(&self.folder).status().context("umount");
        }
    }
}

fn succeeds(command: &mut Command) -> bool {
    command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}
