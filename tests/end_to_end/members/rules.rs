use std::time::SystemTime;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The values that tell where a member's rule begins and ends, each written in JSON.
pub struct Rule {
    /// The member.
    pub member: &'static str,
    /// What is sent, and what is answered.
    pub accepted: Vec<(String, String)>,
    /// What is sent, and the code and detail of the refusal.
    pub refused: Vec<(String, &'static str, &'static str)>,
}

const CONTROL: (&str, &str) = ("CONTROL_CHARACTER", "must not hold control characters");
const FORMAT: &str = "INVALID_FORMAT";
const LONG: &str = "TOO_LONG";
const RANGE: &str = "OUT_OF_RANGE";

/// The rules of all members but the id, which never changes.
pub fn rules() -> Vec<Rule> {
    let mut rules = vec![active(), avatar(), bio(), birthday(), country(), email(), phone(), twitter()];
    rules.extend(["firstName", "lastName"].map(name));
    rules.extend(["last_seen", "last_typed"].map(moment));
    rules.push(location());
    rules.extend(["organization", "regions", "title"].map(label));
    rules.push(username());
    rules
}

impl Rule {
    const fn of(member: &'static str) -> Self {
        Self { member, accepted: Vec::new(), refused: Vec::new() }
    }

    /// Values that are answered as they were sent.
    fn accepts(mut self, texts: &[&str]) -> Self {
        self.accepted.extend(texts.iter().map(|text| (json(text), json(text))));
        self
    }

    /// A value that is answered in another form.
    fn reads(mut self, sent: &str, answered: &str) -> Self {
        self.accepted.push((json(sent), json(answered)));
        self
    }

    fn refuses(mut self, texts: &[&str], (code, detail): (&'static str, &'static str)) -> Self {
        self.refused.extend(texts.iter().map(|text| (json(text), code, detail)));
        self
    }
}

