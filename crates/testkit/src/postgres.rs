mod builder;
mod programs;
mod supervisor;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub use builder::PrivatePostgresBuilder;
pub(crate) use builder::free_port;
pub(crate) use programs::{command_line, run};
pub(crate) use supervisor::{Order, Supervisor};

/// A PostgreSQL server of the test's own, in a temporary folder and on a free port of 127.0.0.1.
///
/// It is run from the programs of Debian's package `postgresql`, the newest version that is installed, and takes about
/// a second to start. It ends, and its folder goes, with the value or with the test process, however that ends:
/// nothing has to be cleaned up, and a `static` may hold one.
#[derive(Debug)]
pub struct PrivatePostgres {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
    databases: AtomicU32,
    supervisor: Mutex<Supervisor>,
}

impl PrivatePostgres {
    /// How long the server may take to start: a minute.
    const PATIENCE: Duration = Duration::from_mins(1);

    /// The one that all tests of a process share, each in a database of its own; started when it is first asked for.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<PrivatePostgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::builder().start())
    }

    /// Sets up one that is not shared: for tests that stop it, and for benchmarks.
    pub fn builder() -> PrivatePostgresBuilder {
        PrivatePostgresBuilder::default()
    }

    /// Makes a new, empty database and gives back its URL.
    pub fn create_database(&self) -> String {
        let name = format!("users_{}", self.databases.fetch_add(1, Ordering::Relaxed) + 1);
        // `template0` has no other users, who would stand in the way of a copy.
        self.psql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0"));
        self.url(&name)
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs SQL in a database and gives back what it answers: a row a line, with `|` between the columns.
    ///
    /// `database` is a name or a URL.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        let url = if database.contains("://") { database.to_owned() } else { self.url(database) };
        run(Command::new(self.programs.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"])
            .args(["--command", sql, &url])
            .stdin(Stdio::null())
            .env_clear())
        .trim_end()
        .to_owned()
    }

    /// The folder with the programs of this version of PostgreSQL: `psql`, `pgbench` and so on.
    pub fn programs(&self) -> &Path {
        &self.programs
    }

    /// The port of 127.0.0.1 that the server listens on; the same after a restart.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server, the parent of its other processes; `None` where it is stopped.
    pub fn process_id(&self) -> Option<u32> {
        self.tell(Order::Look)
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("server.log")).unwrap_or_default()
    }

    /// Shuts the server down in good order: it ends every session, and waits for none.
    pub fn stop(&self) {
        self.tell(Order::Stop);
    }

    /// Ends the server and all of its processes by `SIGKILL`, as a crash would.
    pub fn kill(&self) {
        self.tell(Order::Kill);
    }

    /// Starts the server anew after [`stop`](Self::stop) or [`kill`](Self::kill), and waits until it can be used.
    pub fn start(&self) {
        let start = Instant::now();
        // After a crash the old processes must have gone first.
        while !self.try_to_start() {
            assert!(
                start.elapsed() < Self::PATIENCE,
                "the private PostgreSQL does not start:\n{}",
                self.log()
            );
            sleep(Duration::from_millis(50));
        }
    }

    /// Suspends the server: connections stay open and new ones are queued, but nothing is answered.
    pub fn freeze(&self) {
        self.tell(Order::Freeze);
    }

    /// Lets a suspended server go on.
    pub fn thaw(&self) {
        self.tell(Order::Thaw);
    }

    fn tell(&self, order: Order) -> Option<u32> {
        self.supervisor.lock().unwrap_or_else(PoisonError::into_inner).tell(order)
    }

    /// Starts the server; `false` where it ended instead of coming up.
    fn try_to_start(&self) -> bool {
        let start = Instant::now();
        self.tell(Order::Start);
        while !self.is_ready() {
            if self.process_id().is_none() {
                return false;
            }
            assert!(start.elapsed() < Self::PATIENCE, "the private PostgreSQL is not ready:\n{}", self.log());
            sleep(Duration::from_millis(20));
        }
        // Whoever answered may have been somebody else who was faster to take the port.
        self.process_id().is_some()
    }

    fn is_ready(&self) -> bool {
        let mut command = Command::new(self.programs.join("pg_isready"));
        let status = command.args(["--quiet", "--dbname", &self.url("postgres")]).env_clear().status();
        status.is_ok_and(|status| status.success())
    }
}
