//! A client that asks for anything at all, and notes what it was told.

use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Instant;

use serde_json::Value;

use crate::history::{Call, FIRST_UNIQUE_VALUE, Operation, Reply, Seen};
use crate::http::{Answer, Client, Request, Timed};
use crate::random::Random;
use crate::service::Service;

/// The verbs besides GET and PUT that the service knows.
#[derive(Clone, Copy, Debug)]
pub struct Verbs {
    patch: bool,
    delete: bool,
}

/// A client and what it has done.
#[derive(Debug)]
pub struct Caller {
    number: u32,
    client: Client,
    random: Random,
    verbs: Verbs,
    origin: Instant,
    /// The tag of each user that was told last, as it goes over the wire.
    tags: HashMap<u32, String>,
    /// What was done to which user.
    pub operations: Vec<(u32, Operation)>,
    /// Answers that are wrong whatever the others were.
    pub problems: Vec<String>,
}

impl Verbs {
    /// Asks the service which it knows.
    pub fn of(service: &Service) -> Self {
        let knows = |method| {
            let request = Request { method, path: "/v1/users/nobody", headers: "", body: "{}" };
            service.client().send(&request).status() != 405
        };
        Self { patch: knows("PATCH"), delete: knows("DELETE") }
    }
}

impl Display for Verbs {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let patch = if self.patch { ", PATCH" } else { "" };
        let delete = if self.delete { ", DELETE, POST" } else { "" };
        write!(formatter, "GET, PUT{patch}{delete}, with and without conditions")
    }
}

impl Caller {
    /// A client that has done nothing yet. Its number is 1 or more; times count from `origin`.
    pub fn new(number: u32, client: Client, random: Random, verbs: Verbs, origin: Instant) -> Self {
        let (operations, problems) = (Vec::new(), Vec::new());
        Self { number, client, random, verbs, origin, tags: HashMap::new(), operations, problems }
    }

    /// Asks for something about one of the first users.
    pub fn call(&mut self, users: u32) {
        let user = u32::try_from(self.random.below(users.into())).unwrap_or(0);
        let known = self.tags.get(&user).cloned();
        let (call, method) = self.choose(known.as_deref());
        let headers = match (&call, known) {
            (Call::Read { unless: Some(_) }, Some(tag)) => format!("if-none-match: {tag}\r\n"),
            (Call::Write { only_if: Some(_), .. }, Some(tag)) => format!("if-match: {tag}\r\n"),
            _ => String::new(),
        };
        let kind = if method == "PATCH" { "content-type: application/merge-patch+json\r\n" } else { "" };
        let (headers, path) = (headers + kind, format!("/v1/users/user-{user}"));
        let path = if method == "POST" { "/v1/users" } else { &path };
        let body = body_of(&call, user);
        let timed = self.client.send(&Request { method, path, headers: &headers, body: &body });
        let reply = reply_of(&timed, &call).unwrap_or_else(|| {
            self.problems.push(format!("{method} {path} was answered {:?}", timed.outcome));
            Reply::Unknown
        });
        if let Some(tag) = timed.answer().and_then(|answer| answer.etag.clone()) {
            self.tags.insert(user, tag);
        }
        let since = |moment: Instant| {
            u64::try_from(moment.duration_since(self.origin).as_nanos()).unwrap_or(u64::MAX)
        };
        let (begun, ended) = (since(timed.begun), since(timed.ended));
        self.operations.push((user, Operation { client: self.number, call, reply, begun, ended }));
    }

    /// A call and its method.
    fn choose(&mut self, known: Option<&str>) -> (Call, &'static str) {
        let known = known.map(hash).filter(|_| self.random.percent(40));
        match self.random.below(100) {
            0..35 => (Call::Read { unless: known }, "GET"),
            35..37 if self.verbs.delete => (Call::Delete, "DELETE"),
            37..45 if self.verbs.delete => (Call::Create { one: self.value(), other: self.value() }, "POST"),
            dice => {
                let (one, other) = match self.random.below(3) {
                    0 => (Some(self.value()), None),
                    1 => (None, Some(self.value())),
                    _ => (Some(self.value()), Some(self.value())),
                };
                let method = if self.verbs.patch && dice % 2 == 0 { "PATCH" } else { "PUT" };
                (Call::Write { one, other, only_if: known }, method)
            }
        }
    }

