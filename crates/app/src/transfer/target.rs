use std::fs::{self, File};
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// Where users are written to.
///
/// A file gets its name only when it is whole and on disk: until then whatever had the name before is there, and nothing
/// is left behind where it never comes to that. Only its owner can read it.
pub enum Target {
    /// Standard output.
    Stdout(BufWriter<Stdout>),
    /// A file that will have this path.
    File(BufWriter<NamedTempFile>, PathBuf),
}

impl Target {
    /// How much is written at once, in bytes.
    const BUFFER_BYTES: usize = 256 * 1024;

    /// Opens the file, or standard output where the path is `-`.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(BufWriter::with_capacity(Self::BUFFER_BYTES, io::stdout())));
        }
        // Where it is a link, the file that it leads to is replaced.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let opened = match fs::metadata(&path) {
            Ok(metadata) if !metadata.is_file() => {
                Err(io::Error::other("it is there and is not a file; use - for standard output"))
            }
            _ => NamedTempFile::new_in(folder(&path)),
        };
        match opened {
            Ok(file) => Ok(Self::File(BufWriter::with_capacity(Self::BUFFER_BYTES, file), path)),
            Err(source) => Err(Failure::file("write", &path, source)),
        }
    }

    /// Writes some more; tells whether there is still somebody who reads it.
    pub fn write(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        match self {
            Self::Stdout(stdout) => read_on(stdout.write_all(bytes)),
            Self::File(file, path) => {
                file.write_all(bytes).map_err(|source| Failure::file("write", path, source))?;
                Ok(true)
            }
        }
    }

    /// Makes what was written last, under its name.
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout(mut stdout) => read_on(stdout.flush()).map(|_| ()),
            Self::File(file, path) => {
                keep(file, &path).map_err(|source| Failure::file("write", &path, source))
            }
        }
    }
}

/// A reader of standard output that has seen enough is no failure.
fn read_on(written: io::Result<()>) -> Result<bool, Failure> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(source) => Err(Failure::System { doing: "cannot write to standard output", source }),
    }
}

fn keep(file: BufWriter<NamedTempFile>, path: &Path) -> io::Result<()> {
    let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // The name is on disk once the folder is.
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::Path;

    use super::Target;

    #[test]
    fn a_file_is_there_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("users.csv");
        fs::write(&path, "old").unwrap();
        let link = folder.path().join("link");
        symlink(&path, &link).unwrap();
        let mut target = Target::open(&link).unwrap();
        assert!(target.write(b"new").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        target.finish().unwrap();
        assert_eq!(fs::read_to_string(&link).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_given_up_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let mut target = Target::open(&folder.path().join("users.csv")).unwrap();
        target.write(b"half").unwrap();
        drop(target);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_is_no_file_is_not_replaced() {
        for path in ["/dev/null", "/tmp"] {
            let failure = Target::open(Path::new(path)).err().unwrap().to_string();
            assert!(failure.contains(path) && failure.contains("not a file"), "{failure}");
        }
        assert!(Target::open(Path::new("/nowhere/users.csv")).is_err());
    }
}
