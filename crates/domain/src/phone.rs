use std::net::Ipv4Addr;

use crate::text_value::personal_text;
use crate::{BrokenRule, RuleCode, text, unicode};

personal_text! {
    /// A telephone number, written as people and programs write it.
    ///
    /// In this order:
    ///
    /// - perhaps `tel:` (RFC 3966), in any case;
    /// - perhaps a `+`, before or directly inside the first parenthesis: `+49 …`, `(+49) …`;
    /// - at least [`MIN_DIGITS`](Self::MIN_DIGITS) decimal digits of any script. After a `+` there are at most
    ///   [`MAX_DIGITS`](Self::MAX_DIGITS), the limit of ITU-T E.164, section 6; without one at most
    ///   [`MAX_DIALLED`](Self::MAX_DIALLED), since what is dialled may begin with an international prefix, which is none of
    ///   the 15. Around the digits stand spaces, dashes, `.`, `/`, parentheses in pairs, and the invisible marks that word
    ///   processors and address books put there;
    /// - perhaps an extension or a pause, as libphonenumber reads them: `x12`, `ext. 12`, `extension 12`, `доб. 12`, `#12`,
    ///   `,12`, `;12`, `;ext=12`, with at most [`MAX_EXTENSION`](Self::MAX_EXTENSION) digits.
    ///
    /// An address of IPv4 is rejected: `192.168.0.1`.
    Phone
}

impl Phone {
    /// The greatest length, in Unicode scalar values.
    pub const MAX_LENGTH: u64 = 64;

    /// The fewest digits, extension not counted.
    pub const MIN_DIGITS: usize = 4;

    /// The most digits after a `+`, extension not counted.
    pub const MAX_DIGITS: usize = 15;

    /// The most digits without a `+`, extension not counted.
    pub const MAX_DIALLED: usize = 20;

    /// The most digits of an extension.
    pub const MAX_EXTENSION: usize = 20;

    fn check(text: &str) -> Result<(), BrokenRule> {
        text::line(text, Self::MAX_LENGTH)?;
        let mut reader = Reader { rest: text };
        if reader.number() && (reader.at_end() || reader.extension()) && !is_ipv4(text) {
            return Ok(());
        }
        let (min, max, dialled) = (Self::MIN_DIGITS, Self::MAX_DIGITS, Self::MAX_DIALLED);
        let detail = format!(
            "must be a phone number of {min} to {dialled} digits, at most {max} after a +, with optional separators \
             and extension (x12)"
        );
        Err(BrokenRule::new(RuleCode::InvalidFormat, detail))
    }
}

/// What may introduce an extension, in small letters; of words that begin alike the longest comes first.
const LABELS: [&str; 20] = [
    "extensión",
    "extensio\u{301}n",
    "extension",
    "extn",
    "ext",
    "xtn",
    "xt",
    "x",
    "ｅｘｔｎ",
    "ｅｘｔ",
    "ｘｔｎ",
    "ｘｔ",
    "ｘ",
    "доб",
    "anexo",
    "int",
    "ｉｎｔ",
    "#",
    "＃",
    "~",
];

/// What is left to be read.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, fits: impl Fn(char) -> bool) -> bool {
        let mut chars = self.rest.chars();
        let taken = chars.next().is_some_and(fits);
        if taken {
            self.rest = chars.as_str();
        }
        taken
    }

    fn take_all(&mut self, fits: impl Fn(char) -> bool) -> usize {
        std::iter::from_fn(|| self.take(&fits).then_some(())).count()
    }

    /// Takes a word, whatever the case of its letters.
    fn word(&mut self, word: &str) -> bool {
        let mut chars = self.rest.chars();
        let found = word.chars().all(|wanted| chars.next().is_some_and(|c| c.to_lowercase().eq([wanted])));
        if found {
            self.rest = chars.as_str();
        }
        found
    }

    /// Takes the number itself and the separators behind it.
    fn number(&mut self) -> bool {
        self.word("tel:");
        self.take_all(text::is_unseen);
        let mut plus = self.take(is_plus);
        let (mut digits, mut is_open) = (0, false);
        loop {
            let first = digits == 0 && !plus;
            if self.take(is_decimal_digit) {
                digits += 1;
            } else if !is_open && self.take(|c| matches!(c, '(' | '（')) {
                is_open = true;
                self.take_all(text::is_unseen);
                plus |= first && self.take(is_plus);
            } else if is_open && self.take(|c| matches!(c, ')' | '）')) {
                is_open = false;
            } else if !self.take(is_separator) {
                break;
            }
        }
        let max = if plus { Phone::MAX_DIGITS } else { Phone::MAX_DIALLED };
        !is_open && (Phone::MIN_DIGITS..=max).contains(&digits)
    }

    /// Takes an extension and what may stand behind it.
    fn extension(&mut self) -> bool {
        let is_pause = |c: char| matches!(c, ',' | ';');
        let introduced = if self.word(";ext=") {
            true
        } else {
            let pauses = self.take_all(|c| is_pause(c) || text::is_unseen(c));
            let labelled = LABELS.iter().any(|label| self.word(label));
            if labelled {
                self.take(|c| matches!(c, ':' | '.' | '．'));
            }
            self.take_all(|c| matches!(c, ',' | '-') || text::is_unseen(c));
            labelled || pauses > 0
        };
        let digits = self.take_all(is_decimal_digit);
        self.take(|c| c == '#');
        self.take_all(text::is_unseen);
        introduced && (1..=Phone::MAX_EXTENSION).contains(&digits) && self.at_end()
    }
}

/// Whether a character is a decimal digit of any script (category Nd).
fn is_decimal_digit(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && unicode::is_decimal_digit(c))
}

