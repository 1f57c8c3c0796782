use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::process::{Command, Output, Stdio};

use super::{TestDatabase, binary};

/// How a command ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code; 124 where it had not ended after a minute, and `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

impl Outcome {
    /// What it wrote to standard error besides its log, which is in JSON.
    pub fn messages(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| !line.starts_with('{')).collect()
    }

    /// Checks that it succeeded, and gives back what it wrote to standard output.
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// Checks that it failed with this exit code, without output, and gives back its one sentence.
    pub fn failure(&self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(code), ""), "{self:?}");
        let messages = self.messages();
        assert_eq!(messages.len(), 1, "one sentence: {self:?}");
        messages.concat()
    }
}

/// Runs a command of the binary on this database to its end: `arguments` are separated by spaces.
///
/// `environment` is all that the command finds there, besides `DATABASE_URL`.
pub fn users(database: &TestDatabase, arguments: &str, environment: &[(&str, &str)]) -> Outcome {
    let mut command = command(database, arguments);
    outcome(command.envs(environment.iter().copied()).stdin(Stdio::null()).output().unwrap())
}

/// Runs a command of the binary on this database to its end, with `input` as its standard input.
pub fn users_reading(database: &TestDatabase, arguments: &str, input: &str) -> Outcome {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(input.as_bytes()).unwrap();
    file.rewind().unwrap();
    outcome(command(database, arguments).stdin(file).output().unwrap())
}

/// Runs a command of the binary on this database to its end, with `output` as its standard output.
pub fn users_writing(database: &TestDatabase, arguments: &str, output: File) -> Outcome {
    outcome(command(database, arguments).stdin(Stdio::null()).stdout(output).output().unwrap())
}

fn command(database: &TestDatabase, arguments: &str) -> Command {
    let mut command = Command::new("timeout");
    command
        .arg("60")
        .arg(binary::path())
        .args(arguments.split_whitespace())
        .current_dir(database.folder())
        .env_clear()
        .env("DATABASE_URL", database.url());
    command
}

fn outcome(Output { status, stdout, stderr }: Output) -> Outcome {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}
