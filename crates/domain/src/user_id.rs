use crate::text_value::text_value;
use crate::{BrokenRule, RuleCode, text};

text_value! {
    /// Which user it is: opaque, case-sensitive, chosen by the caller or by the service, and never changed.
    ///
    /// One to [`MAX_LENGTH`](Self::MAX_LENGTH) of `A–Z a–z 0–9 . _ ~ : @ - ! $ & ' ( ) * + , ; =`, all of which may stand
    /// in the path of a URL as they are (RFC 3986, section 3.3), and of `|`, which Auth0 puts into ids and which stands in
    /// a path as `%7C`. An id is what a log names a user by, so it is the one text that `{:?}` shows in full.
    #[derive(Debug)]
    UserId
}

impl UserId {
    /// The greatest length, in characters.
    pub const MAX_LENGTH: u64 = 128;

    /// The characters that an id may have beside letters and digits.
    pub const MARKS: &str = "-._~:@!$&'()*+,;=|";

    /// Words that no user can have as id, since they stand in its place in the path of another call.
    ///
    /// They are compared exactly: `Bulk` is free.
    pub const RESERVED: [&str; 3] = ["bulk", "count", "search"];

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || Self::MARKS.as_bytes().contains(&byte);
        if text.is_empty() || !text.bytes().all(fits) {
            let detail = format!("must be 1 to {} of A-Z, a-z, 0-9 and {}", Self::MAX_LENGTH, Self::MARKS);
            return Err(BrokenRule::new(RuleCode::InvalidFormat, detail));
        }
        // A path loses these two on its way (RFC 3986, section 5.2.4).
        if matches!(text, "." | "..") {
            return Err(BrokenRule::new(RuleCode::InvalidFormat, "must be more than one or two dots"));
        }
        if Self::RESERVED.contains(&text) {
            return Err(BrokenRule::new(RuleCode::Reserved, "must not be a reserved word of the API"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::UserId;
    use crate::RuleCode;

    #[rstest]
    #[case("8")]
    #[case("...")]
    #[case("ada@example.org")]
    #[case("auth0:0123_4~5.6-7")]
    #[case("auth0|5f7c8ec7c33c6c004bbafe82")]
    #[case("ada+tag@example.org")]
    #[case("o'brien@example.ie")]
    #[case("dGVzdA==")]
    #[case("uid=ada,ou=people")]
    #[case("Bulk")]
    #[case("searches")]
    #[case("019a3c5e-7b1d-7c2a-9f00-000000000001")]
    #[case(&"a".repeat(128))]
    fn accepts(#[case] text: &str) {
        assert_eq!(UserId::parse(text).map(UserId::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&"a".repeat(129), RuleCode::TooLong)]
    #[case("", RuleCode::InvalidFormat)]
    #[case(".", RuleCode::InvalidFormat)]
    #[case("..", RuleCode::InvalidFormat)]
    #[case("a b", RuleCode::InvalidFormat)]
    #[case("a/b", RuleCode::InvalidFormat)]
    #[case("a\\b", RuleCode::InvalidFormat)]
    #[case("a\"b", RuleCode::InvalidFormat)]
    #[case("a<b>", RuleCode::InvalidFormat)]
    #[case("a#b", RuleCode::InvalidFormat)]
    #[case("a%2Fb", RuleCode::InvalidFormat)]
    #[case("a?b", RuleCode::InvalidFormat)]
    #[case("é", RuleCode::InvalidFormat)]
    #[case("bulk", RuleCode::Reserved)]
    #[case("count", RuleCode::Reserved)]
    #[case("search", RuleCode::Reserved)]
    #[case("a\n", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(UserId::parse(text).unwrap_err().code(), code);
    }

    #[test]
    fn the_accepted_characters_are_those_of_the_contract() {
        let accepted: String =
            ('\0'..='\u{FFFF}').filter(|c| UserId::parse(format!("a{c}")).is_ok()).collect();
        assert_eq!(
            accepted,
            "!$&'()*+,-.0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz|~"
        );
    }
}
