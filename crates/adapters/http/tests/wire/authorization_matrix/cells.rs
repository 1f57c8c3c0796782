//! The axes of the matrix: who calls, what is asked for, of whom, and what is sent.

use users_domain::Member;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Without a token.
    Nobody,
    /// With something that is no token.
    Garbage,
    /// With a token that there is not.
    Unknown,
    /// With the id of a token and another secret.
    Forged,
    Expired,
    Revoked,
    /// A self-service token whose time is over.
    ExpiredOwn,
    RevokedOwn,
    /// A token without any scope.
    Bare,
    Read,
    Write,
    Delete,
    All,
    /// The self-service token of `ada`, with the usual policy.
    Own,
    /// The same, for `avatar` and `bio` alone.
    OwnNarrow,
    /// The same, for all that a policy may have.
    OwnWide,
}

impl Role {
    pub const ALL: [Self; 16] = [
        Self::Nobody,
        Self::Garbage,
        Self::Unknown,
        Self::Forged,
        Self::Expired,
        Self::Revoked,
        Self::ExpiredOwn,
        Self::RevokedOwn,
        Self::Bare,
        Self::Read,
        Self::Write,
        Self::Delete,
        Self::All,
        Self::Own,
        Self::OwnNarrow,
        Self::OwnWide,
    ];
}

/// Of whom something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// `ada`, of whom everything is known.
    Own,
    /// `bob`, of whom nothing is.
    Other,
    /// `eve`, who is not there.
    Unknown,
}

impl Target {
    pub const ALL: [Self; 3] = [Self::Own, Self::Other, Self::Unknown];

    pub const fn id(self) -> &'static str {
        match self {
            Self::Own => "ada",
            Self::Other => "bob",
            Self::Unknown => "eve",
        }
    }
}

/// How an update is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Put,
    MergePatch,
    JsonPatch,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Put, Self::MergePatch, Self::JsonPatch];
}

/// What a member is sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A good one that nobody has.
    New,
    /// The one that it has; of `eve`, who is not there, that of `ada`.
    Present,
    Null,
}

impl Value {
    pub const ALL: [Self; 3] = [Self::New, Self::Present, Self::Null];
}

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// No token.
    Nothing,
    /// A token with the scope, be it about one user or about many.
    Read,
    Write,
    Delete,
    /// The scope, or a self-service token of the user.
    ReadOne,
    WriteOne,
}

/// An operation: a line of the route table.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    pub method: &'static str,
    /// `{id}` stands for the target.
    pub path: &'static str,
    pub query: &'static str,
    pub need: Need,
    /// The type of the body, where there is one.
    pub content_type: &'static str,
    /// A good body; `{id}` stands for the target.
    pub body: &'static str,
    /// The status for whoever is allowed it and asks for what there is.
    pub success: u16,
    /// Whether it then leaves the users otherwise than they were, where it is about one who is there.
    pub writes: bool,
}

const JSON: &str = "application/json";
const MERGE: &str = "application/merge-patch+json";

const fn read(path: &'static str, query: &'static str, need: Need) -> [Operation; 2] {
    let get = Operation {
        method: "GET",
        path,
        query,
        need,
        content_type: "",
        body: "",
        success: 200,
        writes: false,
    };
    [get, Operation { method: "HEAD", ..get }]
}

const fn write(
    method: &'static str,
    path: &'static str,
    need: Need,
    content_type: &'static str,
    body: &'static str,
) -> Operation {
    Operation { method, path, query: "", need, content_type, body, success: 200, writes: true }
}

/// Every operation of the service.
pub fn operations() -> Vec<Operation> {
    let reads = [
        read("/v1/users", "", Need::Read),
        read("/v1/users/count", "", Need::Read),
        read("/v1/users/search", "?query=a", Need::Read),
        read("/v1/users/{id}", "", Need::ReadOne),
        read("/livez", "", Need::Nothing),
        read("/readyz", "", Need::Nothing),
        read("/openapi.json", "", Need::Nothing),
        read("/docs", "", Need::Nothing),
        read("/docs/errors", "", Need::Nothing),
    ];
    let writes = [
        Operation {
            success: 201,
            ..write("POST", "/v1/users", Need::Write, JSON, r#"{"id":"new","bio":"x"}"#)
        },
        write("PUT", "/v1/users/{id}", Need::WriteOne, JSON, r#"{"bio":"x"}"#),
        write("PATCH", "/v1/users/{id}", Need::WriteOne, MERGE, r#"{"bio":"x"}"#),
        write("DELETE", "/v1/users/{id}", Need::Delete, "", ""),
        write("POST", "/v1/users/bulk", Need::Write, JSON, r#"{"items":[{"id":"new"}]}"#),
        write(
            "PUT",
            "/v1/users/bulk",
            Need::Write,
            JSON,
            r#"{"updates":[{"id":"{id}","data":{"bio":"x"}}]}"#,
        ),
        write("DELETE", "/v1/users/bulk", Need::Delete, JSON, r#"{"ids":["{id}"]}"#),
    ];
    reads.into_iter().flatten().chain(writes).collect()
}

/// A good value that nobody has, as JSON.
pub const fn new_value(member: Member) -> &'static str {
    match member {
        Member::Id => r#""other""#,
        Member::Active => "false",
        Member::Avatar => r#""/new.png""#,
        Member::Bio => r#""new""#,
        Member::Birthday => r#""1990-02-03""#,
        Member::Country => r#""FR""#,
        Member::Email => r#""new@example.org""#,
        Member::FirstName | Member::LastName => r#""New""#,
        Member::LastSeen | Member::LastTyped => r#""2026-10-01T00:00:00Z""#,
        Member::Location | Member::Organization | Member::Regions | Member::Title => r#""New label""#,
        Member::Phone => r#""+49 30 1234567""#,
        Member::Twitter => r#""@new""#,
        Member::Username => r#""new.name""#,
    }
}
