use std::fs;
use std::path::{Path, PathBuf};

use super::CertificateError;
use super::identity::Identity;

/// Where a server's certificate and its private key are kept, both in PEM.
#[derive(Clone, Debug)]
pub struct CertificateFiles {
    /// The server's certificate, and behind it those of the authorities up to one that clients trust.
    pub chain: PathBuf,
    /// The key of the server's certificate: PKCS#8, PKCS#1 or SEC1, without a passphrase.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Reads both files as they are now; what is in them is not looked at yet. Blocks.
    pub(super) fn read(&self) -> Result<Identity, CertificateError> {
        Ok(Identity { chain: read(&self.chain)?, key: read(&self.key)? })
    }
}

fn read(file: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(file).map_err(|error| CertificateError::new(file, format!("cannot be read: {error}")))
}
