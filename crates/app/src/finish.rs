use std::process::ExitCode;

/// How a command ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// All is done.
    Done,
    /// Something of the data was refused, and has been told of.
    Refused,
    /// A signal stopped it, and what was begun is finished.
    Interrupted,
}

impl From<Finish> for ExitCode {
    fn from(finish: Finish) -> Self {
        match finish {
            Finish::Done => Self::SUCCESS,
            Finish::Refused => Self::FAILURE,
            // What a shell says of a command that SIGINT has ended: 128 and the signal's number.
            Finish::Interrupted => Self::from(130),
        }
    }
}
