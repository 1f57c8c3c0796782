use std::sync::Arc;

use chrono::{DateTime, Utc};

/// When a write happens, by whom, and in which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When. Stores keep it to the microsecond.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: Actor,
    /// The id of the request, if the write is part of one.
    pub request: Option<Arc<str>>,
}

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The holder of a token.
    Token {
        /// The public id of the token.
        id: Arc<str>,
        /// What the token is called.
        name: Arc<str>,
    },
    /// A command of the program, by its name, such as `import`.
    Command(&'static str),
}
