use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::row::{Fault, Place, Row};
use crate::failure::Failure;

/// Lists the rows that were rejected: one JSON object for each fault.
///
/// It names the place and the rule, and never what stood there: a file of errors can be passed on. If rows that follow on
/// each other all have the same fault, the first few are listed one by one, and the others together.
pub struct ErrorFile {
    out: Box<dyn Write>,
    /// The file, where it is one that may go if it stays empty.
    path: Option<PathBuf>,
    is_empty: bool,
    /// The faults that the last row had.
    runs: Vec<Run>,
}

/// How many rows with the same fault are listed one by one.
const ONE_BY_ONE: u64 = 10;

/// Rows that follow on each other and have the same fault.
struct Run {
    fault: Fault,
    rows: u64,
    /// The first line that is not listed yet.
    from: u64,
    last_line: u64,
}

/// A line of the file.
#[derive(Serialize)]
struct Entry<'a> {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<&'a str>,
    code: &'a str,
    detail: &'a str,
}

impl ErrorFile {
    /// Opens the file anew, or standard error where the path is `-`; `input` is what must not be written over.
    pub fn open(path: &Path, input: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self { out: Box::new(io::stderr()), path: None, is_empty: true, runs: Vec::new() });
        }
        if is_same(path, input) {
            return Err(Failure::Settings(
                "--errors must be another file than the one that is read".to_owned(),
            ));
        }
        let opened = File::create(path).and_then(|file| Ok((file.metadata()?.is_file(), file)));
        let (is_file, file) = opened.map_err(|source| Failure::file("write", path, source))?;
        let path = is_file.then(|| path.to_owned());
        Ok(Self { out: Box::new(BufWriter::new(file)), path, is_empty: true, runs: Vec::new() })
    }

    /// Adds a fault of the row on these lines. Rows come in their order.
    pub fn add(&mut self, (line, last_line): (u64, u64), fault: &Fault) -> io::Result<()> {
        self.is_empty = false;
        self.end_runs(|run| run.last_line + 1 < line)?;
        let Some(run) = self.runs.iter_mut().find(|run| run.fault == *fault) else {
            self.runs.push(Run { fault: fault.clone(), rows: 1, from: last_line + 1, last_line });
            return self.write((line, last_line), None, fault);
        };
        run.rows += 1;
        run.last_line = last_line;
        if run.rows > ONE_BY_ONE {
            return Ok(());
        }
        run.from = last_line + 1;
        self.write((line, last_line), None, fault)
    }

    /// Lists the rest of the runs that have ended.
    fn end_runs(&mut self, has_ended: impl Fn(&Run) -> bool) -> io::Result<()> {
        for run in self.runs.extract_if(.., |run| has_ended(run)).collect::<Vec<_>>() {
            if run.rows > ONE_BY_ONE {
                self.write((run.from, run.last_line), Some(run.rows - ONE_BY_ONE), &run.fault)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, (line, last_line): (u64, u64), rows: Option<u64>, fault: &Fault) -> io::Result<()> {
        let Fault { place, code, detail } = fault;
        let (pointer, column) = match place {
            Place::Row => (None, None),
            Place::Pointer(pointer) => (Some(pointer.as_str()), None),
            Place::Column(name) => (None, Some(name.as_str())),
        };
        let last_line = (last_line != line).then_some(last_line);
        let entry = Entry { line, last_line, rows, pointer, column, code, detail };
        serde_json::to_writer(&mut self.out, &entry)?;
        self.out.write_all(b"\n")
    }

    /// Writes what is left, and takes the file away where there was no fault.
    pub fn finish(mut self) -> io::Result<()> {
        self.end_runs(|_| true)?;
        self.out.flush()?;
        match self.path {
            Some(path) if self.is_empty => fs::remove_file(path),
            _ => Ok(()),
        }
    }
}

impl Row {
    /// The first and the last line of the row.
    pub const fn lines(&self) -> (u64, u64) {
        (self.line, self.last_line)
    }
}

fn is_same(path: &Path, other: &Path) -> bool {
    let identity = |path| fs::metadata(path).map(|it| (it.dev(), it.ino())).ok();
    identity(path).is_some_and(|it| identity(other) == Some(it))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::ErrorFile;
    use crate::transfer::row::{Fault, Place};

    #[test]
    fn each_fault_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors");
        let mut file = ErrorFile::open(&path, Path::new("-")).unwrap();
        let fault = |place| Fault { place, code: "BLANK", detail: "must \"be\"".to_owned() };
        file.add((7, 7), &fault(Place::Pointer("/bio".to_owned()))).unwrap();
        file.add((8, 12), &fault(Place::Column("bio".to_owned()))).unwrap();
        file.add((13, 13), &fault(Place::Row)).unwrap();
        file.finish().unwrap();
        assert_eq!(
            fs::read_to_string(path).unwrap(),
            r#"{"line":7,"pointer":"/bio","code":"BLANK","detail":"must \"be\""}
{"line":8,"last_line":12,"column":"bio","code":"BLANK","detail":"must \"be\""}
{"line":13,"code":"BLANK","detail":"must \"be\""}
"#
        );
    }

    #[test]
    fn a_fault_of_every_row_is_told_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors");
        let mut file = ErrorFile::open(&path, Path::new("-")).unwrap();
        let fault = |code| Fault { place: Place::Row, code, detail: "x".to_owned() };
        for line in 2..100_000 {
            // One of them stretches over two lines, and another has one more fault.
            let lines = if line < 50 { (line, line) } else { (line + 1, line + 1) };
            let lines = if line == 50 { (50, 51) } else { lines };
            file.add(lines, &fault("SAME")).unwrap();
            if line == 60 {
                file.add(lines, &fault("OTHER")).unwrap();
            }
        }
        // A row without the fault stands between.
        file.add((200_000, 200_000), &fault("SAME")).unwrap();
        file.finish().unwrap();
        let text = fs::read_to_string(path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 13, "{text}");
        assert_eq!(lines[9], r#"{"line":11,"code":"SAME","detail":"x"}"#);
        assert_eq!(lines[10], r#"{"line":61,"code":"OTHER","detail":"x"}"#);
        assert_eq!(lines[11], r#"{"line":12,"last_line":100000,"rows":99988,"code":"SAME","detail":"x"}"#);
        assert_eq!(lines[12], r#"{"line":200000,"code":"SAME","detail":"x"}"#);
    }

    #[test]
    fn a_file_without_errors_goes_and_what_is_no_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("errors");
        fs::write(&path, "of the last time").unwrap();
        ErrorFile::open(&path, Path::new("-")).unwrap().finish().unwrap();
        assert!(!path.exists());
        ErrorFile::open(Path::new("/dev/null"), Path::new("-")).unwrap().finish().unwrap();
        assert!(Path::new("/dev/null").exists());
    }

    #[test]
    fn the_input_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.ndjson");
        fs::write(&path, "{}").unwrap();
        let failure = ErrorFile::open(&folder.path().join("./users.ndjson"), &path).err().unwrap();
        assert!(failure.to_string().contains("--errors"), "{failure}");
        assert_eq!(fs::read_to_string(path).unwrap(), "{}");
    }
}
