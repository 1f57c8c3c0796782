use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::PrivatePostgres;
use crate::postgres::{Order, Supervisor, command_line, free_port, run};

/// A PgBouncer of the test's own in front of a [`PrivatePostgres`].
///
/// It is run from Debian's package `pgbouncer`, and ends with the value or with the test process, however that ends.
#[derive(Debug)]
pub struct PrivatePgBouncer {
    port: u16,
    folder: PathBuf,
    supervisor: Mutex<Supervisor>,
}

impl PrivatePgBouncer {
    /// Starts one with this `pool_mode` (`session`, `transaction`) and so many connections to each database of the server.
    pub fn start(server: &PrivatePostgres, pool_mode: &str, pool_size: usize) -> Self {
        Self::start_with(server, pool_mode, pool_size, "")
    }

    /// The same with more lines of settings.
    pub fn start_with(server: &PrivatePostgres, pool_mode: &str, pool_size: usize, settings: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("users-pgbouncer-").tempdir().unwrap();
        let as_root = folder.path().metadata().unwrap().uid() == 0;
        let port = free_port();
        write_settings(folder.path(), server.port(), port, pool_mode, pool_size, settings);
        if as_root {
            run(Command::new("chown").args(["-R", "postgres:postgres"]).arg(folder.path()));
        }
        let mut line = command_line(&program(), as_root);
        line.push(folder.path().join("pgbouncer.ini").into());
        let supervisor = Mutex::new(Supervisor::new(folder.path(), &line));
        // From here on the supervisor removes the folder.
        let bouncer = Self { port, folder: folder.keep(), supervisor };
        bouncer.tell(Order::Start);
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let log = fs::read_to_string(bouncer.folder.join("server.log")).unwrap_or_default();
            assert!(bouncer.tell(Order::Look).is_some(), "PgBouncer does not start:\n{log}");
            assert!(start.elapsed() < Duration::from_mins(1), "PgBouncer is not ready:\n{log}");
            sleep(Duration::from_millis(20));
        }
        bouncer
    }

    /// The URL of a database, which is a name or a URL of the server, by way of this pooler.
    pub fn url(&self, database: &str) -> String {
        let name = database.rsplit('/').next().unwrap_or(database);
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }

    fn tell(&self, order: Order) -> Option<u32> {
        self.supervisor.lock().unwrap_or_else(PoisonError::into_inner).tell(order)
    }
}

fn write_settings(folder: &Path, server: u16, port: u16, pool_mode: &str, pool_size: usize, more: &str) {
    let users = folder.join("users.txt");
    fs::write(&users, "\"postgres\" \"\"\n").unwrap();
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={server}\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
         unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {pool_mode}\ndefault_pool_size = {pool_size}\n\
         max_client_conn = 500\n{more}\n",
        users.display()
    );
    fs::write(folder.join("pgbouncer.ini"), settings).unwrap();
}

/// The program; panics if there is none.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.is_file()).unwrap_or_else(|| {
        panic!(
            "this test runs a PgBouncer of its own, and there is none: install the Debian package `pgbouncer` \
             (`apt-get install pgbouncer`)"
        )
    })
}
