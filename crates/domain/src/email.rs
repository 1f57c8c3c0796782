use std::net::Ipv6Addr;

use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text};

personal_text! {
    /// The address that the user can be reached at: a `Mailbox` of RFC 5321, section 4.1.2.
    ///
    /// - The local part is a dot-string (`ada.lovelace`) or a quoted string (`"ada lovelace"`), of at most
    ///   [`MAX_LOCAL_PART`](Self::MAX_LOCAL_PART) octets.
    /// - After the last `@` comes a domain, of which one label is enough (`ada@localhost`), or an address
    ///   literal (`[192.0.2.1]`, `[IPv6:2001:db8::1]`). Literals of other kinds are refused: IANA has
    ///   registered none.
    /// - All of it is ASCII; a domain in another script is written in its `xn--` form.
    ///
    /// Whether mail arrives there is another question, which no rule can answer.
    Email
}

impl Email {
    /// The greatest length, in characters: the 256 octets of a path less its two angle brackets (RFC 5321,
    /// section 4.5.3.1.3).
    pub const MAX_LENGTH: u64 = 254;

    /// The greatest length of what stands before the `@`, in octets (RFC 5321, section 4.5.3.1.1).
    pub const MAX_LOCAL_PART: usize = 64;

    /// The greatest length of a label of the domain, in octets (RFC 1035, section 2.3.4).
    pub const MAX_LABEL: usize = 63;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        // Neither a domain nor a literal holds an @, while a quoted local part may: the last one separates.
        match text.rsplit_once('@') {
            Some((local, domain)) if is_local_part(local) && (is_domain(domain) || is_literal(domain)) => {
                Ok(())
            }
            _ => Err(BrokenRule::new(RuleCode::InvalidFormat, "must be an email address as in RFC 5321")),
        }
    }
}

/// `Local-part = Dot-string / Quoted-string`
fn is_local_part(text: &str) -> bool {
    text.len() <= Email::MAX_LOCAL_PART && (text.split('.').all(is_atom) || is_quoted_string(text))
}

/// `Atom = 1*atext`, with `atext` of RFC 5322, section 3.2.3.
fn is_atom(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`
fn is_quoted_string(text: &str) -> bool {
    let Some(content) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut bytes = content.bytes();
    while let Some(byte) = bytes.next() {
        let printable = match byte {
            // A backslash takes the next character with it, whatever it is.
            b'\\' => bytes.next().is_some_and(is_printable),
            b'"' => false,
            other => is_printable(other),
        };
        if !printable {
            return false;
        }
    }
    true
}

const fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

/// `Domain = sub-domain *("." sub-domain)`
fn is_domain(text: &str) -> bool {
    text.split('.').all(|label| {
        (1..=Email::MAX_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// `address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"`
fn is_literal(text: &str) -> bool {
    const TAG: &str = "IPv6:";
    let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return false;
    };
    match address.split_at_checked(TAG.len()) {
        Some((tag, address)) if tag.eq_ignore_ascii_case(TAG) => is_ipv6(address),
        _ => is_ipv4(address),
    }
}

/// `Snum 3("." Snum)`, with `Snum = 1*3DIGIT`, of 0 to 255: leading zeros may stand there, which the standard library refuses.
fn is_ipv4(text: &str) -> bool {
    let is_snum = |part: &str| {
        part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u8>().is_ok()
    };
    text.split('.').count() == 4 && text.split('.').all(is_snum)
}

