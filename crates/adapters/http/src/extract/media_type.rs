/// A media type with its parameters, as `Content-Type` has it (RFC 9110, section 8.3.1).
#[derive(Debug, PartialEq, Eq)]
pub struct MediaType {
    /// Type and subtype, in small letters.
    pub essence: String,
    /// Name and value of each parameter, the name in small letters.
    pub parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a media type; `None` if the text is not one.
    ///
    /// White space may stand on both sides of a semicolon, and nothing between two of them (RFC 9110, section 5.6.6).
    pub fn parse(text: &str) -> Option<Self> {
        let (essence, mut rest) = text.split_at(text.find(';').unwrap_or(text.len()));
        let essence = essence.trim_matches(OWS).to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut parameters = Vec::new();
        loop {
            rest = rest.trim_matches(|c| OWS.contains(&c) || c == ';');
            if rest.is_empty() {
                return Some(Self { essence, parameters });
            }
            let (parameter, after) = read_parameter(rest)?;
            parameters.push(parameter);
            rest = after.trim_start_matches(OWS);
            if !rest.is_empty() && !rest.starts_with(';') {
                return None;
            }
        }
    }

    /// Whether the text is in UTF-8, as far as `charset` says. ASCII is a part of it.
    pub fn is_utf_8(&self) -> bool {
        const LABELS: [&str; 4] = ["utf-8", "utf8", "us-ascii", "ascii"];
        let mut charsets = self.parameters.iter().filter(|(name, _)| name == "charset");
        charsets.all(|(_, charset)| LABELS.iter().any(|label| charset.eq_ignore_ascii_case(label)))
    }
}

/// Optional white space (RFC 9110, section 5.6.3).
const OWS: [char; 2] = [' ', '\t'];

/// `parameter = token "=" ( token / quoted-string )`
fn read_parameter(text: &str) -> Option<((String, String), &str)> {
    let (name, rest) = text.split_once('=')?;
    if !is_token(name) {
        return None;
    }
    let (value, rest) = if let Some(quoted) = rest.strip_prefix('"') {
        read_quoted(quoted)?
    } else {
        let (value, rest) = rest.split_at(rest.find([';', ' ', '\t']).unwrap_or(rest.len()));
        is_token(value).then(|| (value.to_owned(), rest))?
    };
    Some(((name.to_ascii_lowercase(), value), rest))
}

/// Reads what follows the opening mark of a quoted string, to behind the closing one.
fn read_quoted(text: &str) -> Option<(String, &str)> {
    let (mut value, mut chars) = (String::new(), text.chars());
    loop {
        match chars.next()? {
            '"' => return Some((value, chars.as_str())),
            '\\' => value.push(chars.next()?),
            c => value.push(c),
        }
    }
}

fn is_token(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::MediaType;

    #[rstest]
    #[case("application/json", "application/json", &[])]
    #[case(" Application/JSON ", "application/json", &[])]
    #[case("a/b ; charset=utf-8", "a/b", &[("charset", "utf-8")])]
    #[case("a/b;\tcharset=utf-8", "a/b", &[("charset", "utf-8")])]
    #[case("a/b;;charset=utf-8;", "a/b", &[("charset", "utf-8")])]
    #[case("a/b; CharSet=\"U\\TF-8\" ;q=1", "a/b", &[("charset", "UTF-8"), ("q", "1")])]
    fn reads(#[case] text: &str, #[case] essence: &str, #[case] parameters: &[(&str, &str)]) {
        let parameters = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        assert_eq!(MediaType::parse(text), Some(MediaType { essence: essence.into(), parameters }));
    }

    #[rstest]
    #[case("")]
    #[case("json")]
    #[case("/json")]
    #[case("a/")]
    #[case("a/b/c")]
    #[case("a b/c")]
    #[case("a/b, c/d")]
    #[case("a/b; charset")]
    #[case("a/b; charset=")]
    #[case("a/b; charset =utf-8")]
    #[case("a/b; charset= utf-8")]
    #[case("a/b; charset=\"utf-8")]
    #[case("a/b; charset=utf-8 q=1")]
    #[case("a/b; q=\"1\"2")]
    fn refuses(#[case] text: &str) {
        assert_eq!(MediaType::parse(text), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in prop_oneof![any::<String>(), r#"a/b[;= \\"a-z]{0,20}"#]) {
            let _ = MediaType::parse(&text);
        }
    }
}
