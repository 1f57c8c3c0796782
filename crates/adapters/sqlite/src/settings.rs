use std::path::PathBuf;
use std::time::Duration;

/// Where the database is and how it is used.
#[derive(Clone, Debug)]
pub struct SqliteSettings {
    /// The database file; made where there is none.
    pub path: PathBuf,
    /// Connections that read, each with a thread of its own. There is always one that writes: SQLite knows no more.
    pub read_connections: usize,
    /// Writes that may wait, and as many reads; one more is refused at once.
    pub queue_capacity: usize,
    /// The longest to wait for another process that writes.
    pub busy_timeout: Duration,
}
