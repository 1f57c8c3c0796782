use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::http::header::HeaderValue;

/// The pages that a browser lets read the answers of the service, by the origin that they come from: none by default.
///
/// An origin is compared byte for byte with what browsers send in `Origin` (RFC 6454, section 7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AllowedOrigins {
    /// None: the service says nothing of origins.
    #[default]
    None,
    /// Every one.
    Any,
    /// These.
    Listed(Arc<[HeaderValue]>),
}

/// A text that is no list of origins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOrigins;

impl FromStr for AllowedOrigins {
    type Err = NotOrigins;

    /// Reads origins with commas between, or `*` alone.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let origin = |text: &str| {
            let origin = text.trim();
            let value = is_origin(origin).then(|| HeaderValue::from_str(origin).ok()).flatten();
            value.ok_or(NotOrigins)
        };
        text.split(',').map(origin).collect::<Result<Arc<[_]>, _>>().map(Self::Listed)
    }
}

/// Whether a browser could send this: a scheme, a host in lower case, and a port where it is not the scheme's own.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+.-".contains(&b));
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of an IPv6 address in brackets is none before a port.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_port = |port: &str| {
        let own = matches!((scheme, port), ("https", "443") | ("http", "80"));
        !own && port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
    };
    is_scheme && is_host(host) && port.is_none_or(is_port)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[') {
        return address.strip_suffix(']').is_some_and(|address| {
            // As browsers write it: shortened, and in lower case.
            address.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address)
        });
    }
    let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
    !host.is_empty() && host.bytes().all(is_letter)
}

impl fmt::Display for NotOrigins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "must be origins as browsers send them, with commas between, such as https://app.example.org,http://localhost:5173 \
             (lower case, no path, no slash at the end, no port that is the scheme's own), or * alone",
        )
    }
}

impl std::error::Error for NotOrigins {}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{AllowedOrigins, NotOrigins};

    #[rstest]
    #[case("https://app.example.org", 1)]
    #[case("https://app.example.org, http://localhost:5173", 2)]
    #[case("http://[::1]:8080,http://[::1]", 2)]
    #[case("http://127.0.0.1:3000", 1)]
    #[case("capacitor://localhost", 1)]
    #[case("chrome-extension://abcdefghijklmnop", 1)]
    #[case("https://xn--bcher-kva.example", 1)]
    fn origins_are_read(#[case] text: &str, #[case] count: usize) {
        let Ok(AllowedOrigins::Listed(origins)) = text.parse() else { panic!("{text} is refused") };
        assert_eq!(origins.len(), count);
    }

    #[test]
    fn a_star_is_every_origin() {
        assert_eq!("*".parse(), Ok(AllowedOrigins::Any));
        assert_eq!(" * ".parse(), Ok(AllowedOrigins::Any));
    }

    /// What would never be equal to what a browser sends would be a setting without effect.
    #[rstest]
    #[case("")]
    #[case("null")]
    #[case("app.example.org")]
    #[case("https://")]
    #[case("https://app.example.org/")]
    #[case("https://app.example.org/x")]
    #[case("https://App.example.org")]
    #[case("HTTPS://app.example.org")]
    #[case("https://app.example.org:443")]
    #[case("http://app.example.org:80")]
    #[case("http://app.example.org:")]
    #[case("http://app.example.org:0")]
    #[case("http://app.example.org:08080")]
    #[case("http://app.example.org:70000")]
    #[case("https://*.example.org")]
    #[case("https://ada@example.org")]
    #[case("https://bücher.example")]
    #[case("http://[::1")]
    #[case("http://[0:0:0:0:0:0:0:1]")]
    #[case("*,https://app.example.org")]
    #[case("https://app.example.org,")]
    fn what_no_browser_sends_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<AllowedOrigins>(), Err(NotOrigins));
    }
}
