//! What is on the wire, byte for byte.

use std::fmt::Write as _;

use users_tests::Answer;

/// Every member but the id, in the documented order.
const MEMBERS: [&str; 17] = [
    "active",
    "avatar",
    "bio",
    "birthday",
    "country",
    "email",
    "firstName",
    "lastName",
    "last_seen",
    "last_typed",
    "location",
    "organization",
    "phone",
    "regions",
    "title",
    "twitter",
    "username",
];

/// A user whose members have these values, written in JSON; the others are unset.
pub fn user(id: &str, members: &[(&str, String)]) -> String {
    let mut body = format!(r#"{{"id":"{id}""#);
    for name in MEMBERS {
        let unset = if name == "active" { "true" } else { "null" };
        let value = members.iter().find(|(member, _)| *member == name).map_or(unset, |(_, value)| value);
        write!(body, r#","{name}":{value}"#).unwrap();
    }
    body + "}"
}

/// What a refusal says.
pub struct Refusal<'a> {
    pub status: u16,
    pub code: &'a str,
    pub title: &'a str,
    pub detail: &'a str,
    pub instance: &'a str,
    /// Pointer, code and detail of each.
    pub errors: &'a [(String, &'a str, &'a str)],
}

impl Refusal<'_> {
    /// The body of the answer.
    pub fn body(&self) -> String {
        let Self { status, code, title, detail, instance, errors } = self;
        let escaped = |text: &str| text.replace('"', "\\\"");
        let detail = escaped(detail);
        let errors: Vec<_> = errors
            .iter()
            .map(|(pointer, code, detail)| {
                format!(r#"{{"pointer":"{pointer}","code":"{code}","detail":"{}"}}"#, escaped(detail))
            })
            .collect();
        let errors =
            if errors.is_empty() { String::new() } else { format!(r#","errors":[{}]"#, errors.join(",")) };
        format!(
            concat!(
                r##"{{"type":"/docs/errors#{code}","title":"{title}","status":{status},"detail":"{detail}","##,
                r#""instance":"{instance}","code":"{code}","message":"{detail}","request_id":"test"{errors}}}"#
            ),
            code = code,
            title = title,
            status = status,
            detail = detail,
            instance = instance,
            errors = errors
        )
    }

    /// Compares all of an answer with this refusal; it may have no headers but the usual ones and `more`.
    #[track_caller]
    pub fn assert_is(&self, answer: &Answer, more: &[&str]) {
        let body = self.body();
        assert_eq!((answer.status, answer.body.as_str()), (self.status, body.as_str()));
        assert_eq!(answer.headers, headers("application/problem+json", "no-store", &body, more));
    }
}

/// The headers of an answer with this body, in alphabetical order.
pub fn headers(media_type: &str, caching: &str, body: &str, more: &[&str]) -> Vec<String> {
    let mut headers = vec![
        format!("cache-control: {caching}"),
        "connection: close".to_owned(),
        format!("content-length: {}", body.len()),
        format!("content-type: {media_type}"),
        "x-request-id: test".to_owned(),
    ];
    headers.extend(more.iter().map(ToString::to_string));
    headers.sort();
    headers
}