fn json(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn active() -> Rule {
    let both = ["true", "false"].map(|value| (value.to_owned(), value.to_owned()));
    Rule { accepted: both.into(), ..Rule::of("active") }
}

fn avatar() -> Rule {
    let longest = format!("https://e.org/{}", "é".repeat(2048 - 14));
    Rule::of("avatar")
        .accepts(&["", "/img/ada.png", "img/ada.png?size=2", "HTTP://example.org", &longest])
        .accepts(&["//cdn.example.com/a.png", "images/a b.png"])
        .refuses(&[&format!("{longest}é")], (LONG, "must have at most 2048 characters"))
        .refuses(
            &[
                "javascript:alert(1)",
                "data:image/png;base64,AA",
                "https:///a",
                "https://./",
                " /a.png",
                "//./a",
            ],
            (FORMAT, "must be an http or https URL, the same without its scheme (//host/path), or a path"),
        )
        .refuses(&["/a\0"], CONTROL)
}

const LINES: (&str, &str) =
    ("CONTROL_CHARACTER", "must not hold control characters other than line feed, carriage return and tab");
const NONCHARACTER: (&str, &str) =
    ("CONTROL_CHARACTER", "must not hold noncharacters of Unicode, such as U+FFFE");
const BLANK: (&str, &str) = ("BLANK", "must have a character that can be seen");

fn bio() -> Rule {
    let longest = "🙂".repeat(4096);
    Rule::of("bio")
        .accepts(&["", " two\nlines\t", "a form\r\nsends\r\n", "e\u{301} is not é", "\u{202E}", &longest])
        .refuses(&[&format!("{longest}x")], (LONG, "must have at most 4096 characters"))
        .refuses(&["a\0b", "\u{85}", "\u{1B}[0m"], LINES)
        .refuses(&["\u{FFFE}"], NONCHARACTER)
}

fn birthday() -> Rule {
    // Where the day begins first. Ten minutes more keep it right where one begins while the test runs.
    let today = (now() + TimeDelta::hours(14)).date_naive();
    let tomorrow = (now() + TimeDelta::hours(14) + TimeDelta::minutes(10)).date_naive().succ_opt().unwrap();
    Rule::of("birthday")
        .accepts(&["1900-01-01", "2000-02-29", &today.to_string()])
        .refuses(
            &["1899-12-31", &tomorrow.to_string(), "9999-12-31", "0000-01-01"],
            (RANGE, "must lie between 1900-01-01 and today"),
        )
        .refuses(
            &["", "2001-02-29", "2000-1-1", "10.12.1915", "1915-12-10T00:00:00Z", "+1915-12-10"],
            (FORMAT, "must be a date that exists, as YYYY-MM-DD"),
        )
}

fn country() -> Rule {
    Rule::of("country")
        .accepts(&["", "de", "DEU", "uk", "EU", "日本", "Österreich", &"x".repeat(100)])
        .accepts(&["XK", "XI", "EL", "AN", "CS", "SU", "YU", "AC", "IC"])
        .accepts(&["UAE", "KSA", "RSA", "EUA", "Anh", "SCO", "GER", "RKS", "XKX", "ROM"])
        .refuses(&[&"x".repeat(101)], (LONG, "must have at most 100 characters"))
        .refuses(&["XX", "zz"], (FORMAT, "must be an ISO 3166-1 code if it has two letters"))
        .refuses(&["DE ", "\u{200B}DE"], (FORMAT, "must be DE, without blanks around the code"))
        .refuses(&["  ", "\u{200B}"], BLANK)
        .refuses(&["a\nb"], CONTROL)
}

fn email() -> Rule {
    let longest = format!("{}@{}.{}.{}", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(61));
    Rule::of("email")
        .accepts(&["a@b", "ADA@example.org", r#""a b"@example.org"#, "ada@[192.0.2.1]", &longest])
        .accepts(&["user@münchen.de", "用户@例子.广告", "adä@example.org", r#""xxx.yyy."@docomo.ne.jp"#])
        .refuses(&[&format!("{longest}d")], (LONG, "must have at most 254 characters"))
        .refuses(&[&format!("é{}", &longest[1..])], (LONG, "must have at most 254 octets in UTF-8"))
        .refuses(
            &["", "ada", "ada@", "@b", "a@b@c", "ada@192.0.2.1", "ada@example.123", &format!("{}@b", "a".repeat(65))],
            (FORMAT, "must be an email address as in RFC 5321, or an internationalized one as in RFC 6531"),
        )
        .refuses(
            &["xxx.yyy.@docomo.ne.jp"],
            (
                FORMAT,
                "must have no dot at either end of what stands before the @, nor two in a row, unless it is quoted: \
                 \"xxx.yyy.\"@docomo.ne.jp",
            ),
        )
}

fn phone() -> Rule {
    let longest = format!("1234{}", " ".repeat(60));
    Rule::of("phone")
        .accepts(&["1234", "+123456789012345", "(030) 12.34-56/7", "1234x1", "1234 ext 12345678", &longest])
        .accepts(&["(+49) 40 123", "+1 555 0100 #12", "+1 555 0100;ext=12", "tel:+1-555-0100", "+1 555\u{2013}0100"])
        .accepts(&["+1\u{A0}555\u{2011}0100", "\u{202A}+49 40 123456\u{202C}", "+98 ۹۱۲ ۳۴۵ ۶۷۸۹", "＋８１３１２３４５"])
        .accepts(&["011 49 1512 3456789", "011-86-138-0013-8000", "303-977-1001;127", "+1 555 0100,12"])
        .accepts(&["555-0100 ext:12", "555-0100 extn 12", "555-0100 extension 12", "555-0100 доб. 12"])
        .accepts(&["＋81 3 1234 5678", "（03）1234-5678", "03ー1234ー5678", "（０３）１２３４−５６７８"])
        .refuses(&[&format!("{longest} ")], (LONG, "must have at most 64 characters"))
        .refuses(
            &["", "123", "+1234567890123456", "123456789012345678901", "++1234", "1234x", ")1234(", "192.168.0.1", "call"],
            (
                FORMAT,
                "must be a phone number of 4 to 20 digits, at most 15 after a +, with optional separators and extension \
                 (x12)",
            ),
        )
}

fn twitter() -> Rule {
    Rule::of("twitter")
        .accepts(&["a", "@a", "ABCDEFGHIJ_123456789", "@ABCDEFGHIJ_123456789"])
        .refuses(
            &["ABCDEFGHIJ_1234567890", "@ABCDEFGHIJ_1234567890"],
            (LONG, "must have at most 20 characters"),
        )
        .refuses(
            &["", "@", "@@a", "a-b"],
            (FORMAT, "must be 1 to 20 of A-Z, a-z, 0-9 and _, after an optional @"),
        )
        .refuses(&["https://x.com/ada"], (FORMAT, "must be the handle alone, such as @ada, not an address"))
}

fn name(member: &'static str) -> Rule {
    Rule::of(member)
        .accepts(&[" X Æ A-12 ", "李", &"ß".repeat(100)])
        .refuses(&[&"ß".repeat(101)], (LONG, "must have at most 100 characters"))
        .refuses(&["", "  ", "\u{200B}"], BLANK)
        .refuses(&["a\u{FFFE}"], NONCHARACTER)
        .refuses(&["a\u{7F}"], CONTROL)
}

fn moment(member: &'static str) -> Rule {
    let ahead = |minutes| {
        let moment = now() + TimeDelta::hours(24) + TimeDelta::minutes(minutes);
        moment.to_rfc3339_opts(SecondsFormat::Secs, true)
    };
    Rule::of(member)
        .accepts(&["2026-10-31T12:00:00Z", "0000-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", &ahead(-1)])
        .reads("2026-10-31T13:30:00.5+01:30", "2026-10-31T12:00:00.500Z")
        .reads("2026-10-31t12:00:00.123456789z", "2026-10-31T12:00:00.123456Z")
        .reads("1969-12-31T23:59:59.9999999Z", "1969-12-31T23:59:59.999999Z")
        .reads("2026-10-31", "2026-10-31T00:00:00Z")
        .reads("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z")
        .reads("2024-01-15T10:30Z", "2024-01-15T10:30:00Z")
        .reads("2024-01-15T10:30:00+0530", "2024-01-15T05:00:00Z")
        .reads("2024-01-15 10:30:00Z", "2024-01-15T10:30:00Z")
        .reads("2024-01-15 10:30:00+00", "2024-01-15T10:30:00Z")
        .reads("2024-01-15T10:30:00-05", "2024-01-15T15:30:00Z")
        .reads("2024-01-15T10:30:00+01:00[Europe/Berlin]", "2024-01-15T09:30:00Z")
        .reads("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")
        .refuses(
            // The clock goes on while the test runs.
            &[&ahead(10), "9999-12-31T23:59:59Z", "0000-01-01T00:00:00+00:01"],
            (RANGE, "must lie between the year 0000 and 24 hours from now"),
        )
        .refuses(
            &["", "2026-10-31T12:00:00", "2026-10-31T12:00:00Z[!x]", "2026-02-29", "now", "1761912000"],
            (FORMAT, "must be a date-time as in RFC 3339, or a date as YYYY-MM-DD"),
        )
}

fn label(member: &'static str) -> Rule {
    let longest = "🙂".repeat(255);
    Rule::of(member)
        .accepts(&["", " padded ", "null", "'; DROP TABLE users; --", "\u{FEFF}x", &longest])
        .refuses(&[&format!("{longest}x")], (LONG, "must have at most 255 characters"))
        .refuses(&["  ", "\u{200B}"], BLANK)
        .refuses(&["a\u{FFFF}"], NONCHARACTER)
        .refuses(&["two\nlines", "\0"], CONTROL)
}

fn location() -> Rule {
    let longest = "🙂".repeat(255);
    Rule::of("location")
        .accepts(&["", " padded ", "12 St James's Square\r\nLondon\n", &longest])
        .refuses(&[&format!("{longest}x")], (LONG, "must have at most 255 characters"))
        .refuses(&[" \r\n"], BLANK)
        .refuses(&["\0", "\u{85}"], LINES)
}

fn username() -> Rule {
    let detail = "must be letters, digits and ASCII punctuation without spaces, as in RFC 8265";
    // Of scripts other than Latin, so that none of them takes another one's name.
    Rule::of("username")
        .accepts(&["λόγος", "Ｗｉｄｅ", "!#$", "Straße", &"ж".repeat(254)])
        .accepts(&[
            "محمّد",
            "سيّد",
            "اُردو",
            "שלוֹם",
            "އަޙްމަދު",
            "李𫰠",
            "জ\u{9DF}",
            "\u{1112}\u{1161}\u{11AB}",
            "\u{FA10}",
        ])
        .refuses(&[&"ж".repeat(255)], (LONG, "must have at most 254 characters"))
        .refuses(&[""], ("BLANK", "must have at least one character"))
        .refuses(&["a b", "♥", "\u{200B}", "aא"], (FORMAT, detail))
        .refuses(&["a\tb"], CONTROL)
}
