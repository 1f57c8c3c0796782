//! Requests: a template is built once, and each request only fills in its digits.

use std::ops::Range;

use crate::people::FIRST_ID;
use crate::random::Random;

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Sets `bio`, `location` and `last_seen`.
    PutProfile,
    /// Sets `last_seen` alone.
    PutPresence,
    /// Reads the user.
    Get,
}

/// Which user a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Any of so many, each as likely as the others.
    AnyOf(u64),
    /// Always the one with this number.
    Only(u64),
}

/// What a run does all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// What each request does.
    pub operation: Operation,
    /// Which user it is about.
    pub target: Target,
}

impl Target {
    /// The number of the user that the next request is about.
    pub const fn draw(self, random: &mut Random) -> u64 {
        match self {
            Self::AnyOf(users) => random.below(users),
            Self::Only(number) => number,
        }
    }
}

/// Digits that each request has of its own.
#[derive(Clone, Copy, Debug)]
enum Slot {
    Id,
    Serial,
    Berth,
    Hour,
    Minute,
    Second,
    Micros,
}

impl Slot {
    const fn width(self) -> usize {
        match self {
            Self::Id => 10,
            Self::Serial => 18,
            Self::Berth | Self::Micros => 6,
            Self::Hour | Self::Minute | Self::Second => 2,
        }
    }

    /// The number that stands in the slot; only the last digits that fit are written.
    const fn value(self, user: u64, serial: u64) -> u64 {
        const SECOND: u64 = 1_000_000;
        match self {
            Self::Id => FIRST_ID + user,
            Self::Serial | Self::Berth | Self::Micros => serial,
            Self::Second => serial / SECOND % 60,
            Self::Minute => serial / (60 * SECOND) % 60,
            Self::Hour => serial / (3_600 * SECOND) % 24,
        }
    }
}

enum Piece {
    Text(String),
    Digits(Slot),
}

/// The bytes of a request, ready but for some digits.
#[derive(Clone, Debug)]
pub struct RequestTemplate {
    bytes: Vec<u8>,
    slots: Vec<(Range<usize>, Slot)>,
    echo: Range<usize>,
}

impl RequestTemplate {
    /// The template of an operation at the server on `authority`, with a token that allows it.
    pub fn new(operation: Operation, authority: &str, token: &str) -> Self {
        let body = body(operation);
        let head = if operation == Operation::Get {
            String::new()
        } else {
            let length: usize = body.iter().map(Piece::length).sum();
            format!("content-type: application/json\r\ncontent-length: {length}\r\n")
        };
        let method = if operation == Operation::Get { "GET" } else { "PUT" };
        let mut template = Self { bytes: Vec::new(), slots: Vec::new(), echo: 0..0 };
        template.push(Piece::Text(format!("{method} /v1/users/")));
        template.push(Piece::Digits(Slot::Id));
        template.push(Piece::Text(format!(
            " HTTP/1.1\r\nhost: {authority}\r\nauthorization: Token {token}\r\n{head}\r\n"
        )));
        for piece in body {
            template.push(piece);
        }
        template
    }

    fn push(&mut self, piece: Piece) {
        let from = self.bytes.len();
        match piece {
            Piece::Text(text) => self.bytes.extend_from_slice(text.as_bytes()),
            Piece::Digits(slot) => {
                self.bytes.resize(from + slot.width(), b'0');
                self.slots.push((from..self.bytes.len(), slot));
                if matches!(slot, Slot::Serial) {
                    self.echo = from..self.bytes.len();
                }
            }
        }
    }

    /// Fills the template in for a user; another `serial` gives every member that is set another value.
    pub fn fill(&mut self, user: u64, serial: u64) {
        for (place, slot) in &self.slots {
            if let Some(digits) = self.bytes.get_mut(place.clone()) {
                write_decimal(digits, slot.value(user, serial));
            }
        }
    }

    /// The request as it was last filled in.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What the answer to this request has in it and no other; empty where answers do not differ.
    pub fn echo(&self) -> &[u8] {
        self.bytes.get(self.echo.clone()).unwrap_or_default()
    }
}

impl Piece {
    const fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Digits(slot) => slot.width(),
        }
    }
}

fn body(operation: Operation) -> Vec<Piece> {
    let text = |text: &str| Piece::Text(text.to_owned());
    let mut pieces = match operation {
        Operation::Get => return Vec::new(),
        Operation::PutPresence => vec![text("{")],
        Operation::PutProfile => vec![
            text(r#"{"bio":"Writes programs for machines that are not there yet. Entry "#),
            Piece::Digits(Slot::Serial),
            text(r#" in the logbook.","location":"Berth "#),
            Piece::Digits(Slot::Berth),
            text(r#", Hamburg","#),
        ],
    };
    pieces.extend([
        text(r#""last_seen":"2026-01-02T"#),
        Piece::Digits(Slot::Hour),
        text(":"),
        Piece::Digits(Slot::Minute),
        text(":"),
        Piece::Digits(Slot::Second),
        text("."),
        Piece::Digits(Slot::Micros),
        text(r#"Z"}"#),
    ]);
    pieces
}

fn write_decimal(digits: &mut [u8], mut value: u64) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, RequestTemplate, Target};
    use crate::random::Random;

    fn filled(operation: Operation, user: u64, serial: u64) -> String {
        let mut template = RequestTemplate::new(operation, "127.0.0.1:80", "t0ken");
        template.fill(user, serial);
        String::from_utf8(template.bytes().to_vec()).unwrap()
    }

    #[test]
    fn a_read_is_filled_in() {
        assert_eq!(
            filled(Operation::Get, 42, 1),
            "GET /v1/users/1000000042 HTTP/1.1\r\nhost: 127.0.0.1:80\r\nauthorization: Token t0ken\r\n\r\n"
        );
    }

    #[test]
    fn an_update_states_the_length_of_its_body() {
        for operation in [Operation::PutProfile, Operation::PutPresence] {
            let request = filled(operation, 0, 3_723_000_004);
            let (head, body) = request.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
            assert!(body.ends_with(r#""last_seen":"2026-01-02T01:02:03.000004Z"}"#), "{body}");
            serde_json::from_str::<serde_json::Value>(body).unwrap();
        }
    }

    #[test]
    fn the_next_serial_changes_every_member() {
        let [one, other] = [123, 124].map(|serial| {
            let request = filled(Operation::PutProfile, 0, serial);
            let body = request.split_once("\r\n\r\n").unwrap().1.to_owned();
            serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&body).unwrap()
        });
        assert_eq!(one.len(), 3);
        assert!(one.iter().all(|(name, value)| other[name] != *value));
    }

    #[test]
    fn an_update_of_the_profile_is_known_by_its_serial() {
        let mut template = RequestTemplate::new(Operation::PutProfile, "h", "t");
        template.fill(1, 987);
        assert_eq!(template.echo(), b"000000000000000987");
        assert!(RequestTemplate::new(Operation::Get, "h", "t").echo().is_empty());
    }

    #[test]
    fn a_target_is_one_user_or_any() {
        let mut random = Random::from_seed(1);
        assert!((0..10).all(|_| Target::Only(3).draw(&mut random) == 3));
        assert!((0..100).all(|_| Target::AnyOf(5).draw(&mut random) < 5));
    }
}
