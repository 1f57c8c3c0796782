use std::path::{Path, PathBuf};

/// Why a certificate and its key cannot be used: which file, and what is wrong with it. Nothing of a key is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} {problem}", file.display())]
pub struct CertificateError {
    file: PathBuf,
    problem: String,
}

impl CertificateError {
    /// `problem` goes on where the name of the file ends: "cannot be read: …".
    pub(super) fn new(file: &Path, problem: impl Into<String>) -> Self {
        Self { file: file.to_owned(), problem: problem.into() }
    }
}
