use std::sync::Arc;

use chrono::{DateTime, Utc};
use users_domain::SelfEditable;
use users_ports::{Actor, Grant, Scope, Scopes, Stamp, TokenRecord};

/// Who calls, what they may do, and in which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    who: Arc<Who>,
    request: Option<Arc<str>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Who {
    id: String,
    grant: Grant,
    actor: Actor,
}

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
    /// The holder of this token. Nothing is checked: [`Authenticate`](crate::Authenticate) does that.
    pub fn token(record: &TokenRecord) -> Self {
        let TokenRecord { id, name, grant, .. } = record;
        let actor = Actor::Token { id: id.as_str().into(), name: name.as_str().into() };
        Self { who: Arc::new(Who { id: id.clone(), grant: grant.clone(), actor }), request: None }
    }

    /// A command of the program, which may do everything: who can run it has the database.
    pub fn command(name: &'static str) -> Self {
        let who = Who { id: name.to_owned(), grant: Scopes::all().into(), actor: Actor::Command(name) };
        Self { who: Arc::new(who), request: None }
    }

    /// The same in the request with this id.
    #[must_use]
    pub fn in_request(self, id: impl Into<Arc<str>>) -> Self {
        Self { request: Some(id.into()), ..self }
    }

    /// The stamp of what the caller writes at this instant.
    pub fn stamp(&self, at: DateTime<Utc>) -> Stamp {
        Stamp { at, actor: self.who.actor.clone(), request: self.request.clone() }
    }

    /// The public id of the token, or the name of the command.
    pub fn id(&self) -> &str {
        &self.who.id
    }

    /// Whether the caller may do what `scope` is for, to any user.
    pub fn require(&self, scope: Scope) -> Result<(), Denied> {
        match &self.who.grant {
            Grant::Scopes(scopes) if scopes.allow(scope) => Ok(()),
            Grant::Scopes(_) | Grant::SelfService { .. } => Err(Denied::Scope(scope)),
        }
    }

    /// Whether the caller may read or update, as `scope` says, the user that has this id if there is one.
    ///
    /// To a self-service token every other user is as one that there is not: it learns nothing of who is there, also by how
    /// long it takes to find out.
    pub fn require_for(&self, scope: Scope, id: &str) -> Result<(), Denied> {
        match (&self.who.grant, scope) {
            (Grant::SelfService { user, .. }, Scope::Read | Scope::Write) if user.as_str() == id => Ok(()),
            (Grant::SelfService { .. }, Scope::Read | Scope::Write) => Err(Denied::NoSuchUser),
            (Grant::SelfService { .. }, Scope::Delete) | (Grant::Scopes(_), _) => self.require(scope),
        }
    }

    /// The members that the caller may set of a user whom it may update; `None`: all of them.
    pub fn may_set(&self) -> Option<SelfEditable> {
        match self.who.grant {
            Grant::Scopes(_) => None,
            Grant::SelfService { may_set, .. } => Some(may_set),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use users_domain::{SelfEditable, UserId};
    use users_ports::{Actor, Grant, Scope, Scopes, Stamp, TokenRecord};
    use users_testkit::token_record;

    use super::{Caller, Denied};

    fn caller(grant: Grant) -> Caller {
        Caller::token(&TokenRecord { grant, ..token_record("abc") })
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
    fn a_stamp_tells_who_and_in_which_request() {
        let at = users_testkit::noon();
        let actor = Actor::Token { id: "abc".into(), name: token_record("abc").name.into() };
        assert_eq!(ada().stamp(at), Stamp { at, actor: actor.clone(), request: None });
        assert_eq!(ada().in_request("r-1").stamp(at), Stamp { at, actor, request: Some("r-1".into()) });
        let command = Caller::command("import");
        assert_eq!(command.stamp(at).actor, Actor::Command("import"));
        assert_eq!(Scope::ALL.map(|scope| command.require(scope)), [Ok(()); Scope::ALL.len()]);
    }

    #[test]
    fn debug_does_not_show_the_hash() {
        let shown = format!("{:?}", ada());
        assert!(shown.contains("abc") && !shown.contains("hash"), "{shown}");
    }
}
