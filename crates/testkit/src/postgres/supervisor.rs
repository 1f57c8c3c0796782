use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The shell that runs the server, and that outlives this process for as long as it takes to clean up.
#[derive(Debug)]
pub struct Supervisor {
    shell: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a [`Supervisor`] can be told to do.
#[derive(Clone, Copy, Debug)]
pub enum Order {
    /// Run the server.
    Start,
    /// See whether the server still runs.
    Look,
    /// Shut the server down in good order.
    Stop,
    /// End the server and all of its processes by `SIGKILL`.
    Kill,
    /// Suspend the server and all of its processes.
    Freeze,
    /// Let them go on.
    Thaw,
}

impl Order {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Look => "look",
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
        }
    }
}

impl Supervisor {
    /// Starts the shell, which will run `server` when it is told to, and remove `folder` in the end.
    pub fn new(folder: &Path, server: &[impl AsRef<OsStr>]) -> Self {
        let mut shell = Command::new("sh")
            .args(["-c", include_str!("supervisor.sh"), "supervisor"])
            .arg(folder)
            .args(server)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let orders = shell.stdin.take();
        let answers = BufReader::new(shell.stdout.take().unwrap());
        Self { shell, orders, answers }
    }

    /// Gives an order, waits until it is carried out and gives back the server's process id, `None` where none runs.
    pub fn tell(&mut self, order: Order) -> Option<u32> {
        writeln!(self.orders.as_ref().unwrap(), "{}", order.as_str()).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        answer.trim_end().parse().ok()
    }
}

impl Drop for Supervisor {
    /// Ends the server and waits until its folder is gone.
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.shell.wait();
    }
}