    /// A value that nobody else writes, or now and then one that everybody does, so that some updates change nothing.
    fn value(&mut self) -> u32 {
        if self.random.percent(15) {
            return 1 + u32::try_from(self.random.below(2)).unwrap_or(0);
        }
        let count = u32::try_from(self.operations.len()).unwrap_or(0);
        FIRST_UNIQUE_VALUE + self.number * 10_000_000 + count * 2 + u32::from(self.random.percent(50))
    }
}

/// The members that the model's two numbers stand in.
const MEMBERS: [&str; 2] = ["title", "location"];

fn body_of(call: &Call, user: u32) -> String {
    let [title, location] = MEMBERS;
    match *call {
        Call::Read { .. } | Call::Delete => String::new(),
        Call::Create { one, other } => {
            format!(r#"{{"id":"user-{user}","{title}":"v{one}","{location}":"v{other}"}}"#)
        }
        Call::Write { one, other, .. } => {
            let member = |name, value: Option<u32>| value.map(|value| format!(r#""{name}":"v{value}""#));
            let members: Vec<_> =
                [member(title, one), member(location, other)].into_iter().flatten().collect();
            format!("{{{}}}", members.join(","))
        }
    }
}

/// What an answer means; `None` where it can never be right.
fn reply_of(timed: &Timed, call: &Call) -> Option<Reply> {
    let answer = timed.answer()?;
    match (answer.status, call) {
        (200, Call::Read { .. } | Call::Write { .. } | Call::Delete) | (201, Call::Create { .. }) => {
            let user = answer.json();
            let [one, other] = MEMBERS.map(|member| value_of(user.get(member)));
            Some(Reply::User(Seen { one: one?, other: other?, tag: tag_of(answer)? }))
        }
        (304, Call::Read { unless: Some(_) }) => Some(Reply::Unchanged),
        (412, Call::Write { only_if: Some(_), .. }) => tag_of(answer).map(Reply::Stale),
        (404, Call::Read { .. } | Call::Write { .. } | Call::Delete) => Some(Reply::Absent),
        (409, Call::Create { .. }) => Some(Reply::Taken),
        (503, _) => Some(Reply::Unknown),
        _ => None,
    }
}

fn value_of(member: Option<&Value>) -> Option<u32> {
    match member? {
        Value::Null => Some(0),
        value => value.as_str()?.strip_prefix('v')?.parse().ok(),
    }
}

/// A number that stands for the entity tag of an answer. What the tag says is nobody's business but the service's.
pub fn tag_of(answer: &Answer) -> Option<u64> {
    answer.etag.as_deref().map(hash)
}

fn hash(tag: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    tag.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::{body_of, hash, reply_of};
    use crate::history::{Call, Reply, Seen};
    use crate::http::{Answer, Outcome, Timed};

    fn reply(status: u16, body: &str, call: &Call) -> Option<Reply> {
        let now = Instant::now();
        let etag = Some("\"7\"".to_owned());
        let answer = Answer { status, etag, body: body.as_bytes().to_vec(), ..Answer::default() };
        reply_of(&Timed { begun: now, sent: None, ended: now, outcome: Outcome::Answered(answer) }, call)
    }

    #[test]
    fn a_call_says_what_it_sets() {
        let call = Call::Write { one: Some(7), other: None, only_if: None };
        assert_eq!(body_of(&call, 3), r#"{"title":"v7"}"#);
        let call = Call::Create { one: 7, other: 8 };
        assert_eq!(body_of(&call, 3), r#"{"id":"user-3","title":"v7","location":"v8"}"#);
        assert_eq!(body_of(&Call::Delete, 3), "");
    }

    #[test]
    fn an_answer_is_read_as_its_call_allows() {
        let user = r#"{"title":"v7","location":null}"#;
        let (read, tag) = (Call::Read { unless: None }, hash("\"7\""));
        assert_eq!(reply(200, user, &read), Some(Reply::User(Seen { one: 7, other: 0, tag })));
        assert_eq!(reply(200, r#"{"title":"other","location":null}"#, &read), None);
        assert_eq!(reply(304, "", &read), None);
        assert_eq!(reply(500, "{}", &read), None);
        let write = Call::Write { one: Some(7), other: None, only_if: Some(1) };
        assert_eq!(reply(412, "{}", &write), Some(Reply::Stale(tag)));
        assert_eq!(reply(503, "{}", &write), Some(Reply::Unknown));
        assert_eq!(reply(409, "{}", &write), None);
    }
}
