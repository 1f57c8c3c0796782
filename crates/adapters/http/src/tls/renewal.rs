use std::fmt;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::task::spawn_blocking;
use futures_util::future::select;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio_rustls::rustls::ServerConfig;
use tracing::{info, warn};

use super::identity::Identity;
use super::{CertificateError, CertificateFiles};

/// How TLS is spoken, with the newest certificate that can be used.
///
/// The whole configuration changes with the certificate, and so the sessions that it remembers go: whoever connects from then
/// on sees the new certificate. Connections that are open keep what they began with.
#[derive(Clone)]
pub struct Tls {
    newest: watch::Receiver<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads the certificate and its key, and gives back what keeps both up to date. Blocks.
    pub fn open(files: CertificateFiles) -> Result<(Self, CertificateRenewal), CertificateError> {
        let identity = files.read()?;
        let (publish, newest) = watch::channel(Arc::new(identity.server_config(&files)?));
        Ok((Self { newest }, CertificateRenewal { files: Arc::new(files), seen: Ok(identity), publish }))
    }

    /// How TLS is spoken on a connection that comes up now.
    pub(super) fn newest(&self) -> Arc<ServerConfig> {
        self.newest.borrow().clone()
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}

/// Keeps the certificate that is shown up to date with its files.
#[must_use]
pub struct CertificateRenewal {
    files: Arc<CertificateFiles>,
    /// What was last found, so that each state of the files is judged, and told of, once.
    seen: Result<Identity, CertificateError>,
    publish: watch::Sender<Arc<ServerConfig>>,
}

impl CertificateRenewal {
    /// Looks at the files again and again, `pause` apart and on SIGHUP, for as long as the future is polled.
    ///
    /// It reads them instead of asking when they changed: a link that leads elsewhere, as certbot and Kubernetes have
    /// it, is a change too, and two small files cost nothing.
    pub async fn keep_looking(mut self, pause: Duration) {
        let mut hangups = match signal(SignalKind::hangup()) {
            Ok(hangups) => Some(hangups),
            Err(error) => {
                warn!(%error, "cannot listen for SIGHUP: certificates are renewed by the clock alone");
                None
            }
        };
        loop {
            let pause = pin!(tokio::time::sleep(pause));
            match &mut hangups {
                Some(hangups) => {
                    select(pause, pin!(hangups.recv())).await;
                }
                None => pause.await,
            }
            self.look().await;
        }
    }

    /// Looks once: a certificate that can be used is shown from now on, one that cannot leaves the old one where it is.
    async fn look(&mut self) {
        let files = Arc::clone(&self.files);
        let Ok(found) = spawn_blocking(move || files.read()).await else { return };
        if found == self.seen {
            return;
        }
        let config = match &found {
            Ok(identity) => identity.server_config(&self.files),
            Err(error) => Err(error.clone()),
        };
        match config {
            Ok(config) => {
                self.publish.send_replace(Arc::new(config));
                info!("the certificate was renewed");
            }
            Err(error) => warn!(%error, "the new certificate cannot be used: keeping the old one"),
        }
        self.seen = found;
    }
}
