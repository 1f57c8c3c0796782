//! TLS in the service's own hands: the certificate, how it is renewed, and how connections come to be encrypted.

mod acceptor;
mod certificate_error;
mod certificate_files;
mod identity;
mod renewal;

pub use acceptor::Acceptor;
pub use certificate_error::CertificateError;
pub use certificate_files::CertificateFiles;
pub use renewal::{CertificateRenewal, Tls};
