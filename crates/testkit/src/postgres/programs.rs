use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The folder of the newest PostgreSQL server's programs; panics where there is none.
///
/// Debian keeps them by major version in `/usr/lib/postgresql/<version>/bin`, outside the search path; elsewhere they
/// are found on the search path.
pub fn find() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    newest_version(Path::new("/usr/lib/postgresql")).or_else(|| on_path(&path)).unwrap_or_else(|| {
        panic!(
            "this test runs a PostgreSQL server of its own, and there is no `initdb` in \
             /usr/lib/postgresql/*/bin or on the PATH: install the Debian package `postgresql` \
             (`apt-get install postgresql`)"
        )
    })
}

fn newest_version(folder: &Path) -> Option<PathBuf> {
    fs::read_dir(folder)
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, programs)| has_server(programs))
        .max()
        .map(|(_, programs)| programs)
}

fn on_path(path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path).find(|folder| has_server(folder))
}

fn has_server(programs: &Path) -> bool {
    programs.join("initdb").is_file() && programs.join("postgres").is_file()
}

/// The command line that runs a program of the server, which refuses to run as root.
///
/// Root runs it as the user `postgres`, which comes with the Debian package; anybody else runs it as themselves.
pub fn command_line(program: &Path, as_root: bool) -> Vec<OsString> {
    let demoted = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
    let mut line: Vec<OsString> = if as_root { demoted.map(OsString::from).into() } else { Vec::new() };
    line.push(program.into());
    line
}

/// Runs a command to its end and gives back its standard output; panics with its standard error where it fails.
pub fn run(command: &mut Command) -> String {
    let Output { status, stdout, stderr } =
        command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(status.success(), "{command:?} failed: {status}\n{}", String::from_utf8_lossy(&stderr));
    String::from_utf8_lossy(&stdout).into_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{command_line, newest_version, on_path};

    #[test]
    fn the_newest_version_that_has_a_server_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "17", "extensions"] {
            fs::create_dir_all(folder.path().join(version).join("bin")).unwrap();
        }
        assert_eq!(newest_version(folder.path()), None);
        for program in
            ["9/bin/initdb", "9/bin/postgres", "15/bin/initdb", "15/bin/postgres", "17/bin/postgres"]
        {
            fs::write(folder.path().join(program), "").unwrap();
        }
        assert_eq!(newest_version(folder.path()), Some(folder.path().join("15/bin")));
        let path = std::env::join_paths([folder.path().join("17/bin"), folder.path().join("9/bin")]).unwrap();
        assert_eq!(on_path(&path), Some(folder.path().join("9/bin")));
    }

    #[test]
    fn root_runs_the_server_as_another_user() {
        assert_eq!(command_line("initdb".as_ref(), false), ["initdb"]);
        assert_eq!(command_line("initdb".as_ref(), true).last().unwrap(), "initdb");
        assert_eq!(command_line("initdb".as_ref(), true).first().unwrap(), "setpriv");
    }
}
