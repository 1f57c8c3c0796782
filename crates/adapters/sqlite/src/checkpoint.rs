//! Copies the write-ahead log back into the database while the writer goes on writing.
//!
//! SQLite would have the writer do it with every thousandth page or so, and all who wait for that batch wait for the copy and
//! for its flush too. Here a thread of its own copies, which holds up nobody. It cannot finish while there are always new pages:
//! the log then would never begin anew, and grow. So once the log is long the thread copies again and again, each time what
//! was written during the time before, until that is little. The writer then copies what is left, between two batches, and
//! the log begins anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Integer;
use diesel::sqlite::SqliteConnection;
use diesel::{QueryResult, sql_query};

/// How often the thread looks at the log.
const PAUSE: Duration = Duration::from_millis(25);
/// How many writes make a copy worth its flush.
const ENOUGH: usize = 500;
/// How many looks fewer writes wait at most: a quarter of a second. A write can be a thousand users.
const MOST_LOOKS: u32 = 10;
/// How many pages the log may have before it is to begin anew: 32 MiB.
const LONG: i32 = 8_000;
/// How many pages the writer may be left to copy: 1 MiB.
const FEW: i32 = 250;
/// How often the thread copies at most before the writer copies what is left, however much that is.
const MOST_COPIES: usize = 8;

/// What the thread and the writer tell each other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Checkpoints(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    /// Writes that were made and not copied.
    written: AtomicUsize,
    /// Whether the writer is to copy what is left.
    finish: AtomicBool,
}

impl Checkpoints {
    /// To be called by the writer after each batch: notes how many writes there were, and copies what is left of a long log
    /// if that is little.
    pub(crate) fn after_batch(&self, writes: usize, connection: &mut SqliteConnection) {
        self.0.written.fetch_add(writes, Ordering::Relaxed);
        if self.0.finish.swap(false, Ordering::Relaxed) {
            // If it fails, the thread asks again.
            let _ = copy_back(connection);
        }
    }

    /// Copies what can be copied if it is worth it, and asks the writer for the rest. `looks` is how often there was something
    /// that was not copied; gives back how often that is now.
    fn run_once(&self, looks: u32, connection: &mut SqliteConnection) -> u32 {
        let written = self.0.written.load(Ordering::Relaxed);
        if written == 0 {
            return 0;
        }
        if written < ENOUGH && looks < MOST_LOOKS {
            return looks + 1;
        }
        self.0.written.fetch_sub(written, Ordering::Relaxed);
        if copy_all_but_few(connection).is_ok_and(|log| log >= LONG) {
            self.0.finish.store(true, Ordering::Relaxed);
        }
        0
    }
}

/// Copies what there is; of a long log also what comes meanwhile, until that is little. Gives back how many pages the log has.
fn copy_all_but_few(connection: &mut SqliteConnection) -> QueryResult<i32> {
    let mut log = copy_back(connection)?;
    for _ in 1..MOST_COPIES {
        if log < LONG {
            break;
        }
        let before = log;
        log = copy_back(connection)?;
        if log - before <= FEW {
            break;
        }
    }
    Ok(log)
}

/// What `PRAGMA wal_checkpoint` answers, as far as it is of use here.
#[derive(QueryableByName)]
struct Progress {
    #[diesel(sql_type = Integer)]
    log: i32,
}

/// Copies as much as is possible without waiting for anybody. Gives back how many pages the log had when that began.
fn copy_back(connection: &mut SqliteConnection) -> QueryResult<i32> {
    sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result(connection).map(|Progress { log }| log)
}

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread, which takes its connection from `connect` again and again until there is one.
    pub(crate) fn start(
        checkpoints: Checkpoints,
        connect: impl Fn() -> Option<SqliteConnection> + Send + 'static,
    ) -> std::io::Result<Self> {
        let (end, ended) = channel();
        let work = move || keep_copying(&checkpoints, connect, &ended);
        let thread = thread::Builder::new().name("checkpoint".to_owned()).spawn(work)?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn keep_copying(
    checkpoints: &Checkpoints,
    connect: impl Fn() -> Option<SqliteConnection>,
    ended: &Receiver<()>,
) {
    let (mut connection, mut looks) = (None, 0);
    while ended.recv_timeout(PAUSE) == Err(RecvTimeoutError::Timeout) {
        if connection.is_none() {
            connection = connect();
        }
        if let Some(connection) = &mut connection {
            looks = checkpoints.run_once(looks, connection);
        }
    }
}