const fn is_plus(c: char) -> bool {
    matches!(c, '+' | '＋')
}

/// Whether a character may stand between digits: unseen ones, every dash, and the marks of ASCII in both widths.
///
/// The minus sign and the Japanese prolonged sound mark are no dashes to Unicode, but to those who type numbers.
fn is_separator(c: char) -> bool {
    matches!(c, '.' | '/' | '-' | '．' | '／' | '－' | '\u{2212}' | 'ー')
        || text::is_unseen(c)
        || (!c.is_ascii() && unicode::is_dash(c))
}

/// Whether the text is an address of IPv4. Four groups of two digits (`22.44.55.66`) are taken for a number, which people
/// write so.
fn is_ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok() && !text.split('.').all(|group| group.len() == 2)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Phone;
    use crate::RuleCode;

    #[rstest]
    #[case("1234")]
    #[case("+123456789012345")]
    #[case("12345678901234567890")]
    #[case("+49 (0)30/123-45.67")]
    #[case("(020) 7946 0018")]
    #[case("(+49) 40 123")]
    #[case("( +49) 40 123")]
    #[case(" +1234")]
    #[case("tel:+1-555-0100")]
    #[case("TEL:+1-555-0100;ext=12")]
    #[case("+1 555\u{2013}0100")]
    #[case("+1\u{2011}555\u{2011}0100")]
    #[case("+1\u{A0}555\u{202F}0100")]
    #[case("\u{202A}+49 40 123456\u{202C}")]
    #[case("\u{202D}\u{A0}+49 40 123456\u{202C}\u{A0}")]
    #[case("+98 ۹۱۲ ۳۴۵ ۶۷۸۹")]
    #[case("١٢٣٤٥")]
    #[case("＋８１３１２３４５６７８")]
    #[case("＋81 3 1234 5678")]
    #[case("（03）1234-5678")]
    #[case("（０３）１２３４−５６７８")]
    #[case("03ー1234ー5678")]
    #[case("03－1234－5678")]
    #[case("03\u{2212}1234\u{2212}5678")]
    #[case("011 49 1512 3456789")]
    #[case("011-86-138-0013-8000")]
    #[case("22.44.55.66")]
    #[case("01.23.45.67.89")]
    #[case("555-1234x1")]
    #[case("555-1234 X12345678")]
    #[case("555-1234x12 ")]
    #[case("555-1234x.12")]
    #[case("555-1234ext 9")]
    #[case("555-1234 Ext.  99")]
    #[case("555-1234 EXT.99")]
    #[case("555-1234 ext:12")]
    #[case("555-1234 extn 12")]
    #[case("555-1234 extension 12")]
    #[case("555-1234 доб. 12")]
    #[case("555-1234 Доб. 12")]
    #[case("555-1234 int 12")]
    #[case("+1 555 0100 #12")]
    #[case("+1 555 0100;ext=12")]
    #[case("+1 555 0100,12")]
    #[case("+1 555 0100,,12#")]
    #[case("303-977-1001;127")]
    #[case(&format!("1234{}", " ".repeat(60)))]
    fn accepts(#[case] text: &str) {
        assert_eq!(Phone::parse(text).map(Phone::into_string), Ok(text.to_owned()));
    }

    #[rstest]
    #[case(&format!("1234{}", " ".repeat(61)), RuleCode::TooLong)]
    #[case("", RuleCode::InvalidFormat)]
    #[case("123", RuleCode::InvalidFormat)]
    #[case("+1234567890123456", RuleCode::InvalidFormat)]
    #[case("(+1234)567890123456", RuleCode::InvalidFormat)]
    #[case("123456789012345678901", RuleCode::InvalidFormat)]
    #[case("12+34", RuleCode::InvalidFormat)]
    #[case("12 (+34) 56", RuleCode::InvalidFormat)]
    #[case("++1234", RuleCode::InvalidFormat)]
    #[case("+(+1)234", RuleCode::InvalidFormat)]
    #[case("+", RuleCode::InvalidFormat)]
    #[case("tel:", RuleCode::InvalidFormat)]
    #[case("fax:+15551234", RuleCode::InvalidFormat)]
    #[case("12,34", RuleCode::InvalidFormat)]
    #[case(")1234(", RuleCode::InvalidFormat)]
    #[case("(1234", RuleCode::InvalidFormat)]
    #[case("((12)34)", RuleCode::InvalidFormat)]
    #[case("192.168.0.1", RuleCode::InvalidFormat)]
    #[case("10.0.0.255", RuleCode::InvalidFormat)]
    #[case("1-800-FLOWERS", RuleCode::InvalidFormat)]
    #[case("555-1234x", RuleCode::InvalidFormat)]
    #[case("555-1234 #", RuleCode::InvalidFormat)]
    #[case("555-1234,", RuleCode::InvalidFormat)]
    #[case("555-1234x123456789012345678901", RuleCode::InvalidFormat)]
    #[case("555-1234x1x2", RuleCode::InvalidFormat)]
    #[case("555-1234 x12 mobile", RuleCode::InvalidFormat)]
    #[case("555-1234 or 555-1235", RuleCode::InvalidFormat)]
    #[case("ext 12", RuleCode::InvalidFormat)]
    #[case("+１２３½", RuleCode::InvalidFormat)]
    #[case("①②③④", RuleCode::InvalidFormat)]
    #[case("555\t1234", RuleCode::ControlCharacter)]
    fn refuses(#[case] text: &str, #[case] code: RuleCode) {
        assert_eq!(Phone::parse(text).unwrap_err().code(), code);
    }
}
