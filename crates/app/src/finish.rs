use std::process::ExitCode;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// All is done.
    Done,
    /// Something of the data was refused, and has been told of.
    Refused,
    /// The database's schema is behind this version.
    Behind,
    /// The database's schema is ahead of this version.
    Ahead,
    /// A signal stopped it, and what was begun is finished.
    Interrupted,
}

impl From<Finish> for ExitCode {
    fn from(finish: Finish) -> Self {
        match finish {
            Finish::Done => Self::SUCCESS,
            Finish::Refused => Self::FAILURE,
            Finish::Behind => Self::from(3),
            Finish::Ahead => Self::from(4),
            // What a shell says of a command that SIGINT has ended: 128 and the signal's number.
            Finish::Interrupted => Self::from(130),
        }
    }
}
