//! The service under test: the released binary, with its own defaults.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::server_process::{ServerProcess, free_address};

/// The binary of the service and the database that it is to use.
#[derive(Clone, Debug)]
pub struct Installation {
    binary: PathBuf,
    database_url: String,
    log: PathBuf,
}

/// The service, up and running.
#[derive(Debug)]
pub struct Service {
    process: ServerProcess,
    token: String,
    log: File,
    /// From the start of the process to its first 200.
    pub started_in: Duration,
}

impl Installation {
    /// The service on a database; what it logs goes to a file in `folder`, on a disk of memory where there is one.
    ///
    /// The service logs at its default level during all runs. The lines are written for real, but away from the disk
    /// whose flushes are measured.
    pub fn new(binary: &Path, database_url: &str, folder: &Path) -> Self {
        let memory = Path::new("/dev/shm");
        let log_folder = if memory.is_dir() { memory } else { folder };
        let log = log_folder.join(format!("users-bench-{}.log", std::process::id()));
        Self { binary: binary.to_owned(), database_url: database_url.to_owned(), log }
    }

    /// Makes the tables.
    pub fn migrate(&self) -> Result<()> {
        self.output(["migrate"]).map(drop)
    }

    /// Makes a token that may read and write.
    pub fn create_token(&self) -> Result<String> {
        let token =
            self.output(["token", "create", "--name", "bench", "--scope", "users:read,users:write"])?;
        Ok(token.trim().to_owned())
    }

    /// Starts the service and waits until it answers `path`, which may need the token, with 200.
    pub fn start(&self, token: &str, path: &str) -> Result<Service> {
        let address = free_address()?;
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = self.command(["serve"]);
        command.env("USERS_LISTEN", address.to_string()).stdout(Stdio::null()).stderr(log.try_clone()?);
        let (process, started_in) = ServerProcess::start(&mut command, address, path, Some(token))
            .with_context(|| format!("the log of the service is in {}", self.log.display()))?;
        // Open, the file can still be written and cut short; unlinked, it goes with the last who has it open.
        std::fs::remove_file(&self.log)?;
        Ok(Service { process, token: token.to_owned(), log, started_in })
    }

    fn command<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = Command::new(&self.binary);
        // Settings of whoever runs the benchmark must not reach the service.
        command.args(arguments).stdin(Stdio::null()).env_clear().env("DATABASE_URL", &self.database_url);
        command
    }

    fn output<const N: usize>(&self, arguments: [&str; N]) -> Result<String> {
        let output = self.command(arguments).output();
        let output = output.with_context(|| format!("cannot run {}", self.binary.display()))?;
        let complaint = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`users {}` failed: {complaint}", arguments.join(" "));
        String::from_utf8(output.stdout).context("the service wrote something that is no text")
    }
}

impl Service {
    /// The process and its address.
    pub const fn process(&self) -> &ServerProcess {
        &self.process
    }

    /// A token that may read and write.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Throws away what the service has logged so far.
    pub fn forget_log(&self) -> Result<()> {
        self.log.set_len(0).context("cannot cut the log short")
    }
}
