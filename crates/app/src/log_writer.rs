use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tracing_subscriber::fmt::MakeWriter;

/// How long lines gather before they are written together.
///
/// Waking a thread for each line costs a request more than the line does; so it is woken a hundred times a second and not
/// more often. A process that is killed outright loses what it has logged since.
const PAUSE: Duration = Duration::from_millis(10);

/// How many bytes may wait to be written; beyond, whoever logs waits.
const ROOM: usize = 1 << 20;

/// Takes lines at once and has a thread of its own write them.
#[derive(Clone)]
pub struct LogWriter(Arc<Lines>);

/// Writes what is still waiting when it is dropped.
#[must_use]
pub struct LogWriterGuard {
    lines: Arc<Lines>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Lines {
    waiting: Mutex<Waiting>,
    came: Condvar,
    taken: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    closed: bool,
}

impl LogWriter {
    /// Starts the thread that writes to `out`.
    pub fn start(out: impl Write + Send + 'static) -> io::Result<(Self, LogWriterGuard)> {
        let lines = Arc::<Lines>::default();
        let theirs = Arc::clone(&lines);
        let thread = thread::Builder::new().name("log".to_owned()).spawn(move || theirs.write_to(out))?;
        Ok((Self(Arc::clone(&lines)), LogWriterGuard { lines, thread: Some(thread) }))
    }
}

impl Lines {
    fn write_to(&self, mut out: impl Write) {
        let mut bytes = Vec::new();
        while self.take(&mut bytes) {
            // Where the log cannot be written there is nowhere to say so.
            let _ = out.write_all(&bytes).and_then(|()| out.flush());
            bytes.clear();
        }
    }

    /// Waits for lines and takes all that have gathered; `false` once there are none and no more will come.
    fn take(&self, bytes: &mut Vec<u8>) -> bool {
        let mut waiting = self.lock();
        while waiting.bytes.is_empty() && !waiting.closed {
            waiting = self.came.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        if !waiting.closed {
            drop(waiting);
            thread::sleep(PAUSE);
            waiting = self.lock();
        }
        std::mem::swap(&mut waiting.bytes, bytes);
        self.taken.notify_all();
        !bytes.is_empty()
    }

    /// Nothing panics under the lock, so a poisoned state is a whole one.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for &LogWriter {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let LogWriter(lines) = self;
        let mut waiting = lines.lock();
        while waiting.bytes.len() >= ROOM {
            waiting = lines.taken.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let first = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if first {
            lines.came.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> &'a Self {
        self
    }
}

impl Drop for LogWriterGuard {
    fn drop(&mut self) {
        self.lines.lock().closed = true;
        self.lines.came.notify_one();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was reported when it happened.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
    use std::thread;

    use super::{LogWriter, ROOM};

    /// Hands over each write, and waits with the next until that was taken.
    struct Pipe(SyncSender<Vec<u8>>);

    impl Write for Pipe {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.send(bytes.to_owned());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn pipe() -> (Pipe, Receiver<Vec<u8>>) {
        let (sender, receiver) = sync_channel(0);
        (Pipe(sender), receiver)
    }

    fn log(writer: &LogWriter, line: &[u8]) {
        let mut writer = writer;
        writer.write_all(line).unwrap();
    }

    #[test]
    fn lines_that_come_together_are_written_together() {
        const LINES: usize = 10_000;
        let (out, written) = pipe();
        let (writer, guard) = LogWriter::start(out).unwrap();
        let reader = thread::spawn(move || written.into_iter().collect::<Vec<_>>());
        let lines: Vec<_> = (0..LINES).map(|number| format!("{number}\n")).collect();
        for line in &lines {
            log(&writer, line.as_bytes());
        }
        drop(guard);
        let pieces = reader.join().unwrap();
        assert_eq!(pieces.concat(), lines.concat().as_bytes());
        // However slow the machine is, not every line meets a pause of its own.
        assert!(pieces.len() < LINES, "{} pieces", pieces.len());
    }

    #[test]
    fn the_end_waits_for_what_is_not_yet_written() {
        let (out, written) = pipe();
        let (writer, guard) = LogWriter::start(out).unwrap();
        let reader = thread::spawn(move || written.into_iter().flatten().collect::<Vec<_>>());
        log(&writer, b"last words\n");
        drop(guard);
        assert_eq!(reader.join().unwrap(), b"last words\n");
    }

    #[test]
    fn nothing_is_lost_when_the_reader_is_slower_than_the_writer() {
        let (out, written) = pipe();
        let (writer, guard) = LogWriter::start(out).unwrap();
        let line = vec![b'x'; ROOM / 4];
        let reader = thread::spawn(move || {
            written.into_iter().map(|bytes| (bytes.len(), bytes.len() <= ROOM + ROOM / 4)).collect::<Vec<_>>()
        });
        (0..40).for_each(|_| log(&writer, &line));
        drop(guard);
        let pieces = reader.join().unwrap();
        assert_eq!(pieces.iter().map(|(length, _)| length).sum::<usize>(), 10 * ROOM);
        assert!(pieces.iter().all(|(_, bounded)| *bounded));
    }
}
