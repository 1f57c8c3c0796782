use std::fmt;
use std::sync::Arc;

use users_domain::SelfEditable;
use users_ports::{Grant, Scope, TokenRecord};

/// Who calls: the token that was shown, and what it allows.
#[derive(Clone, PartialEq, Eq)]
pub struct Caller(Arc<TokenRecord>);

/// Why a caller may not do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The token does not allow what this scope is for.
    #[error("the token does not have the scope {0}")]
    Scope(Scope),
    /// As far as this caller is to know, there is no such user.
    #[error("there is no such user for the caller")]
    NoSuchUser,
}

impl Caller {
    /// The caller that showed this token. Nothing is checked: [`Authenticate`](crate::Authenticate) does that.
    pub fn new(record: impl Into<Arc<TokenRecord>>) -> Self {
        Self(record.into())
    }

    /// The public id of the token.
    pub fn token_id(&self) -> &str {
        &self.0.id
    }

    /// Whether the caller may do what `scope` is for, to any user.
    pub fn require(&self, scope: Scope) -> Result<(), Denied> {
        match &self.0.grant {
            Grant::Scopes(scopes) if scopes.allow(scope) => Ok(()),
            Grant::Scopes(_) | Grant::SelfService { .. } => Err(Denied::Scope(scope)),
        }
    }

    /// Whether the caller may read or update, as `scope` says, the user that has this id if there is one.
    ///
    /// To a self-service token every other user is as one that there is not: it learns nothing of who is there, also by how
    /// long it takes to find out.
    pub fn require_for(&self, scope: Scope, id: &str) -> Result<(), Denied> {
        match (&self.0.grant, scope) {
            (Grant::SelfService { user, .. }, Scope::Read | Scope::Write) if user.as_str() == id => Ok(()),
            (Grant::SelfService { .. }, Scope::Read | Scope::Write) => Err(Denied::NoSuchUser),
            (Grant::SelfService { .. }, Scope::Delete) | (Grant::Scopes(_), _) => self.require(scope),
        }
    }

    /// The members that the caller may set of a user whom it may update; `None`: all of them.
    pub fn may_set(&self) -> Option<SelfEditable> {
        match self.0.grant {
            Grant::Scopes(_) => None,
            Grant::SelfService { may_set, .. } => Some(may_set),
        }
    }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TokenRecord { id, grant, .. } = &*self.0;
        f.debug_struct("Caller").field("token_id", id).field("grant", grant).finish()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_domain::{SelfEditable, UserId};
    use users_ports::{Grant, Scope, Scopes, TokenRecord};
    use users_testkit::token_record;

    use super::{Caller, Denied};

    fn caller(grant: Grant) -> Caller {
        Caller::new(TokenRecord { grant, ..token_record("abc") })
    }

    fn ada() -> Caller {
        let user = UserId::parse("ada").unwrap();
        caller(Grant::SelfService { user, may_set: "bio".parse::<SelfEditable>().unwrap() })
    }

    #[rstest]
    #[case(Scope::Read)]
    #[case(Scope::Write)]
    #[case(Scope::Delete)]
    fn scopes_allow_what_they_are_for_to_every_user(#[case] scope: Scope) {
        let (with, without) = ([scope], Scope::ALL.into_iter().filter(|other| *other != scope));
        let (with, without) = (Scopes::from_iter(with), without.collect::<Scopes>());
        let (with, without) = (caller(with.into()), caller(without.into()));
        assert_eq!((with.require(scope), with.require_for(scope, "ada")), (Ok(()), Ok(())));
        let denied = Err(Denied::Scope(scope));
        assert_eq!((without.require(scope), without.require_for(scope, "ada")), (denied, denied));
        assert_eq!(with.may_set(), None);
    }

    #[test]
    fn a_self_service_token_allows_reading_and_updating_one_user() {
        for scope in [Scope::Read, Scope::Write] {
            assert_eq!(ada().require(scope), Err(Denied::Scope(scope)));
            assert_eq!(ada().require_for(scope, "ada"), Ok(()));
            for other in ["Ada", "bob", "ada ", "", "ad", "adaa"] {
                assert_eq!(ada().require_for(scope, other), Err(Denied::NoSuchUser), "{other:?}");
            }
        }
        for user in ["ada", "bob"] {
            assert_eq!(ada().require_for(Scope::Delete, user), Err(Denied::Scope(Scope::Delete)));
        }
        assert_eq!(ada().may_set().map(|policy| policy.to_string()).as_deref(), Some("bio"));
    }

    #[test]
    fn debug_does_not_show_the_hash() {
        let shown = format!("{:?}", ada());
        assert!(shown.contains("abc") && !shown.contains("hash"), "{shown}");
    }
}
