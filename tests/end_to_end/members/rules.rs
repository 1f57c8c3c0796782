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
    rules.extend(["location", "organization", "regions", "title"].map(label));
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
        .refuses(&[&format!("{longest}é")], (LONG, "must have at most 2048 characters"))
        .refuses(
            &["javascript:alert(1)", "data:image/png;base64,AA", "//example.org/a.png", "a b", "https:///a"],
            (FORMAT, "must be an http or https URL, or a path"),
        )
        .refuses(&["/a\0"], CONTROL)
}

fn bio() -> Rule {
    let longest = "🙂".repeat(4096);
    let control = ("CONTROL_CHARACTER", "must not hold control characters other than line feed and tab");
    Rule::of("bio")
        .accepts(&["", " two\nlines\t", "e\u{301} is not é", "\u{202E}", &longest])
        .refuses(&[&format!("{longest}x")], (LONG, "must have at most 4096 characters"))
        .refuses(&["a\0b", "\r\n", "\u{85}", "\u{1B}[0m"], control)
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
        .refuses(&[&"x".repeat(101)], (LONG, "must have at most 100 characters"))
        .refuses(&["XX", "zzz"], (FORMAT, "must be an ISO 3166-1 code when it has two or three letters"))
        .refuses(&["a\nb"], CONTROL)
}

fn email() -> Rule {
    let longest = format!("{}@{}.{}.{}", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(61));
    Rule::of("email")
        .accepts(&["a@b", "ADA@example.org", r#""a b"@example.org"#, "ada@[192.0.2.1]", &longest])
        .refuses(&[&format!("{longest}d")], (LONG, "must have at most 254 characters"))
        .refuses(
            &["", "ada", "ada@", "@b", "a@b@c", "adä@example.org", &format!("{}@b", "a".repeat(65))],
            (FORMAT, "must be an email address as in RFC 5321"),
        )
}

fn phone() -> Rule {
    let longest = format!("1234{}", " ".repeat(60));
    Rule::of("phone")
        .accepts(&["1234", "+123456789012345", "(030) 12.34-56/7", "1234x1", "1234 ext 12345678", &longest])
        .refuses(&[&format!("{longest} ")], (LONG, "must have at most 64 characters"))
        .refuses(
            &["", "123", "1234567890123456", "++1234", "1234x", "1234x123456789", "call me"],
            (FORMAT, "must be 4 to 15 digits, with an optional leading +, separators and extension (x12)"),
        )
}

fn twitter() -> Rule {
    Rule::of("twitter")
        .accepts(&["a", "@a", "ABCDEFGHIJ_1234", "@ABCDEFGHIJ_1234"])
        .refuses(&["ABCDEFGHIJ_12345", "@ABCDEFGHIJ_12345"], (LONG, "must have at most 15 characters"))
        .refuses(
            &["", "@", "@@a", "a-b"],
            (FORMAT, "must be 1 to 15 of A-Z, a-z, 0-9 and _, after an optional @"),
        )
}

fn name(member: &'static str) -> Rule {
    Rule::of(member)
        .accepts(&[" X Æ A-12 ", "李", &"ß".repeat(100)])
        .refuses(&[&"ß".repeat(101)], (LONG, "must have at most 100 characters"))
        .refuses(&["", "  ", "\u{200B}"], ("BLANK", "must have a character that can be seen"))
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
        .refuses(
            // The clock goes on while the test runs.
            &[&ahead(10), "9999-12-31T23:59:59Z", "0000-01-01T00:00:00+00:01"],
            (RANGE, "must lie between the year 0000 and 24 hours from now"),
        )
        .refuses(
            &["", "2026-10-31T12:00:00", "2026-10-31 12:00:00Z", "2026-02-29", "now", "1761912000"],
            (FORMAT, "must be a date-time as in RFC 3339, or a date as YYYY-MM-DD"),
        )
}

fn label(member: &'static str) -> Rule {
    let longest = "🙂".repeat(255);
    Rule::of(member)
        .accepts(&["", " padded ", "null", "'; DROP TABLE users; --", "\u{FEFF}\u{FFFF}", &longest])
        .refuses(&[&format!("{longest}x")], (LONG, "must have at most 255 characters"))
        .refuses(&["two\nlines", "\0"], CONTROL)
}

fn username() -> Rule {
    let detail = "must be letters, digits and ASCII punctuation without spaces, as in RFC 8265";
    // Of Cyrillic, Greek and wide letters, so that none of them takes another one's name.
    Rule::of("username")
        .accepts(&["λόγος", "Ｗｉｄｅ", "!#$", "Straße", &"ж".repeat(64)])
        .refuses(&[&"ж".repeat(65)], (LONG, "must have at most 64 characters"))
        .refuses(&[""], ("BLANK", "must have at least one character"))
        .refuses(&["a b", "♥", "\u{200B}"], (FORMAT, detail))
        .refuses(&["a\tb"], CONTROL)
}
