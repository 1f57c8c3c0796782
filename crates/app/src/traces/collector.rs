use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use rustls::crypto::ring;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

/// The longest that one attempt to hand spans to the collector may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// More than any answer of a collector has.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// What hands spans to the collector at `url`, with these headers; it blocks the thread that asks it to.
pub fn exporter(url: &str, headers: HashMap<String, String>) -> Result<SpanExporter, String> {
    let exporter = SpanExporter::builder().with_http().with_http_client(Client::new());
    let exporter = exporter.with_endpoint(url).with_headers(headers).with_timeout(TIMEOUT).build();
    exporter.map_err(|error| error.to_string())
}

/// HTTP/1.1, over TLS where the URL says so, by the certificates that the system trusts.
#[derive(Debug)]
struct Client(Agent);

impl Client {
    fn new() -> Self {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
            .build();
        let agent = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(tls)
            .build();
        Self(agent.new_agent())
    }
}

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let (head, mut body) = self.0.run(Request::from_parts(head, body.as_ref()))?.into_parts();
        let answer = body.with_config().limit(LONGEST_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, answer.into()))
    }
}
