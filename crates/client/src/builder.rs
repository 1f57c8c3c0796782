use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect;
use reqwest::{Certificate, Url};

use crate::transport::{JSON, Transport};
use crate::{Client, Error, RetryPolicy};

/// What the client calls itself unless it is told otherwise.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// Makes a [`Client`]; see [`Client::builder`].
#[must_use]
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: String,
    token: String,
    timeout: Duration,
    connect_timeout: Duration,
    user_agent: String,
    root_certificates: Vec<u8>,
    retry: RetryPolicy,
}

impl ClientBuilder {
    pub(crate) fn new(base_url: String, token: String) -> Self {
        Self {
            base_url,
            token,
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(3),
            user_agent: USER_AGENT.to_owned(),
            root_certificates: Vec::new(),
            retry: RetryPolicy::default(),
        }
    }

    /// How long one attempt may take, from connecting to the last byte of the answer; 10 seconds unless it is said.
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// How long connecting may take; 3 seconds unless it is said.
    pub fn connect_timeout(self, connect_timeout: Duration) -> Self {
        Self { connect_timeout, ..self }
    }

    /// What the program calls itself in `User-Agent`, such as `crm/1.2`.
    pub fn user_agent(self, user_agent: impl Into<String>) -> Self {
        Self { user_agent: user_agent.into(), ..self }
    }

    /// Trusts these authorities too (PEM, one or more), besides those that the system trusts.
    pub fn root_certificates(self, pem: impl Into<Vec<u8>>) -> Self {
        Self { root_certificates: pem.into(), ..self }
    }

    /// How often and when to send a request again; see [`RetryPolicy::default`].
    pub fn retry(self, retry: RetryPolicy) -> Self {
        Self { retry, ..self }
    }

    /// Makes the client; nothing is sent yet.
    pub fn build(self) -> Result<Client, Error> {
        let base = base(&self.base_url)?;
        let mut http = reqwest::Client::builder()
            .default_headers(headers(&self.token)?)
            .user_agent(HeaderValue::from_str(&self.user_agent).map_err(|_| invalid("the user agent"))?)
            .connect_timeout(self.connect_timeout)
            // The service redirects nobody, and a token must not follow.
            .redirect(redirect::Policy::none());
        if !self.root_certificates.is_empty() {
            let certificates = Certificate::from_pem_bundle(&self.root_certificates)
                .map_err(|_| invalid("the certificate of an authority"))?;
            http = certificates.into_iter().fold(http, reqwest::ClientBuilder::add_root_certificate);
        }
        let http = http.build().map_err(|error| Error::Invalid(error.to_string()))?;
        let Self { timeout, retry, .. } = self;
        Ok(Client { transport: Arc::new(Transport { http, base, timeout, retry, traceparent: None }) })
    }
}

/// Reads the base URL: one that paths can be put behind.
fn base(text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|_| invalid("the base URL"))?;
    let plain = url.query().is_none() && url.fragment().is_none();
    let anonymous = url.username().is_empty() && url.password().is_none();
    let web = matches!(url.scheme(), "http" | "https");
    if plain && anonymous && web { Ok(url) } else { Err(invalid("the base URL")) }
}

/// What every request has.
fn headers(token: &str) -> Result<HeaderMap, Error> {
    let mut authorization =
        HeaderValue::from_str(&format!("Token {token}")).map_err(|_| invalid("the token"))?;
    authorization.set_sensitive(true);
    Ok(HeaderMap::from_iter([(AUTHORIZATION, authorization), (ACCEPT, JSON)]))
}

fn invalid(what: &str) -> Error {
    Error::Invalid(format!("{what} is not valid"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::{Client, Error};

    #[rstest]
    #[case("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/users")]
    #[case("https://example.org/", "https://example.org/v1/users")]
    #[case("https://example.org/people/", "https://example.org/people/v1/users")]
    #[case("https://example.org/people", "https://example.org/people/v1/users")]
    fn paths_are_put_behind_the_base_url(#[case] base: &str, #[case] url: &str) {
        let client = Client::builder(base, "usr_x").build().unwrap();
        let request = client.transport.request(reqwest::Method::GET, &["v1", "users"]);
        assert_eq!(request.url().as_str(), url);
    }

    #[rstest]
    #[case("example.org", "x")]
    #[case("", "x")]
    #[case("ftp://example.org", "x")]
    #[case("data:text/plain,x", "x")]
    #[case("https://example.org?x=1", "x")]
    #[case("https://example.org#x", "x")]
    #[case("https://ada:secret@example.org", "x")]
    #[case("https://example.org", "a\nb")]
    fn what_cannot_be_meant_is_refused_without_being_repeated(#[case] base: &str, #[case] token: &str) {
        let error = Client::builder(base, token).build().unwrap_err();
        assert!(matches!(&error, Error::Invalid(why) if why.ends_with("is not valid")), "{error}");
    }

    #[test]
    fn a_certificate_that_is_none_and_a_strange_name_are_refused() {
        let builder = Client::builder("https://example.org", "x");
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(builder.clone().root_certificates(broken).build().is_err());
        assert!(builder.user_agent("a\nb").build().is_err());
    }

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        let client = Client::builder("http://127.0.0.1:8080", "x").build().unwrap();
        for id in ["", ".", "..", "bulk", "count", "search"] {
            let refused = client.transport.user_request(reqwest::Method::DELETE, id);
            assert!(matches!(refused, Err(Error::Invalid(_))), "{id:?}");
        }
        let strange = client.transport.user_request(reqwest::Method::GET, "../a?b#c%2Fd e").unwrap();
        assert_eq!(strange.url().path(), "/v1/users/..%2Fa%3Fb%23c%252Fd%20e");
        assert_eq!((strange.url().query(), strange.url().fragment()), (None, None));
    }

    #[test]
    fn debug_does_not_tell_the_token() {
        let client = Client::builder("http://127.0.0.1:8080", "usr_secret").build().unwrap();
        assert!(!format!("{client:?}").contains("usr_secret"), "{client:?}");
    }
}
