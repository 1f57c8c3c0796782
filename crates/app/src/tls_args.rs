use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use users_http::{CertificateFiles, CertificateRenewal, Tls};

use crate::failure::Failure;

/// How long it is between two looks whether the certificate was renewed.
pub const RENEWAL_PAUSE: Duration = Duration::from_secs(5);

/// How the service encrypts what it says to its clients.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "TLS")]
pub struct TlsArgs {
    /// The certificate to serve HTTPS with: a file in PEM, the service's own certificate first and those of the
    /// authorities between behind it [default: plain HTTP].
    ///
    /// A renewed certificate is served to new connections within 5 seconds, or at once on SIGHUP; where the files do
    /// not fit each other, the old one is kept.
    #[arg(long, env = "USERS_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of the certificate: a file in PEM, without a passphrase.
    #[arg(long, env = "USERS_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
}

impl TlsArgs {
    /// Reads the certificate and its key, where there are any; one without the other is refused.
    pub fn open(&self) -> Result<Option<(Tls, CertificateRenewal)>, Failure> {
        let files = match (&self.tls_cert, &self.tls_key) {
            (None, None) => return Ok(None),
            (Some(chain), Some(key)) => CertificateFiles { chain: chain.clone(), key: key.clone() },
            (Some(_), None) => return Err(alone("USERS_TLS_CERT (--tls-cert)", "USERS_TLS_KEY (--tls-key)")),
            (None, Some(_)) => return Err(alone("USERS_TLS_KEY (--tls-key)", "USERS_TLS_CERT (--tls-cert)")),
        };
        Tls::open(files).map(Some).map_err(|error| {
            let settings = "USERS_TLS_CERT (--tls-cert) and USERS_TLS_KEY (--tls-key)";
            Failure::Settings(format!("cannot serve TLS by {settings}: {error}"))
        })
    }
}

fn alone(given: &str, missing: &str) -> Failure {
    Failure::Settings(format!("{given} needs {missing} beside it: a certificate and its key go together"))
}
