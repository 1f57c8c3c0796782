use std::io::{self, Write as _};

use crate::failure::Failure;

/// Writes `text` to standard output as it is.
///
/// A reader that has seen enough (`users token list | head -1`) is no failure.
pub fn write(text: &str) -> Result<(), Failure> {
    match write_whole(text) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::System { doing: "cannot write to standard output", source: error })
        }
        _ => Ok(()),
    }
}

/// Writes `text` to standard output, which must take all of it.
pub fn write_whole(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush())
}

/// Tells the person at the terminal something that is not the command's result, on standard error.
pub fn note(text: &str) {
    // Where standard error is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}
