use std::io;

use chrono::{DateTime, Utc};
use users_domain::{UserId, UserUpdate};

/// One user of a file.
#[derive(Debug)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The line on which it ends.
    pub last_line: u64,
    /// How many bytes of the file are read when it is.
    pub bytes_read: u64,
    /// What it says, which is nothing if all its values are empty; or all that is wrong with it.
    pub content: Result<Option<Wish>, Vec<Fault>>,
}

/// What a valid row says: a user as it is to be.
#[derive(Debug, PartialEq, Eq)]
pub struct Wish {
    /// The user's id, where the row has one.
    pub id: Option<UserId>,
    /// What is said of the other members: what is not mentioned is left as it is, or unset in a new user.
    pub update: UserUpdate,
}

/// Something that is wrong with a row; never tells a value, which may be personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// The kind of fault, for programs.
    pub code: &'static str,
    /// What would be accepted, in a sentence.
    pub detail: String,
}

impl Fault {
    /// A fault of the row as a whole.
    pub fn of_row(code: &'static str, detail: impl Into<String>) -> Self {
        Self { place: Place::Row, code, detail: detail.into() }
    }
}

/// Where in a row something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The row as a whole.
    Row,
    /// A member of a JSON object, by its pointer (RFC 6901).
    Pointer(String),
    /// A column of a CSV file, by its name in the header.
    Column(String),
}

/// Gives the rows of a file one after the other.
pub trait Rows: Send {
    /// The next row, with its rules checked at `now`; `None` at the end.
    ///
    /// Fails where the file cannot be read any further.
    fn next(&mut self, now: DateTime<Utc>) -> io::Result<Option<Row>>;

    /// Where a fault of the member with this name is.
    fn place(&self, member: &str) -> Place;
}
