use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::debug;

use crate::failure::Failure;

/// The fewest files that the service can work with: its threads, its database connections, and a few dozen clients.
const FEWEST: u64 = 128;

/// Raises the limit of open files, which are connections above all, to the most that the process may have (`getrlimit(2)`).
///
/// The soft limit is low for programs that use `select(2)`, which this is not.
pub fn raise_limit() -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, ..limit };
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, raised).is_err() {
        debug!(limit = limit.current, "the limit of open files cannot be raised");
    }
    check(getrlimit(Resource::Nofile).current)
}

/// Whether so many files are enough; `None` stands for any number.
fn check(limit: Option<u64>) -> Result<(), Failure> {
    match limit {
        Some(limit) if limit < FEWEST => Err(Failure::Settings(format!(
            "the service may have {limit} files and connections open, and needs {FEWEST} at least: raise the limit \
             (`ulimit -n`, or LimitNOFILE in a unit of systemd)"
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{FEWEST, check};

    #[test]
    fn too_few_are_told() {
        assert!(check(None).is_ok() && check(Some(FEWEST)).is_ok());
        let sentence = check(Some(16)).unwrap_err().to_string();
        assert!(sentence.starts_with("the service may have 16 files and connections open, and needs 128"));
    }
}
