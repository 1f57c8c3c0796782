use std::str::FromStr;
use std::sync::Arc;

use actix_web::{HttpRequest, web};
use url::Url;

/// The URL below which clients reach the service, such as `https://api.example.org/users-api`. By default there is none,
/// and every reference is a path from the root of wherever the client sent its request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicUrl(Arc<str>);

/// A text that is no public URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be an http or https URL without a user, a query and a fragment, such as https://api.example.org/users-api"
)]
pub struct NotAPublicUrl;

impl PublicUrl {
    /// The one that the server was configured with.
    pub fn of(request: &HttpRequest) -> Self {
        request.app_data::<web::Data<Self>>().map_or_else(Self::default, |url| url.get_ref().clone())
    }

    /// The reference to a path of the service, which begins with a slash.
    pub fn of_path(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| NotAPublicUrl)?;
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if ["http", "https"].contains(&url.scheme()) && is_plain {
            Ok(Self(url.as_str().trim_end_matches('/').into()))
        } else {
            Err(NotAPublicUrl)
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::PublicUrl;

    #[rstest]
    #[case("https://api.example.org", "https://api.example.org/v1/users")]
    #[case("https://api.example.org/", "https://api.example.org/v1/users")]
    #[case("http://api.example.org:8080/users-api/", "http://api.example.org:8080/users-api/v1/users")]
    #[case("https://Bücher.example/a b", "https://xn--bcher-kva.example/a%20b/v1/users")]
    fn paths_are_below_it(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(text.parse::<PublicUrl>().unwrap().of_path("/v1/users"), expected);
    }

    #[test]
    fn without_one_a_path_is_from_the_root() {
        assert_eq!(PublicUrl::default().of_path("/v1/users"), "/v1/users");
    }

    #[rstest]
    #[case("")]
    #[case("/users-api")]
    #[case("api.example.org")]
    #[case("ftp://api.example.org")]
    #[case("https://ada@api.example.org")]
    #[case("https://api.example.org/?x=y")]
    #[case("https://api.example.org/#x")]
    fn what_is_no_url_is_rejected(#[case] text: &str) {
        assert!(text.parse::<PublicUrl>().is_err());
    }
}
