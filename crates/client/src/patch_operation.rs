use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// One step of a JSON patch (RFC 6902, section 4) on a user.
///
/// Places are JSON pointers to members as they are on the wire: `/firstName`. To remove a member is to unset it.
///
/// ```
/// use users_client::PatchOperation;
///
/// let patch = [PatchOperation::test("/title", "Countess"), PatchOperation::remove("/phone")];
/// assert_eq!(
///     serde_json::to_string(&patch)?,
///     r#"[{"op":"test","path":"/title","value":"Countess"},{"op":"remove","path":"/phone"}]"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum PatchOperation {
    /// Sets a member, whether or not it is set.
    Add {
        /// The member.
        path: String,
        /// What it is set to.
        value: Value,
    },
    /// Unsets a member.
    Remove {
        /// The member.
        path: String,
    },
    /// Sets a member in place of what it is.
    Replace {
        /// The member.
        path: String,
        /// What it is set to.
        value: Value,
    },
    /// Sets a member to what another one is, and unsets that one.
    Move {
        /// The member that gives its value away.
        from: String,
        /// The member that gets it.
        path: String,
    },
    /// Sets a member to what another one is.
    Copy {
        /// The member whose value is taken.
        from: String,
        /// The member that gets it.
        path: String,
    },
    /// Refuses the whole patch unless a member is as it should be.
    Test {
        /// The member.
        path: String,
        /// What it should be.
        value: Value,
    },
}

impl PatchOperation {
    /// See [`Add`](Self::Add).
    pub fn add(path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Add { path: path.into(), value: value.into() }
    }

    /// See [`Remove`](Self::Remove).
    pub fn remove(path: impl Into<String>) -> Self {
        Self::Remove { path: path.into() }
    }

    /// See [`Replace`](Self::Replace).
    pub fn replace(path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Replace { path: path.into(), value: value.into() }
    }

    /// Sets the member at `path` to what the one at `from` is, and unsets that one; see [`Move`](Self::Move).
    pub fn move_from(from: impl Into<String>, path: impl Into<String>) -> Self {
        Self::Move { from: from.into(), path: path.into() }
    }

    /// Sets the member at `path` to what the one at `from` is; see [`Copy`](Self::Copy).
    pub fn copy_from(from: impl Into<String>, path: impl Into<String>) -> Self {
        Self::Copy { from: from.into(), path: path.into() }
    }

    /// See [`Test`](Self::Test).
    pub fn test(path: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::Test { path: path.into(), value: value.into() }
    }
}

/// Tells the operation and its places, not the value.
impl fmt::Debug for PatchOperation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add { path, value: _ } => write!(f, "Add({path}, ..)"),
            Self::Remove { path } => write!(f, "Remove({path})"),
            Self::Replace { path, value: _ } => write!(f, "Replace({path}, ..)"),
            Self::Move { from, path } => write!(f, "Move({from}, {path})"),
            Self::Copy { from, path } => write!(f, "Copy({from}, {path})"),
            Self::Test { path, value: _ } => write!(f, "Test({path}, ..)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PatchOperation;

    #[test]
    fn operations_are_written_as_the_standard_has_them() {
        let patch = [
            PatchOperation::add("/bio", "b"),
            PatchOperation::replace("/active", false),
            PatchOperation::move_from("/firstName", "/lastName"),
            PatchOperation::copy_from("/lastName", "/title"),
        ];
        let written = concat!(
            r#"[{"op":"add","path":"/bio","value":"b"},{"op":"replace","path":"/active","value":false},"#,
            r#"{"op":"move","from":"/firstName","path":"/lastName"},"#,
            r#"{"op":"copy","from":"/lastName","path":"/title"}]"#
        );
        assert_eq!(serde_json::to_string(&patch).unwrap(), written);
        assert_eq!(format!("{:?}", patch[0]), "Add(/bio, ..)");
    }
}
