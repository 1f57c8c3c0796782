use std::net::Ipv6Addr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, SearchKey, text};

personal_text! {
    /// The address that the user can be reached at: a `Mailbox` of RFC 5321, section 4.1.2, internationalized as in RFC 6531,
    /// section 3.3.
    ///
    /// - The local part is a dot-string (`ada.lovelace`, `用户`) or a quoted string (`"ada lovelace"`), of at most
    ///   [`MAX_LOCAL_PART`](Self::MAX_LOCAL_PART) octets in UTF-8.
    /// - After the last `@` comes a domain, of which one label is enough (`ada@localhost`), or an address
    ///   literal (`[192.0.2.1]`, `[IPv6:2001:db8::1]`). Literals of other kinds are rejected: IANA has registered none.
    /// - The last label of a domain is not all digits (RFC 3696, section 2): `ada@192.0.2.1` lacks its brackets.
    /// - A label in another script must be one that IDNA (UTS #46) can write in its `xn--` form.
    ///
    /// No character is invisible, but for the joiners that some scripts need. Whether mail arrives there is another question,
    /// which no rule can answer.
    Email
}

impl Email {
    /// The greatest length, in octets of UTF-8: the 256 octets of a path less its two angle brackets (RFC 5321,
    /// section 4.5.3.1.3).
    pub const MAX_LENGTH: u64 = 254;

    /// The greatest length of what stands before the `@`, in octets (RFC 5321, section 4.5.3.1.1).
    pub const MAX_LOCAL_PART: usize = 64;

    /// The greatest length of a label of the domain, in octets (RFC 1035, section 2.3.4).
    pub const MAX_LABEL: usize = 63;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        if text.len() as u64 > Self::MAX_LENGTH {
            let detail = format!("must have at most {} octets in UTF-8", Self::MAX_LENGTH);
            return Err(BrokenRule::new(RuleCode::TooLong, detail));
        }
        let is_good_domain = |domain| is_domain(domain) || is_literal(domain);
        // Neither a domain nor a literal holds an @, while a quoted local part may: the last one separates.
        match text.rsplit_once('@') {
            Some((local, domain)) if is_local_part(local) && is_good_domain(domain) => Ok(()),
            Some((local, domain)) if has_misplaced_dots(local) && is_good_domain(domain) => {
                let detail = format!(
                    "must have no dot at either end of what stands before the @, nor two in a row, unless it is quoted: \
                     \"{local}\"@{domain}"
                );
                Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
            }
            _ => {
                let detail =
                    "must be an email address as in RFC 5321, or an internationalized one as in RFC 6531";
                Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
            }
        }
    }

    /// The form by which the address is searched for: without regard to case, and with the labels of its domain in their
    /// own script, so that `a@xn--mnchen-3ya.de` and `A@MÜNCHEN.de` are equal.
    pub fn key(&self) -> SearchKey {
        let text = self.as_str();
        match text.rsplit_once('@') {
            Some((local, domain)) if has_foreign_label(domain) => {
                match Uts46::new().to_unicode(domain.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Allow) {
                    (domain, Ok(())) => SearchKey::of(&format!("{local}@{domain}")),
                    _ => SearchKey::of(text),
                }
            }
            _ => SearchKey::of(text),
        }
    }
}

/// Whether a label of the domain is written in another script, or in the `xn--` form of one.
fn has_foreign_label(domain: &str) -> bool {
    const PREFIX: &str = "xn--";
    let is_encoded =
        |label: &str| label.get(..PREFIX.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(PREFIX));
    !domain.is_ascii() || domain.split('.').any(is_encoded)
}

/// `Local-part = Dot-string / Quoted-string`
fn is_local_part(text: &str) -> bool {
    text.len() <= Email::MAX_LOCAL_PART && (text.split('.').all(is_atom) || is_quoted_string(text))
}

/// Whether a local part would be a dot-string if its dots stood elsewhere. Old addresses in Japan have such dots.
fn has_misplaced_dots(text: &str) -> bool {
    // Its quotation marks count too.
    text.len() + 2 <= Email::MAX_LOCAL_PART
        && text.contains('.')
        && text.split('.').all(|atom| atom.is_empty() || is_atom(atom))
        && text.split('.').any(|atom| !atom.is_empty())
}

/// `Atom = 1*atext`, with `atext` of RFC 5322, section 3.2.3, and `UTF8-non-ascii` as RFC 6531 adds it.
fn is_atom(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_visible(c);
    !text.is_empty() && text.chars().all(fits)
}

