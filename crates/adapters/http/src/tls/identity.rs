use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{Error, ServerConfig};

use super::{CertificateError, CertificateFiles};

/// What the service tells clients to speak inside of TLS (RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";

/// A certificate and its key as they stand in their files.
///
/// `Debug` is left out on purpose: nothing is to write a key anywhere.
#[derive(PartialEq, Eq)]
pub struct Identity {
    /// PEM of the certificates.
    pub chain: Vec<u8>,
    /// PEM of the key.
    pub key: Vec<u8>,
}

impl Identity {
    /// How a server speaks TLS that shows this certificate; `files` is where it was read from, for the failure.
    ///
    /// Refused is a key that is not the certificate's. That a certificate is out of date is for clients to say: a clock
    /// that is wrong must not keep the service from starting.
    pub fn server_config(&self, files: &CertificateFiles) -> Result<ServerConfig, CertificateError> {
        let (chain, key) = (self.certificates(files)?, self.private_key(files)?);
        let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| CertificateError::new(&files.chain, format!("cannot be served: {error}")))?;
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| mismatch(&error, files))?;
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(config)
    }

    fn certificates(
        &self,
        files: &CertificateFiles,
    ) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.chain).collect();
        match chain {
            Ok(chain) if chain.is_empty() => {
                Err(CertificateError::new(&files.chain, "holds no certificate in PEM (BEGIN CERTIFICATE)"))
            }
            Ok(chain) => Ok(chain),
            Err(_) => Err(CertificateError::new(&files.chain, "is not whole: its PEM cannot be read")),
        }
    }

    fn private_key(&self, files: &CertificateFiles) -> Result<PrivateKeyDer<'static>, CertificateError> {
        let refused = |problem| Err(CertificateError::new(&files.key, problem));
        if self.key.windows(9).any(|word| word == b"ENCRYPTED") {
            return refused("holds a key with a passphrase: the service needs one without");
        }
        match PrivateKeyDer::pem_slice_iter(&self.key).next() {
            Some(Ok(key)) => Ok(key),
            Some(Err(_)) => refused("is not whole: its PEM cannot be read"),
            None => refused("holds no private key in PEM (BEGIN PRIVATE KEY)"),
        }
    }
}

/// What is wrong with a certificate and a key that were read.
fn mismatch(error: &Error, files: &CertificateFiles) -> CertificateError {
    match error {
        Error::InconsistentKeys(_) => CertificateError::new(
            &files.key,
            format!("holds a key that does not belong to the certificate in {}", files.chain.display()),
        ),
        Error::InvalidCertificate(_) => {
            CertificateError::new(&files.chain, "holds a certificate that cannot be read")
        }
        _ => CertificateError::new(
            &files.key,
            "holds a key that cannot be used: RSA of 2048 bits or more, ECDSA on P-256 or P-384, and Ed25519 can be",
        ),
    }
}
