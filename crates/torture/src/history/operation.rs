/// A user as an answer shows it: two members, each with a number for its value (0 where it is null), and the entity tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Seen {
    /// The one member.
    pub one: u32,
    /// The other member.
    pub other: u32,
    /// The entity tag, as a number that stands for it.
    pub tag: u64,
}

/// What a client asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `GET`; with `If-None-Match` where there is a tag.
    Read {
        /// The tag that is known already.
        unless: Option<u64>,
    },
    /// `PUT` or `PATCH`; with `If-Match` where there is a tag. `None` leaves a member as it is.
    Write {
        /// The one member.
        one: Option<u32>,
        /// The other member.
        other: Option<u32>,
        /// The tag that the user must have.
        only_if: Option<u64>,
    },
    /// `POST`.
    Create {
        /// The one member.
        one: u32,
        /// The other member.
        other: u32,
    },
    /// `DELETE`.
    Delete,
}

/// What a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// 200 or 201: the user as it is now, or, on a deletion, as it was.
    User(Seen),
    /// 412: the condition does not hold, and this is the tag.
    Stale(u64),
    /// 304: the tag is the known one.
    Unchanged,
    /// 404: there is no such user.
    Absent,
    /// 409: there is such a user already.
    Taken,
    /// Nothing that says whether it was done: 503, or no answer. It may take effect at any later time, once, or never.
    Unknown,
}

/// One call and its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who called.
    pub client: u32,
    /// What was asked for.
    pub call: Call,
    /// What was answered.
    pub reply: Reply,
    /// When the call was made, in nanoseconds from the start.
    pub begun: u64,
    /// When the reply was there, in nanoseconds from the start.
    pub ended: u64,
}
