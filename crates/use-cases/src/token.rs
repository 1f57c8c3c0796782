use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

/// A token as its owner has it: `usr_<id>_<secret>`, where `<id>` is of `a–z 0–9` and `<secret>` is 64 hexadecimal
/// digits, 256 bits.
///
/// The id is public and names the token in lists and logs; the secret is kept by its owner alone. Neither
/// `Debug` nor an error shows the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    id: String,
    secret: [u8; 32],
}

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of this service")]
pub struct NotAToken;

impl Token {
    const PREFIX: &str = "usr_";
    const MAX_ID_LENGTH: usize = 32;

    /// A token of these parts.
    pub const fn new(id: String, secret: [u8; 32]) -> Self {
        Self { id, secret }
    }

    /// The public part.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What is kept of the secret. It has 256 bits of randomness, so a fast hash without salt cannot be turned
    /// back.
    pub fn secret_hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret).into()
    }

    /// The whole token, to be shown to its owner once.
    pub fn reveal(&self) -> String {
        use fmt::Write as _;
        let mut text = format!("{}{}_", Self::PREFIX, self.id);
        for byte in self.secret {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

impl FromStr for Token {
    type Err = NotAToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, digits) =
            text.strip_prefix(Self::PREFIX).and_then(|rest| rest.split_once('_')).ok_or(NotAToken)?;
        let good_id = (1..=Self::MAX_ID_LENGTH).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !good_id || digits.len() != 64 {
            return Err(NotAToken);
        }
        let mut secret = [0; 32];
        for (byte, pair) in secret.iter_mut().zip(digits.as_bytes().as_chunks::<2>().0) {
            let [high, low] = *pair;
            *byte = hex_value(high)? << 4 | hex_value(low)?;
        }
        Ok(Self { id: id.to_owned(), secret })
    }
}

/// Reads a lower-case hexadecimal digit, the only form that [`Token::reveal`] writes.
const fn hex_value(digit: u8) -> Result<u8, NotAToken> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(NotAToken),
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{NotAToken, Token};

    fn token() -> Token {
        Token::new("abc123".to_owned(), std::array::from_fn(|i| u8::try_from(i * 8).unwrap()))
    }

    #[test]
    fn a_token_is_read_as_it_is_revealed() {
        let text = token().reveal();
        assert_eq!(text, "usr_abc123_0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8");
        assert_eq!(text.parse(), Ok(token()));
    }

    #[test]
    fn the_secret_is_not_shown() {
        assert_eq!(format!("{:?}", token()), r#"Token { id: "abc123", .. }"#);
    }

    #[rstest]
    #[case::empty("")]
    #[case::other_prefix("sk_abc_0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8")]
    #[case::no_id("usr__0008101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8")]
    #[case::short("usr_abc123_00")]
    #[case::upper_case("usr_abc123_0008101820283038404850586068707880889098A0A8B0B8C0C8D0D8E0E8F0F8")]
    #[case::no_digit("usr_abc123_zz08101820283038404850586068707880889098a0a8b0b8c0c8d0d8e0e8f0f8")]
    fn what_is_no_token_is_refused(#[case] text: &str) {
        assert_eq!(text.parse::<Token>(), Err(NotAToken));
    }
}
