use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What a process writes, line by line, collected while it runs.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<String>>>);

impl Lines {
    /// Collects everything from `source` until it ends, on a thread of its own.
    pub(crate) fn collect(source: impl Read + Send + 'static) -> Self {
        let lines = Self::default();
        let collected = lines.clone();
        thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                collected.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        lines
    }

    /// What was written until now.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was written until now, as one text.
    pub fn text(&self) -> String {
        self.all().join("\n")
    }

    /// The first line that has `part` in it, where it has been written.
    pub fn find(&self, part: &str) -> Option<String> {
        self.all().into_iter().find(|line| line.contains(part))
    }
}
