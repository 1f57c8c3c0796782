use std::path::Path;

use tempfile::TempDir;
use users_testkit::PrivatePostgres;

/// A database that the service can keep its users in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite.
    Sqlite,
    /// A server of PostgreSQL.
    Postgres,
}

/// A database of a test's own, empty at first, with a folder for the processes that use it to work in.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    folder: TempDir,
}

impl TestDatabase {
    /// Makes a new one; those of PostgreSQL are on a server that all tests share.
    pub fn create(database: Database) -> Self {
        match database {
            Database::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                Self { url: format!("sqlite:{}/users.db", folder.path().display()), folder }
            }
            Database::Postgres => Self::at(PrivatePostgres::shared().create_database()),
        }
    }

    /// The database that is at this URL, for a test with a server of its own.
    pub fn at(url: String) -> Self {
        Self { url, folder: tempfile::tempdir().unwrap() }
    }

    /// Its URL, as `DATABASE_URL` has it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder that processes work in.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// All that is kept of the tokens: of SQLite its files as they are, of PostgreSQL the rows as text.
    pub fn tokens(&self) -> Vec<u8> {
        let Some(path) = self.url.strip_prefix("sqlite:") else {
            return PrivatePostgres::shared().psql(&self.url, "SELECT * FROM tokens").into_bytes();
        };
        ["", "-wal"].map(|end| std::fs::read(format!("{path}{end}")).unwrap()).concat()
    }

    /// Runs SQL that both databases understand, behind the service's back.
    pub fn execute(&self, sql: &str) {
        if let Some(path) = self.url.strip_prefix("sqlite:") {
            let connection = rusqlite::Connection::open(path).unwrap();
            connection.busy_timeout(std::time::Duration::from_secs(30)).unwrap();
            connection.execute_batch(sql).unwrap();
        } else {
            PrivatePostgres::shared().psql(&self.url, sql);
        }
    }
}
