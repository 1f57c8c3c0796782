use std::fmt;
use std::str::FromStr;

use reqwest::header::HeaderValue;

/// Names a version of a user (RFC 9110, section 8.8.3).
///
/// Opaque: keep it, compare it, send it back, read nothing into it. `{}` and `parse` are each other's reverse, so
/// that it can outlive a process.
///
/// ```
/// let etag: users_client::ETag = "\"000643a1b2c3d4e5\"".parse()?;
/// assert_eq!(etag.to_string(), "\"000643a1b2c3d4e5\"");
/// # Ok::<(), users_client::InvalidETag>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ETag(HeaderValue);

/// A text is no strong entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an entity tag is visible ASCII between quotation marks")]
pub struct InvalidETag;

impl ETag {
    pub(crate) fn of(value: &HeaderValue) -> Option<Self> {
        value.to_str().ok()?.parse().ok()
    }

    pub(crate) fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }

    /// The tag with its quotation marks.
    pub fn as_str(&self) -> &str {
        // Visible ASCII by construction.
        self.0.to_str().unwrap_or_default()
    }
}

impl FromStr for ETag {
    type Err = InvalidETag;

    /// Takes a strong tag in the form of a header; `*`, weak tags and lists of tags would mean something else.
    fn from_str(text: &str) -> Result<Self, InvalidETag> {
        let opaque = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or(InvalidETag)?;
        let good = opaque.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if !good {
            return Err(InvalidETag);
        }
        HeaderValue::from_str(text).map(Self).map_err(|_| InvalidETag)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ETag({self})")
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::ETag;

    #[rstest]
    #[case(r#""000643a1b2c3d4e5""#)]
    #[case(r#""a,b""#)]
    #[case(r#""""#)]
    fn accepts(#[case] text: &str) {
        assert_eq!(text.parse::<ETag>().unwrap().as_str(), text);
    }

    #[rstest]
    #[case("*")]
    #[case("abc")]
    #[case("\"")]
    #[case("")]
    #[case(r#"W/"abc""#)]
    #[case(r#""a", "b""#)]
    #[case("\"a\nb\"")]
    #[case("\"é\"")]
    fn refuses(#[case] text: &str) {
        assert!(text.parse::<ETag>().is_err());
    }
}
