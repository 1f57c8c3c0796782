use std::fmt::Write as _;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;

use tempfile::TempDir;

use super::PrivatePostgres;
use super::programs::{self, command_line, run};
use super::supervisor::Supervisor;
use crate::ServerIdentity;

/// How a [`PrivatePostgres`] is set up.
#[derive(Clone, Default)]
pub struct PrivatePostgresBuilder {
    durable: bool,
    settings: Vec<(String, String)>,
    identity: Option<ServerIdentity>,
    language: Option<String>,
    password_role: Option<String>,
}

impl PrivatePostgresBuilder {
    /// How many ports to try: somebody else may be faster to take one that was free.
    const ATTEMPTS: usize = 5;

    /// Whether what is committed must survive a crash of the machine; `false` by default, which is faster.
    ///
    /// A crash of the server alone loses nothing either way: the operating system has the data by then.
    #[must_use]
    pub const fn durable(mut self, durable: bool) -> Self {
        self.durable = durable;
        self
    }

    /// Adds a setting, as in `postgresql.conf`; a later one wins over an earlier.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Has the server write its messages in this language, such as `de`.
    #[must_use]
    pub fn language(mut self, language: &str) -> Self {
        self.language = Some(language.to_owned());
        self
    }

    /// Has the server ask this role for a password; others come in without.
    #[must_use]
    pub fn asks_for_password(mut self, role: &str) -> Self {
        self.password_role = Some(role.to_owned());
        self
    }

    /// Has the server speak TLS and show this certificate; clients may still connect without.
    #[must_use]
    pub fn encrypted(mut self, identity: ServerIdentity) -> Self {
        self.identity = Some(identity);
        self.setting("ssl", "on")
    }

    /// Makes a new server and starts it; panics with the server's log where that fails.
    pub fn start(self) -> PrivatePostgres {
        let programs = programs::find();
        let folder = tempfile::Builder::new().prefix("users-postgres-").tempdir().unwrap();
        let as_root = folder.path().metadata().unwrap().uid() == 0;
        let data = folder.path().join("data");
        initialise(&programs, &folder, as_root);
        self.write_settings(&folder, &data);
        if let Some(identity) = &self.identity {
            hand_over(identity, &data, as_root);
        }

        if let Some(role) = &self.password_role {
            // The first line that fits counts.
            let rules = data.join("pg_hba.conf");
            let others = fs::read_to_string(&rules).unwrap();
            fs::write(&rules, format!("host all {role} 127.0.0.1/32 scram-sha-256\n{others}")).unwrap();
        }

        let mut server = command_line(&programs.join("postgres"), as_root);
        if let Some(language) = &self.language {
            server.splice(0..0, ["env".into(), format!("LANGUAGE={language}").into()]);
        }
        server.extend(["-D".into(), data.clone().into()]);
        let supervisor = Mutex::new(Supervisor::new(folder.path(), &server));
        // From here on the supervisor removes the folder.
        let folder = folder.keep();
        let mut postgres =
            PrivatePostgres { programs, folder, port: 0, databases: AtomicU32::new(0), supervisor };
        for _ in 0..Self::ATTEMPTS {
            postgres.port = free_port();
            append(&data.join("postgresql.conf"), &format!("port = {}\n", postgres.port));
            if postgres.try_to_start() {
                return postgres;
            }
        }
        panic!("the private PostgreSQL does not start:\n{}", postgres.log());
    }

    /// Writes what a server for tests needs, and what was asked for, behind the defaults.
    fn write_settings(&self, folder: &TempDir, data: &Path) {
        let mut text = format!(
            "listen_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 500\n",
            folder.path().display()
        );
        if !self.durable {
            text.push_str("fsync = off\nfull_page_writes = off\n");
        }
        for (name, value) in &self.settings {
            writeln!(text, "{name} = '{}'", value.replace('\'', "''")).unwrap();
        }
        append(&data.join("postgresql.conf"), &text);
    }
}

/// Makes the data folder inside `folder`.
fn initialise(programs: &Path, folder: &TempDir, as_root: bool) {
    if as_root {
        run(Command::new("chown").arg("postgres:postgres").arg(folder.path()));
    }
    let line = command_line(&programs.join("initdb"), as_root);
    let (program, before) = line.split_first().unwrap();
    let options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
    run(Command::new(program)
        .args(before)
        .args(options)
        .arg("-D")
        .arg(folder.path().join("data"))
        .current_dir(folder.path())
        .env("LC_ALL", "C.UTF-8"));
}

/// Puts the certificate and its key where the server looks for them, which wants the key for itself alone.
fn hand_over(identity: &ServerIdentity, data: &Path, as_root: bool) {
    let (certificate, key) = identity.write_to(data);
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    if as_root {
        run(Command::new("chown").arg("postgres:postgres").args([certificate, key]));
    }
}

fn append(file: &Path, text: &str) {
    OpenOptions::new().append(true).open(file).unwrap().write_all(text.as_bytes()).unwrap();
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
