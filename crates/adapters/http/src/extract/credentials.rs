use actix_web::http::header::{self, HeaderMap, HeaderValue};
use users_use_cases::{Denied, Token};

use crate::problem::{ErrorCode, FieldError, Problem};

/// Reads the token that the caller shows as `Authorization: Token …` or `Authorization: Bearer …`.
///
/// The scheme may be in any case, with one or more spaces after it (RFC 9110, section 11.4).
pub fn token(headers: &HeaderMap) -> Result<Token, Problem> {
    let mut lines = headers.get_all(header::AUTHORIZATION);
    let Some(line) = lines.next() else { return Err(challenged(Challenge::Missing)) };
    let alone = lines.next().is_none();
    let line = line.to_str().unwrap_or_default();
    parse(line)
        .filter(|_| alone)
        .ok_or_else(|| challenged(if alone { fault(line) } else { Challenge::Invalid }))
}

fn parse(line: &str) -> Option<Token> {
    let (scheme, token) = line.trim().split_once(' ')?;
    token.trim_start_matches(' ').parse().ok().filter(|_| is_known(scheme))
}

/// What is wrong with a line that shows no token of ours.
fn fault(line: &str) -> Challenge {
    let line = line.trim();
    match line.split_once(' ') {
        None if line.parse::<Token>().is_ok() => Challenge::NoScheme,
        Some((scheme, _)) if !is_known(scheme) => Challenge::OtherScheme,
        _ => Challenge::Invalid,
    }
}

fn is_known(scheme: &str) -> bool {
    scheme.eq_ignore_ascii_case("Token") || scheme.eq_ignore_ascii_case("Bearer")
}

/// Why a caller is asked for another token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// None was shown.
    Missing,
    /// A token was shown without a scheme before it.
    NoScheme,
    /// The scheme is neither `Token` nor `Bearer`.
    OtherScheme,
    /// It is none of ours, or was revoked.
    Invalid,
    /// Its time is over.
    Expired,
}

/// A refusal that says how to be let in.
///
/// `WWW-Authenticate` names both schemes, each on a line of its own; what is wrong is told as RFC 6750, section 3,
/// has it: with no `error` where no token was shown.
pub fn challenged(challenge: Challenge) -> Problem {
    let (code, detail, bearer) = match challenge {
        Challenge::Missing => {
            let detail = "Send a token: Authorization: Token <token>.";
            (ErrorCode::MissingApiKey, detail, r#"Bearer realm="users""#)
        }
        Challenge::Invalid => {
            let detail = "The token is not one of this service, or was revoked.";
            (ErrorCode::InvalidApiKey, detail, r#"Bearer realm="users", error="invalid_token""#)
        }
        Challenge::NoScheme => {
            let detail = "The scheme is missing before the token: send Authorization: Token <token>.";
            (ErrorCode::InvalidApiKey, detail, r#"Bearer realm="users", error="invalid_token""#)
        }
        Challenge::OtherScheme => {
            let detail =
                "The scheme of Authorization must be Token or Bearer: send Authorization: Token <token>.";
            (ErrorCode::InvalidApiKey, detail, r#"Bearer realm="users", error="invalid_token""#)
        }
        Challenge::Expired => {
            let detail = "The token has expired.";
            (ErrorCode::ExpiredApiKey, detail, r#"Bearer realm="users", error="invalid_token""#)
        }
    };
    Problem::new(code, detail)
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(r#"Token realm="users""#))
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(bearer))
}

/// A refusal of what the token does not allow: one without the scope is told so, and one that is to know nothing of other
/// users is told that there is none.
pub fn denied(denied: Denied) -> Problem {
    let scope = match denied {
        Denied::Scope(scope) => scope,
        Denied::NoSuchUser => return Problem::no_such_user(),
    };
    let problem = Problem::new(
        ErrorCode::InsufficientPermissions,
        format!("The token does not have the scope {scope}."),
    );
    let bearer = format!(r#"Bearer realm="users", error="insufficient_scope", scope="{scope}""#);
    match HeaderValue::try_from(bearer) {
        Ok(bearer) => problem.with_header(header::WWW_AUTHENTICATE, bearer),
        Err(_) => problem,
    }
}

/// A refusal of the members at these places, which the token may not set; there is at least one.
pub fn not_permitted(errors: Vec<FieldError>) -> Problem {
    let detail = match errors.as_slice() {
        [only] => format!("The token does not allow setting {}.", only.pointer),
        _ => format!("The token does not allow setting {} of the members.", errors.len()),
    };
    Problem::new(ErrorCode::InsufficientPermissions, detail).with_errors(errors).with_header(
        header::WWW_AUTHENTICATE,
        HeaderValue::from_static(r#"Bearer realm="users", error="insufficient_scope""#),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Challenge, fault, parse};

    const TOKEN: &str = "usr_abc123_0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8";

    #[rstest]
    #[case::documented("Token {}")]
    #[case::clients("Bearer {}")]
    #[case::any_case("tOKEN {}")]
    #[case::upper_case("BEARER {}")]
    #[case::spaces("Token   {}")]
    fn a_token_is_read(#[case] line: &str) {
        let token = parse(&line.replace("{}", TOKEN)).unwrap();
        assert_eq!(token.reveal(), TOKEN);
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_scheme("{}")]
    #[case::no_token("Token")]
    #[case::no_token_but_a_space("Token ")]
    #[case::other_scheme("Basic {}")]
    #[case::tab("Token\t{}")]
    #[case::quoted("Token \"{}\"")]
    #[case::parameter("Token token={}")]
    #[case::two("Token {} {}")]
    fn anything_else_is_refused(#[case] line: &str) {
        assert!(parse(&line.replace("{}", TOKEN)).is_none());
    }

    #[rstest]
    #[case::no_scheme("{}", Challenge::NoScheme)]
    #[case::other_scheme("Basic {}", Challenge::OtherScheme)]
    #[case::other_token("Token x", Challenge::Invalid)]
    #[case::no_token("usr_", Challenge::Invalid)]
    #[case::empty("", Challenge::Invalid)]
    fn what_is_wrong_is_told_apart(#[case] line: &str, #[case] expected: Challenge) {
        assert_eq!(fault(&line.replace("{}", TOKEN)), expected);
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(line in ".*") {
            let _ = (parse(&line), fault(&line));
        }
    }

    proptest! {
        #[test]
        fn a_token_is_read_by_either_scheme_in_any_case(
            scheme in "([tT][oO][kK][eE][nN]|[bB][eE][aA][rR][eE][rR])", id in "[a-z0-9]{1,16}", secret in "[0-9a-f]{64}"
        ) {
            let token = format!("usr_{id}_{secret}");
            prop_assert_eq!(parse(&format!("{scheme} {token}")).unwrap().reveal(), token);
        }
    }
}
