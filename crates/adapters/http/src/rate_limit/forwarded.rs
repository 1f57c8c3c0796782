//! What proxies say of those before them: `X-Forwarded-For`, and `Forwarded` of RFC 7239.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::{self, HeaderMap, HeaderName};

/// The addresses that a request passed through, the client's own first; `None` where one cannot be read.
pub type Hops = Vec<Option<IpAddr>>;

/// The hops of `X-Forwarded-For`, where it is there.
pub fn x_forwarded_for(headers: &HeaderMap) -> Option<Hops> {
    hops(headers, &header::X_FORWARDED_FOR, |line| line.split(',').map(node).collect())
}

/// The hops of `Forwarded`, where it is there.
pub fn forwarded(headers: &HeaderMap) -> Option<Hops> {
    hops(headers, &header::FORWARDED, |line| match split(line, ',') {
        Some(elements) => elements.into_iter().map(element).collect(),
        // A quotation that does not end: a client may have opened it, to hide what the proxy added.
        None => vec![None],
    })
}

fn hops(headers: &HeaderMap, name: &HeaderName, read: impl Fn(&str) -> Hops) -> Option<Hops> {
    let mut lines = headers.get_all(name).peekable();
    lines.peek()?;
    Some(lines.flat_map(|line| line.to_str().map_or_else(|_| vec![None], &read)).collect())
}

/// The address of an element of `Forwarded`: the value of its parameter `for` (RFC 7239, section 4).
fn element(text: &str) -> Option<IpAddr> {
    let parameters = split(text, ';')?;
    let mut values = parameters.into_iter().filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value)
    });
    let value = values.next().filter(|_| values.next().is_none())?.trim();
    match value.strip_prefix('"') {
        // No address has anything in it that would have to be escaped.
        Some(quoted) => node(quoted.strip_suffix('"')?),
        None => node(value),
    }
}

/// An address, perhaps with a port. What stands for an address, such as `unknown`, is none.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let address = text.parse().ok().or_else(with_port).or_else(bracketed)?;
    Some(address.to_canonical())
}

/// Splits the text where the separator is not within quotation marks; `None` where a quotation does not end.
fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut quoted, mut escaped) = (false, false);
    let outside = |character: char| {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return !quoted && character == separator,
        }
        false
    };
    let parts = text.split(outside).collect();
    if quoted { None } else { Some(parts) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{forwarded, x_forwarded_for};

    fn headers(name: &HeaderName, lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(name.clone(), HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    fn texts(hops: Option<super::Hops>) -> Vec<String> {
        let text = |hop: Option<std::net::IpAddr>| hop.map_or("-".to_owned(), |hop| hop.to_string());
        hops.unwrap().into_iter().map(text).collect()
    }

    #[rstest]
    #[case::one(&["192.0.2.1"], &["192.0.2.1"])]
    #[case::several(&["192.0.2.1, 2001:db8::1,10.0.0.1"], &["192.0.2.1", "2001:db8::1", "10.0.0.1"])]
    #[case::lines(&["192.0.2.1", "10.0.0.1"], &["192.0.2.1", "10.0.0.1"])]
    #[case::ports(&["192.0.2.1:80, [2001:db8::1]:80, [2001:db8::2]"], &["192.0.2.1", "2001:db8::1", "2001:db8::2"])]
    #[case::mapped(&["::ffff:192.0.2.1"], &["192.0.2.1"])]
    #[case::others(&["unknown, ,x"], &["-", "-", "-"])]
    fn x_forwarded_for_is_read(#[case] lines: &[&str], #[case] expected: &[&str]) {
        assert_eq!(texts(x_forwarded_for(&headers(&header::X_FORWARDED_FOR, lines))), expected);
    }

    #[rstest]
    #[case::one(&["for=192.0.2.1"], &["192.0.2.1"])]
    #[case::parameters(&["proto=http; By=10.0.0.1 ;FOR=192.0.2.1"], &["192.0.2.1"])]
    #[case::quoted(&[r#"for="[2001:db8::1]:4711", for="192.0.2.1:80""#], &["2001:db8::1", "192.0.2.1"])]
    #[case::quoted_separators(&[r#"for=192.0.2.1;host="a,b;for=x\",", for=10.0.0.1"#], &["192.0.2.1", "10.0.0.1"])]
    #[case::obfuscated(&["for=_hidden, for=unknown, by=10.0.0.1"], &["-", "-", "-"])]
    #[case::twice(&["for=192.0.2.1;for=192.0.2.2"], &["-"])]
    #[case::open_quotation(&[r#"for=192.0.2.1;host=", for=10.0.0.1"#], &["-"])]
    #[case::open_quotation_closed_by_another(&[r#"for=192.0.2.1;host=", for="[2001:db8::1]""#], &["-"])]
    #[case::open_quotation_on_a_line_of_its_own(&["for=\"192.0.2.1", "for=10.0.0.1"], &["-", "10.0.0.1"])]
    fn forwarded_is_read(#[case] lines: &[&str], #[case] expected: &[&str]) {
        assert_eq!(texts(forwarded(&headers(&header::FORWARDED, lines))), expected);
    }

    #[test]
    fn without_a_header_there_are_no_hops() {
        assert!(x_forwarded_for(&HeaderMap::new()).is_none() && forwarded(&HeaderMap::new()).is_none());
    }

    proptest! {
        #[test]
        fn whatever_a_client_sends_what_its_proxy_adds_is_last_or_nothing_is(sent in "[ -~]{0,40}") {
            for added in [", for=10.0.0.1", r#", by="x";for="10.0.0.1:80""#] {
                let hops = texts(forwarded(&headers(&header::FORWARDED, &[&format!("{sent}{added}")])));
                let last = hops.last().unwrap();
                prop_assert!(last == "10.0.0.1" || hops == ["-"], "{:?}", hops);
            }
        }
    }
}
