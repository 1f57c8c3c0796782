use url::Url;

use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// A picture of the user: an `http` or `https` URL, the same without its scheme, or a path.
    ///
    /// - What begins with a scheme (RFC 3986, section 3.1) and a colon must be an `http` or `https` URL
    ///   with `//` and a host. Every other scheme is refused: `javascript:` and `data:` do harm where a
    ///   page shows the picture.
    /// - Anything else is a path, from the root (`/img/ada.png`) or not (`img/ada.png?size=2`). As RFC 3986
    ///   has it (section 4.2), its first segment holds no colon.
    /// - `//host/ada.png` is a reference without a scheme (section 4.2) and must be valid as a URL with one.
    /// - A space may stand inside a path (`images/ada l.png`), but not at its ends, and not in a URL. Other white space and
    ///   backslashes are rejected. Browsers drop the one and read the other as a slash, so ` javascript:` and `/\host`
    ///   would be something else to them than to us.
    /// - It may be empty.
    Avatar
}

impl Avatar {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 2048;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        let good = match scheme(text) {
            Some((scheme, rest)) => is_web(scheme) && is_host_and_path(rest),
            None if text.starts_with("//") => is_host_and_path(text),
            None => text.is_empty() || is_path(text),
        };
        if good {
            return Ok(());
        }
        let detail = "must be an http or https URL, the same without its scheme (//host/path), or a path";
        Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
    }
}

/// Splits `scheme ":" rest`, with `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
fn scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let begins = scheme.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    (begins && scheme.bytes().all(fits)).then_some((scheme, rest))
}

fn is_web(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
}

/// Whether a host that can be meant stands behind exactly two slashes, and nothing that a browser would read differently.
///
/// The `url` crate reads `http:host` and `http:///host` too, and hosts of dots alone.
fn is_host_and_path(text: &str) -> bool {
    let has_authority = text.strip_prefix("//").is_some_and(|authority| !authority.starts_with('/'));
    has_authority
        && !text.contains(|c: char| c.is_whitespace() || c == '\\')
        && Url::parse(&format!("https:{text}"))
            .is_ok_and(|url| url.host_str().is_some_and(|host| !host.trim_matches('.').is_empty()))
}

fn is_path(text: &str) -> bool {
    let first_segment = text.split(['/', '?', '#']).next().unwrap_or_default();
    !text.starts_with([' ', '?', '#'])
        && !text.ends_with(' ')
        && !text.contains(|c: char| (c.is_whitespace() && c != ' ') || c == '\\')
        && !first_segment.contains(':')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use url::Url;

    use super::Avatar;
    use crate::RuleCode;

    #[rstest]
    #[case("")]
    #[case("https://example.org/ada.png")]
    #[case("HTTP://example.org:8080/ada.png?size=2#top")]
    #[case("https://example.org")]
    #[case("https://ada@example.org/a.png")]
    #[case("https://[2001:db8::1]/a.png")]
    #[case("https://bücher.example/ä.png")]
    #[case("/img/ada.png")]
    #[case("img/ada.png?size=2&v=a:b")]
    #[case("../ada.png")]
    #[case("./a:b.png")]
    #[case("/a:b.png")]
    #[case("ada.png")]
    #[case("//cdn.example.com/a.png")]
    #[case("//cdn.example.com:8080/a.png?size=2#top")]
    #[case("images/a b.png")]
    #[case("/a b.png")]
    #[case("/")]
    #[case("/img//ada.png")]
    #[case("/bilder/ä.png")]
    #[case(&format!("/{}", "é".repeat(2047)))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Avatar::parse(text).map(Avatar::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case("javascript:alert(1)")]
    #[case("JaVaScRiPt:alert(1)")]
    #[case("javascript://example.org/%0Aalert(1)")]
    #[case(" javascript:alert(1)")]
    #[case("\u{200B}javascript:alert(1)")]
    #[case("data:image/png;base64,AAAA")]
    #[case("vbscript:x")]
    #[case("file:///etc/passwd")]
    #[case("ftp://example.org/a.png")]
    #[case("blob:https://example.org/1")]
    #[case("C:/ada.png")]
    #[case("localhost:8080/a.png")]
    #[case("1:a.png")]
    #[case(":a.png")]
    #[case("http:example.org")]
    #[case("http:/example.org")]
    #[case("http:///example.org")]
    #[case("http://")]
    #[case("http://?a")]
    #[case("http://:80")]
    #[case("http://ada@")]
    #[case("http://example.org:99999")]
    #[case("http://256.256.256.256/")]
    #[case("http://exa<mple.org/")]
    #[case("https://./")]
    #[case("https://..")]
    #[case("//")]
    #[case("//./a.png")]
    #[case("//ada@")]
    #[case("//exa<mple.org/a.png")]
    #[case("//example.org/a b.png")]
    #[case("java script:alert(1)")]
    #[case("///example.org/a.png")]
    #[case("/\\example.org/a.png")]
    #[case("https:\\\\example.org")]
    #[case("https://example.org\\a.png")]
    #[case("?size=2")]
    #[case("#top")]
    #[case(" /a.png")]
    #[case("/a.png ")]
    #[case("/a\u{A0}b.png")]
    #[case("/a\u{2028}b.png")]
    #[case("https://example.org/a b.png")]
    fn refuses(#[case] text: &str) {
        assert_eq!(Avatar::parse(text).unwrap_err().code(), RuleCode::InvalidFormat);
    }

    #[rstest]
    #[case(&format!("/{}", "é".repeat(2048)), RuleCode::TooLong)]
    #[case("java\nscript:alert(1)", RuleCode::ControlCharacter)]
    #[case("\u{1}javascript:alert(1)", RuleCode::ControlCharacter)]
    #[case("/a\0.png", RuleCode::ControlCharacter)]
    fn refuses_what_no_text_may_hold(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Avatar::parse(text).unwrap_err().code(), code);
    }

    proptest! {
        /// Read as a browser reads it on a page, an avatar is always of the web, and a path always on the
        /// page's own host.
        #[test]
        fn a_browser_never_meets_another_scheme(
            text in prop_oneof![r"[ \\/:.?#@a-z-]{0,16}", r"(https?|javascript|data)?[:/\\ ]{0,4}\PC{0,12}"]
        ) {
            let page = Url::parse("https://page.example/users/").unwrap();
            if Avatar::parse(text.as_str()).is_ok() && let Ok(url) = page.join(&text) {
                prop_assert!(matches!(url.scheme(), "http" | "https"), "{}", text);
                let is_url = ["http://", "https://", "//"].iter().any(|start| text.starts_with(start));
                prop_assert!(is_url || url.host_str() == Some("page.example"), "{}", text);
            }
        }
    }
}