/// An address of IPv6, of which the last 32 bits may be written as one of IPv4.
fn is_ipv6(text: &str) -> bool {
    match text.rsplit_once(':') {
        Some((front, tail)) if tail.contains('.') => {
            is_ipv4(tail) && format!("{front}:0.0.0.0").parse::<Ipv6Addr>().is_ok()
        }
        _ => text.parse::<Ipv6Addr>().is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::Email;
    use crate::RuleCode;

    fn local(length: usize) -> String {
        format!("{}@example.org", "a".repeat(length))
    }

    fn label(length: usize) -> String {
        format!("a@{}.org", "b".repeat(length))
    }

    /// An address of `length` characters: 64 of local part, the rest labels of at most 63.
    fn long(length: usize) -> String {
        let mut text = format!("{}@{}.{}.", "a".repeat(64), "b".repeat(63), "c".repeat(63));
        text.push_str(&"d".repeat(length - text.len()));
        text
    }

    #[rstest]
    #[case("ada@example.org")]
    #[case("a@b")]
    #[case("ada@localhost")]
    #[case("ada.lovelace+tag@mail.example.org")]
    #[case("!#$%&'*+-/=?^_`{|}~@example.org")]
    #[case("ADA@EXAMPLE.ORG")]
    #[case("ada@xn--bcher-kva.example")]
    #[case("ada@123.example")]
    #[case("ada@a--b.example")]
    #[case(r#""ada lovelace"@example.org"#)]
    #[case(r#""a@b"@example.org"#)]
    #[case(r#""a..b"@example.org"#)]
    #[case(r#""a\"b\\c"@example.org"#)]
    #[case(r#"""@example.org"#)]
    #[case("ada@[192.0.2.1]")]
    #[case("ada@[192.0.2.01]")]
    #[case("ada@[000.255.010.1]")]
    #[case("ada@[IPv6:64:ff9b::192.0.2.001]")]
    #[case("ada@[IPv6:2001:db8::1]")]
    #[case("ada@[ipv6:::ffff:192.0.2.1]")]
    #[case(&local(64))]
    #[case(&label(63))]
    #[case(&long(254))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Email::parse(text).map(Email::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case("")]
    #[case("ada")]
    #[case("@")]
    #[case("@example.org")]
    #[case("ada@")]
    #[case("a@b@example.org")]
    #[case(".ada@example.org")]
    #[case("ada.@example.org")]
    #[case("a..da@example.org")]
    #[case("ada @example.org")]
    #[case(" ada@example.org")]
    #[case("ada@example.org ")]
    #[case("ada@example.org.")]
    #[case("ada@.example.org")]
    #[case("ada@exa..mple.org")]
    #[case("ada@-example.org")]
    #[case("ada@example-.org")]
    #[case("ada@exa_mple.org")]
    #[case("ada@example.org:25")]
    #[case("Ada <ada@example.org>")]
    #[case("ada(comment)@example.org")]
    #[case("adä@example.org")]
    #[case("ada@bücher.example")]
    #[case(r#""@example.org"#)]
    #[case(r#""a"b"@example.org"#)]
    #[case(r#""a\"@example.org"#)]
    #[case(r#""é"@example.org"#)]
    #[case(r#""a".b@example.org"#)]
    #[case("ada@[]")]
    #[case("ada@[256.0.0.1]")]
    #[case("ada@[192.0.2.0001]")]
    #[case("ada@[192.0.2.+1]")]
    #[case("ada@[192.0.2.]")]
    #[case("ada@[192.0.2.1.1]")]
    #[case("ada@[IPv6:1.2.3.4]")]
    #[case("ada@[IPv6:::1.2.3.256]")]
    #[case("ada@[IPv6:1:2:3:4:5:6:7:1.2.3.4]")]
    #[case("ada@[192.0.2]")]
    #[case("ada@[2001:db8::1]")]
    #[case("ada@[IPv6:192.0.2.1]")]
    #[case("ada@[IPv6:fe80::1%eth0]")]
    #[case("ada@[IPv6:]")]
    #[case("ada@[tag:content]")]
    #[case("ada@[ünïcöde]")]
    #[case(&local(65))]
    #[case(&label(64))]
    fn refuses(#[case] text: &str) {
        assert_eq!(Email::parse(text).unwrap_err().code(), RuleCode::InvalidFormat);
    }

    #[test]
    fn refuses_one_character_too_many() {
        assert_eq!(Email::parse(long(255)).unwrap_err().code(), RuleCode::TooLong);
    }

    proptest! {
        #[test]
        fn what_the_grammar_writes_is_accepted(
            text in concat!(
                r#"([a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\.[a-z0-9-]{1,12}){0,3}|"([ !#-\[\]-~]|\\[ -~]){0,20}")"#,
                r"@[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z0-9]{1,20}){0,4}"
            )
        ) {
            prop_assert!(Email::parse(text.as_str()).is_ok(), "{}", text);
        }

        #[test]
        fn no_address_holds_anything_but_printable_ascii(local in ".{1,20}", domain in ".{1,20}") {
            let text = format!("{local}@{domain}");
            if Email::parse(text.as_str()).is_ok() {
                prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            }
        }
    }
}
