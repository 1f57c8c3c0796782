//! The service under trial: the released binary in a process of its own.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::http::{Client, Request};

/// How long the service may take to come up, or to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// The binary, the database that it is to use, and its flags.
#[derive(Clone, Debug)]
pub struct Installation {
    binary: PathBuf,
    database_url: String,
    log: PathBuf,
    flags: Vec<String>,
    launcher: Vec<OsString>,
    token: String,
}

/// The service, running; it is killed when the value goes.
#[derive(Debug)]
pub struct Service {
    child: Child,
    address: SocketAddr,
    token: String,
}

/// What a process holds of the machine, from `/proc`; see `proc_pid_status(5)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Threads.
    pub threads: usize,
    /// Open files and connections.
    pub files: usize,
    /// Resident memory in KiB.
    pub memory_kib: usize,
}

impl Installation {
    /// The service on a database; what it logs is added to a file in `folder`.
    pub fn new(binary: &Path, database_url: &str, folder: &Path) -> Self {
        Self {
            binary: binary.to_owned(),
            database_url: database_url.to_owned(),
            log: folder.join("service.log"),
            flags: Vec::new(),
            launcher: Vec::new(),
            token: String::new(),
        }
    }

    /// Adds flags to those of `users serve`.
    #[must_use]
    pub fn with_flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(|flag| (*flag).to_owned()));
        self
    }

    /// Starts the service by a program that becomes it, as `exec` does.
    #[must_use]
    pub fn launched_by(mut self, launcher: &[&str]) -> Self {
        self.launcher = launcher.iter().map(OsString::from).collect();
        self
    }

    /// Makes the tables and a token that may do everything.
    pub fn prepare(mut self) -> Result<Self> {
        self.output(&["migrate"])?;
        let scopes = "users:read,users:write,users:delete";
        let token = self.output(&["token", "create", "--name", "torture", "--scope", scopes])?;
        token.trim().clone_into(&mut self.token);
        Ok(self)
    }

    /// Starts the service and waits until it can do its work.
    pub fn start(&self) -> Result<Service> {
        self.start_until("/readyz")
    }

    /// Starts the service and waits until it answers `path` with 200.
    pub fn start_until(&self, path: &str) -> Result<Service> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = self.command(&["serve"]);
        command.args(&self.flags).env("USERS_LISTEN", address.to_string()).env("USERS_LOG", "warn");
        let child = command.stdout(Stdio::null()).stderr(log).spawn()?;
        let mut service = Service { child, address, token: self.token.clone() };
        let begun = Instant::now();
        while service.client().send(&Request::get(path)).status() != 200 {
            if let Some(status) = service.child.try_wait()? {
                bail!("the service ended by itself: {status}; its log is {}", self.log.display());
            }
            ensure!(begun.elapsed() < PATIENCE, "the service does not answer {path}: {}", self.log.display());
            sleep(Duration::from_millis(2));
        }
        Ok(service)
    }

    /// The URL of the database.
    pub fn database_url(&self) -> &str {
        &self.database_url
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut line = self.launcher.clone();
        line.push(self.binary.clone().into());
        let mut line = line.into_iter();
        let mut command = Command::new(line.next().unwrap_or_default());
        // Settings of whoever runs the trials must not reach the service.
        command.args(line).args(arguments).stdin(Stdio::null()).env_clear();
        command.env("DATABASE_URL", &self.database_url);
        command
    }

    fn output(&self, arguments: &[&str]) -> Result<String> {
        let output = self.command(arguments).output();
        let output = output.with_context(|| format!("cannot run {}", self.binary.display()))?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`users {}` failed: {complaint}", arguments.join(" "));
        String::from_utf8(output.stdout).context("the service wrote something that is no text")
    }
}

impl Service {
    /// Where the service listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that may do everything.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// A client of its own connection.
    pub fn client(&self) -> Client {
        Client::new(self.address, &self.token)
    }

    /// Ends the service by `SIGKILL`, and waits until it is gone.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Tells the service to stop, as an operator does, and gives back how it ended and how long that took.
    pub fn terminate(mut self) -> Result<(ExitStatus, Duration)> {
        let begun = Instant::now();
        send_signal("TERM", self.id())?;
        while begun.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status, begun.elapsed()));
            }
            sleep(Duration::from_millis(2));
        }
        bail!("the service still runs {} s after SIGTERM", PATIENCE.as_secs())
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// What the process holds at this moment.
    pub fn holdings(&self) -> Result<Holdings> {
        let folder = PathBuf::from(format!("/proc/{}", self.id()));
        let status = fs::read_to_string(folder.join("status"))?;
        Ok(Holdings {
            threads: field(&status, "Threads:").context("no number of threads")?,
            files: fs::read_dir(folder.join("fd"))?.count(),
            memory_kib: field(&status, "VmRSS:").context("no resident memory")?,
        })
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process by the shell: the standard library knows `SIGKILL` alone.
pub fn send_signal(signal: &str, process: u32) -> Result<()> {
    let status =
        Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &process.to_string()]).status()?;
    ensure!(status.success(), "cannot send SIG{signal} to {process}");
    Ok(())
}

/// How many files this process and its children may have open, raised to `wanted` where that is allowed.
pub fn raise_file_limit(wanted: usize) -> usize {
    let limit = || {
        let text = fs::read_to_string("/proc/self/limits").ok()?;
        field(&text, "Max open files")
    };
    let now = limit().unwrap_or(1_024);
    if now >= wanted {
        return now;
    }
    // Both limits, then the soft one alone: only root may raise the hard one.
    let process = std::process::id().to_string();
    for value in [format!("{wanted}:{wanted}"), format!("{wanted}:")] {
        let mut command = Command::new("prlimit");
        command.args(["--pid", &process, &format!("--nofile={value}")]).stderr(Stdio::null());
        if command.status().is_ok_and(|status| status.success()) {
            break;
        }
    }
    limit().unwrap_or(now)
}

/// The first number of the line that begins with `name`.
fn field(text: &str, name: &str) -> Option<usize> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{field, raise_file_limit};

    #[test]
    fn fields_of_proc_are_read() {
        assert_eq!(field("Name:\tusers\nVmRSS:\t  2048 kB\nThreads:\t7\n", "VmRSS:"), Some(2_048));
        assert_eq!(
            field("Max open files            1024                 4096   files\n", "Max open files"),
            Some(1_024)
        );
        assert_eq!(field("Threads:\t7\n", "VmRSS:"), None);
    }

    #[test]
    fn a_limit_that_is_high_enough_is_left_alone() {
        assert!(raise_file_limit(1) >= 1);
        assert_eq!(raise_file_limit(1), raise_file_limit(2));
    }
}