/// Whether a character beyond ASCII shows something or joins letters.
fn is_visible(c: char) -> bool {
    !c.is_ascii() && (!text::is_unseen(c) || matches!(c, '\u{200C}' | '\u{200D}' | '\u{FE0F}'))
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`
fn is_quoted_string(text: &str) -> bool {
    let Some(content) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return false;
    };
    let mut chars = content.chars();
    while let Some(c) = chars.next() {
        let fits = match c {
            // A backslash takes the next character with it, whatever it is.
            '\\' => chars.next().is_some_and(|c| matches!(c, ' '..='~')),
            '"' => false,
            other => matches!(other, ' '..='~') || is_visible(other),
        };
        if !fits {
            return false;
        }
    }
    true
}

/// `Domain = sub-domain *("." sub-domain)`, with `sub-domain =/ U-label` of RFC 6531.
fn is_domain(text: &str) -> bool {
    let is_top_level =
        text.rsplit('.').next().is_some_and(|label| !label.bytes().all(|byte| byte.is_ascii_digit()));
    is_top_level
        && text.split('.').all(|label| if label.is_ascii() { is_label(label) } else { is_u_label(label) })
}

fn is_label(text: &str) -> bool {
    (1..=Email::MAX_LABEL).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether IDNA can write the label in ASCII, and as one label.
fn is_u_label(text: &str) -> bool {
    let ascii =
        Uts46::new().to_ascii(text.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify);
    ascii.is_ok_and(|label| !label.contains('.')) && text.chars().all(|c| c.is_ascii() || is_visible(c))
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
    #[case("user@münchen.de")]
    #[case("USER@MÜNCHEN.DE")]
    #[case("用户@例子.广告")]
    #[case("adä@example.org")]
    #[case("ada@bücher.example")]
    #[case("δοκιμή@παράδειγμα.δοκιμή")]
    #[case("می\u{200C}خواهم@example.org")]
    #[case("👩\u{200D}💻@example.org")]
    #[case("राम@उदाहरण.भारत")]
    #[case("ada@straße.example")]
    #[case(r#""é"@example.org"#)]
    #[case(r#""xxx.yyy."@docomo.ne.jp"#)]
    #[case("ada@1.example")]
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
    #[case(r#""@example.org"#)]
    #[case(r#""a"b"@example.org"#)]
    #[case(r#""a\"@example.org"#)]
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
    #[case("ada@192.0.2.1")]
    #[case("ada@example.123")]
    #[case("ada@1")]
    #[case("ad\u{A0}a@example.org")]
    #[case("ad\u{200B}a@example.org")]
    #[case("\u{202E}ada@example.org")]
    #[case("ada@ex\u{200B}ämple.org")]
    #[case("ada@ex ämple.org")]
    #[case("ada@-ä.org")]
    #[case("ada@ä_b.org")]
    #[case("ada@例子。广告")]
    #[case("ada@♥\u{2028}.org")]
    #[case("ada@אa.org")]
    #[case(&local(65))]
    #[case(&label(64))]
    fn refuses(#[case] text: &str) {
        assert_eq!(Email::parse(text).unwrap_err().code(), RuleCode::InvalidFormat);
    }

    #[rstest]
    #[case(&long(255))]
    #[case(&format!("é@{}", &long(254)[2..]))]
    fn refuses_one_octet_too_many(#[case] text: &str) {
        assert_eq!(Email::parse(text).unwrap_err().code(), RuleCode::TooLong);
    }

    #[rstest]
    #[case("xxx.yyy.@docomo.ne.jp", r#""xxx.yyy."@docomo.ne.jp"#)]
    #[case("xxx..yyy@docomo.ne.jp", r#""xxx..yyy"@docomo.ne.jp"#)]
    #[case(".xxx@docomo.ne.jp", r#"".xxx"@docomo.ne.jp"#)]
    fn a_misplaced_dot_is_answered_with_the_form_that_works(#[case] text: &str, #[case] works: &str) {
        let rule = Email::parse(text).unwrap_err();
        assert_eq!(rule.code(), RuleCode::InvalidFormat);
        assert!(rule.detail().ends_with(&format!(": {works}")), "{rule}");
        assert!(Email::parse(works).is_ok());
    }

    #[rstest]
    #[case("Ada@Example.ORG", "ada@example.org")]
    #[case("USER@MÜNCHEN.de", "user@münchen.de")]
    #[case("user@xn--mnchen-3ya.de", "user@münchen.de")]
    #[case("user@XN--MNCHEN-3YA.de", "user@münchen.de")]
    #[case("user@mu\u{308}nchen.de", "user@münchen.de")]
    #[case("user@xn--a.de", "user@xn--a.de")]
    #[case("user@xn--99999999.de", "user@xn--99999999.de")]
    #[case(r#""a@xn--B"@example.org"#, r#""a@xn--b"@example.org"#)]
    fn a_key_minds_neither_case_nor_the_form_of_the_domain(#[case] text: &str, #[case] key: &str) {
        assert_eq!(Email::parse(text).unwrap().key().as_str(), key);
    }

    proptest! {
        #[test]
        fn what_the_grammar_writes_is_accepted(
            text in concat!(
                r#"([a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}(\.[a-z0-9-]{1,12}){0,3}|"([ !#-\[\]-~]|\\[ -~]){0,20}")"#,
                r"@([a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\.){0,4}[a-z][a-z0-9]{0,20}"
            )
        ) {
            prop_assert!(Email::parse(text.as_str()).is_ok(), "{}", text);
        }

        #[test]
        fn an_address_has_a_key_and_shows_all_it_has(local in ".{1,20}", domain in "[a-zäßς例.]{1,12}|.{1,20}") {
            let text = format!("{local}@{domain}");
            if let Ok(email) = Email::parse(text.as_str()) {
                prop_assert!(!text.contains(|c: char| c.is_control() || (c.is_whitespace() && c != ' ')));
                prop_assert!(text.len() <= 254);
                let key = email.key();
                prop_assert_eq!(Email::from_stored(key.as_str()).key(), key);
            }
        }
    }
}
