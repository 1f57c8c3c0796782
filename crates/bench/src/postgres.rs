//! A private PostgreSQL server, set up the way one would be that has to keep what it is given.

use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use chrono::DateTime;
use users_testkit::PrivatePostgres;

use crate::people::{COLUMNS, Person};

/// What is set otherwise than PostgreSQL sets it by itself: memory as for a small server of its own, and room in
/// the log for checkpoints to stay out of the runs, where they would hit one subject and not the other.
const SETTINGS: [(&str, &str); 4] = [
    ("shared_buffers", "1GB"),
    ("max_wal_size", "16GB"),
    ("checkpoint_timeout", "1h"),
    ("synchronous_commit", "on"),
];

/// A PostgreSQL server that flushes every commit to the disk.
#[derive(Debug)]
pub struct Cluster(PrivatePostgres);

/// One database of a [`Cluster`].
#[derive(Debug)]
pub struct Database<'a> {
    cluster: &'a Cluster,
    url: String,
}

impl Cluster {
    /// Starts the server; it ends with the value, or with the benchmark.
    pub fn start() -> Self {
        let builder = PrivatePostgres::builder().durable(true);
        let builder = SETTINGS.iter().fold(builder, |builder, (name, value)| builder.setting(name, value));
        Self(builder.start())
    }

    /// Makes an empty database.
    pub fn create_database(&self) -> Database<'_> {
        Database { cluster: self, url: self.0.create_database() }
    }

    /// The process id of the server.
    pub fn process_id(&self) -> Option<u32> {
        self.0.process_id()
    }

    /// What the server calls itself, and how it was set up.
    pub fn describe(&self) -> String {
        let version = self.0.psql("postgres", "SHOW server_version");
        let settings = SETTINGS.map(|(name, value)| format!("{name} {value}")).join(", ");
        format!("PostgreSQL {version}: fsync on, {settings}")
    }

    /// Makes each flush take 2 ms more, as on a slow disk, or as it was before.
    ///
    /// `commit_siblings = 0` lets every flush wait, also that of a lone commit.
    pub fn imitate_slow_disk(&self, slow: bool) {
        let (delay, siblings) = if slow { (2_000, 0) } else { (0, 5) };
        self.0.psql("postgres", &format!("ALTER SYSTEM SET commit_delay = {delay}"));
        self.0.psql("postgres", &format!("ALTER SYSTEM SET commit_siblings = {siblings}"));
        self.0.psql("postgres", "SELECT pg_reload_conf()");
        std::thread::sleep(std::time::Duration::from_millis(500));
    }

    /// How often the server has flushed its log to the disk.
    pub fn flushes(&self) -> Result<u64> {
        Ok(self.0.psql("postgres", "SELECT wal_sync FROM pg_stat_wal").parse()?)
    }
}

impl Database<'_> {
    /// The URL of the database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The process id of the server that the database is on.
    pub fn process_id(&self) -> Option<u32> {
        self.cluster.process_id()
    }

    /// A program of this version of PostgreSQL.
    pub fn program(&self, name: &str) -> PathBuf {
        self.cluster.0.programs().join(name)
    }

    /// Runs SQL and gives back what it answers.
    pub fn query(&self, sql: &str) -> String {
        self.cluster.0.psql(&self.url, sql)
    }

    /// Fills the table `users`, which the migrations have made, with the first so many people.
    ///
    /// Indexes that only help to find rows are made when the rows are there, which takes a fraction of the time.
    pub fn load(&self, users: u64) -> Result<()> {
        const INDEXES: &str = "FROM pg_indexes WHERE tablename = 'users' AND indexdef NOT LIKE '% UNIQUE %'";
        let make_indexes = self.query(&format!("SELECT string_agg(indexdef, '; ') {INDEXES}"));
        self.query(&self.query(&format!("SELECT string_agg('DROP INDEX ' || indexname, '; ') {INDEXES}")));
        let copy = format!("COPY users ({}) FROM STDIN", COLUMNS.join(", "));
        let mut psql = Command::new(self.program("psql"))
            .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", &copy, &self.url])
            .stdin(Stdio::piped())
            .spawn()
            .context("cannot run psql")?;
        let mut rows = BufWriter::new(psql.stdin.take().context("psql has no standard input")?);
        for number in 0..users {
            writeln!(rows, "{}", copy_line(&Person::numbered(number)))?;
        }
        drop(rows.into_inner()?);
        ensure!(psql.wait()?.success(), "psql could not load the users");
        self.query(&make_indexes);
        self.query("VACUUM (FREEZE, ANALYZE) users");
        self.query("CHECKPOINT");
        Ok(())
    }

    /// How many updates there were since the last [`forget_statistics`](Self::forget_statistics), and how many of
    /// them touched no index.
    pub fn updates_and_hot_updates(&self) -> Result<(u64, u64)> {
        // Sessions report what they did a second later at the latest.
        std::thread::sleep(std::time::Duration::from_secs(2));
        let counts =
            self.query("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'users'");
        let (updates, hot) = counts.split_once('|').context("pg_stat_user_tables does not list the table")?;
        Ok((updates.parse()?, hot.parse()?))
    }

    /// Begins to count updates anew.
    pub fn forget_statistics(&self) {
        std::thread::sleep(std::time::Duration::from_secs(2));
        self.query("SELECT pg_stat_reset()");
    }

    /// The version that a user is in, as a number that each update makes one larger.
    pub fn version_of(&self, id: &str) -> Result<i64> {
        Ok(self.query(&format!("SELECT version FROM users WHERE id = '{id}'")).parse()?)
    }
}

/// A row in the text format of COPY; no value has a character that would need an escape.
fn copy_line(person: &Person) -> String {
    let instant =
        |micros| DateTime::from_timestamp_micros(micros).map_or_else(String::new, |at| at.to_rfc3339());
    let values = COLUMNS.map(|column| match column {
        "id" => person.id.clone(),
        "version" => person.version.to_string(),
        "modified_at" => instant(person.modified_at),
        "active" => "t".to_owned(),
        "last_seen" => instant(person.last_seen),
        "last_typed" => instant(person.last_typed),
        text => person.text(text).to_owned(),
    });
    values.join("\t")
}

#[cfg(test)]
mod tests {
    use super::copy_line;
    use crate::people::{COLUMNS, Person};

    #[test]
    fn a_row_has_a_value_for_every_column() {
        let line = copy_line(&Person::numbered(3));
        let values: Vec<&str> = line.split('\t').collect();
        assert_eq!(values.len(), COLUMNS.len());
        assert!(values.iter().all(|value| !value.is_empty()), "{line}");
        assert!(values[2].starts_with("2025-01-") && values[2].ends_with("+00:00"), "{line}");
    }
}
