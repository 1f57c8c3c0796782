use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;

use super::{Client, Database, Lines, TestDatabase, binary, until, users};

/// A process of `users serve`, on a database of its own; it is killed when it is dropped.
#[derive(Debug)]
pub struct Service {
    process: Child,
    log: Lines,
    stdout: Lines,
    address: SocketAddr,
    token: String,
    database: Arc<TestDatabase>,
}

impl Service {
    /// Starts the service on a new database, waits until it is ready, and makes a token that may do everything.
    pub fn start(database: Database) -> Self {
        Self::start_on(TestDatabase::create(database), &[]).with_token()
    }

    /// Starts the service with these flags besides the usual ones, and waits until it answers; it need not be ready.
    pub fn start_on(database: TestDatabase, flags: &[&str]) -> Self {
        let (process, log, stdout, address) = spawn(&database, flags);
        Self { process, log, stdout, address, token: String::new(), database: Arc::new(database) }
    }

    /// Starts another copy of the service on the same database, and waits until it is ready; it has the same token.
    #[must_use]
    pub fn start_copy(&self) -> Self {
        let (process, log, stdout, address) = spawn(&self.database, &[]);
        let (token, database) = (self.token.clone(), Arc::clone(&self.database));
        let copy = Self { process, log, stdout, address, token, database };
        copy.wait_until_ready();
        copy
    }

    /// Waits until the service is ready, and makes a token that may do everything.
    #[must_use]
    pub fn with_token(mut self) -> Self {
        self.wait_until_ready();
        self.token = self.create_token("users:read,users:write,users:delete");
        self
    }

    /// Waits until the service says that it can do its work.
    pub fn wait_until_ready(&self) {
        let client = Client::new(self.address);
        until("the service is ready", || (client.get("/readyz").status == 200).then_some(()));
    }

    /// Makes a token with these scopes.
    pub fn create_token(&self, scopes: &str) -> String {
        let created = users(&self.database, &format!("token create --name test --scope {scopes}"), &[]);
        created.success().trim_end().to_owned()
    }

    /// A client that shows the service's token.
    pub fn client(&self) -> Client {
        self.anonymous().authorized(&format!("Token {}", self.token))
    }

    /// A client that shows the service's token to another one, on the same database.
    pub fn client_at(&self, address: SocketAddr) -> Client {
        Client::new(address).authorized(&format!("Token {}", self.token))
    }

    /// A client without a token.
    pub const fn anonymous(&self) -> Client {
        Client::new(self.address)
    }

    /// Where the service listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token that [`with_token`](Self::with_token) made.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Where the service is, as the base of a URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What the service keeps its users in.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// What the service logs.
    pub const fn log(&self) -> &Lines {
        &self.log
    }

    /// What the service writes to standard output.
    pub const fn stdout(&self) -> &Lines {
        &self.stdout
    }

    /// Asks the service to stop, as an operator does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends the service a signal, such as `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let status = Command::new("sh").args(["-c", "kill -s \"$1\" \"$0\"", &id, name]).status().unwrap();
        assert!(status.success());
    }

    /// Ends the service as a crash does.
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Waits for the end of the service, which something else must have brought about.
    pub fn wait(&mut self) -> ExitStatus {
        until("the service has ended", || self.process.try_wait().unwrap())
    }

    /// Starts the service anew on the same database, under another address, once it has ended.
    pub fn start_again(&mut self) {
        assert!(self.process.try_wait().unwrap().is_some(), "the service still runs");
        (self.process, self.log, self.stdout, self.address) = spawn(&self.database, &[]);
        self.wait_until_ready();
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            let _ = writeln!(std::io::stderr(), "the log of the service:\n{}", self.log.text());
        }
    }
}

/// Starts the process, and waits until it says where it listens.
fn spawn(database: &TestDatabase, flags: &[&str]) -> (Child, Lines, Lines, SocketAddr) {
    let mut process = Command::new(binary::path())
        .args(["serve", "--workers", "2", "--db-writers", "3", "--db-readers", "2"])
        .args(if flags.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] })
        .args(flags)
        .current_dir(database.folder())
        .env_clear()
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = Lines::collect(process.stderr.take().unwrap());
    let stdout = Lines::collect(process.stdout.take().unwrap());
    let address = until("the service listens", || {
        let ended = process.try_wait().unwrap();
        let address = log.all().iter().find_map(|line| address_in(line));
        assert!(ended.is_none() || address.is_some(), "the service ended:\n{}", log.text());
        address
    });
    (process, log, stdout, address)
}

/// The address in the log's first line, which names it.
fn address_in(line: &str) -> Option<SocketAddr> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    line.get("address")?.as_str()?.parse().ok()
}
