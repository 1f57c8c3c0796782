use std::fmt;

use users_domain::{SelfEditable, UserId};

use crate::Scopes;

/// What a token allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grant {
    /// What these scopes are for, to every user.
    Scopes(Scopes),
    /// Self-service: to read this one user, and to set some members of it.
    SelfService {
        /// Who the token is for.
        user: UserId,
        /// What the token may set.
        may_set: SelfEditable,
    },
}

impl Grant {
    /// Whose token it is, if it is for one user.
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::Scopes(_) => None,
            Self::SelfService { user, .. } => Some(user),
        }
    }
}

/// A [`Grant`] as a store keeps it: the text of each column.
///
/// A self-service token has no scopes, so that a version of the service which knows nothing but scopes lets it do nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantText {
    /// The names of the scopes, with commas between; empty where there are none.
    pub scopes: String,
    /// The user of a self-service token.
    pub user_id: Option<String>,
    /// The names of the members that a self-service token may set, with commas between.
    pub may_set: Option<String>,
}

/// A text that no [`Grant`] has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not what a token may allow")]
pub struct UnreadableGrant;

impl From<Scopes> for Grant {
    fn from(scopes: Scopes) -> Self {
        Self::Scopes(scopes)
    }
}

impl From<Grant> for GrantText {
    fn from(grant: Grant) -> Self {
        match grant {
            Grant::Scopes(scopes) => Self { scopes: scopes.to_string(), user_id: None, may_set: None },
            Grant::SelfService { user, may_set } => Self {
                scopes: String::new(),
                user_id: Some(user.as_str().to_owned()),
                may_set: Some(may_set.to_string()),
            },
        }
    }
}

impl TryFrom<GrantText> for Grant {
    type Error = UnreadableGrant;

    fn try_from(text: GrantText) -> Result<Self, Self::Error> {
        let GrantText { scopes, user_id, may_set } = text;
        match (scopes.as_str(), user_id, may_set) {
            ("", None, None) => Ok(Self::Scopes(Scopes::default())),
            (names, None, None) => names.parse().map(Self::Scopes).map_err(|_| UnreadableGrant),
            ("", Some(user), Some(may_set)) => {
                let may_set = may_set.parse().map_err(|_| UnreadableGrant)?;
                Ok(Self::SelfService { user: UserId::from_stored(user), may_set })
            }
            _ => Err(UnreadableGrant),
        }
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scopes(scopes) => scopes.fmt(f),
            Self::SelfService { user, may_set } => write!(f, "self-service of {user}: {may_set}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Grant, GrantText};
    use crate::Scopes;

    fn text((scopes, user_id, may_set): (&str, Option<&str>, Option<&str>)) -> GrantText {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        GrantText { scopes: scopes.to_owned(), user_id: owned(user_id), may_set: owned(may_set) }
    }

    #[test]
    fn a_grant_is_read_as_it_is_kept() {
        let grants = [
            (("", None, None), ""),
            (("users:read,users:write", None, None), "users:read,users:write"),
            (("", Some("ada"), Some("avatar,bio")), "self-service of ada: avatar,bio"),
        ];
        for (kept, shown) in grants {
            let grant = Grant::try_from(text(kept)).unwrap();
            assert_eq!(grant.to_string(), shown);
            assert_eq!(GrantText::from(grant), text(kept));
        }
    }

    #[test]
    fn anything_else_is_no_grant() {
        let others = [
            ("users:fly", None, None),
            ("users:read", Some("ada"), Some("bio")),
            ("", Some("ada"), None),
            ("", None, Some("bio")),
            ("", Some("ada"), Some("")),
            ("", Some("ada"), Some("active,bio")),
        ];
        for kept in others {
            assert!(Grant::try_from(text(kept)).is_err(), "{kept:?}");
        }
    }

    #[test]
    fn a_version_that_knows_scopes_alone_finds_none_in_a_self_service_token() {
        let kept = text(("", Some("ada"), Some("bio")));
        let scopes_alone = GrantText { user_id: None, may_set: None, ..kept };
        assert_eq!(Grant::try_from(scopes_alone), Ok(Grant::Scopes(Scopes::default())));
    }
}
