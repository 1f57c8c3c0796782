use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::row::{Fault, Place, Row};
use crate::failure::Failure;

/// Tells of the rows that were refused: one JSON object for each fault, in the order of the lines.
///
/// It names the place and the rule, and never what stood there: a file of errors can be passed on.
pub struct ErrorFile {
    out: Box<dyn Write>,
    /// The file, where it is one that may go if it stays empty.
    path: Option<PathBuf>,
    is_empty: bool,
}

/// A line of the file.
#[derive(Serialize)]
struct Entry<'a> {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_line: Option<u64>,
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
            return Ok(Self { out: Box::new(io::stderr()), path: None, is_empty: true });
        }
        if is_same(path, input) {
            return Err(Failure::Settings(
                "--errors must be another file than the one that is read".to_owned(),
            ));
        }
        let opened = File::create(path).and_then(|file| Ok((file.metadata()?.is_file(), file)));
        let (is_file, file) = opened.map_err(|source| Failure::file("write", path, source))?;
        let path = is_file.then(|| path.to_owned());
        Ok(Self { out: Box::new(BufWriter::new(file)), path, is_empty: true })
    }

    /// Adds a fault of the row on these lines.
    pub fn add(&mut self, (line, last_line): (u64, u64), fault: &Fault) -> io::Result<()> {
        let Fault { place, code, detail } = fault;
        let (pointer, column) = match place {
            Place::Row => (None, None),
            Place::Pointer(pointer) => (Some(pointer.as_str()), None),
            Place::Column(name) => (None, Some(name.as_str())),
        };
        let last_line = (last_line != line).then_some(last_line);
        self.is_empty = false;
        serde_json::to_writer(&mut self.out, &Entry { line, last_line, pointer, column, code, detail })?;
        self.out.write_all(b"\n")
    }

    /// Writes what is left, and takes the file away where there was no fault.
    pub fn finish(mut self) -> io::Result<()> {
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
