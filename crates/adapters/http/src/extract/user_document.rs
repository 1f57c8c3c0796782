use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use users_domain::{
    BrokenRule, Change, Member, RuleCode, SelfEditable, UserId, UserInput, UserUpdate, Violation, Violations,
};

use super::Preferences;
use super::broken_rules::{MAX_ERRORS, broken_rules};
use super::credentials::not_permitted;
use super::json_object::{Name, duplicate, require_object};
use super::json_position::{malformed, malformed_at, position_of};
use super::member_value::{self, ValueFault};
use super::unknown_members::UnknownMembers;
use crate::problem::{FieldError, Problem, pointer_to};

/// A user as a body describes it: read in one pass, with everything noted that breaks a rule.
#[derive(Debug, Default)]
pub struct UserDocument<'a> {
    id: Change<String>,
    input: UserInput,
    violations: Violations,
    unknown: UnknownMembers<'a>,
    /// One bit for each [`Member`] that was sent.
    sent: u32,
    /// The members that were sent under another name than they are written with, and that name.
    aliases: Vec<(Member, Cow<'a, str>)>,
}

impl<'a> UserDocument<'a> {
    /// Reads the body. What is JSON but not what a user may be is noted and told by [`UserDocument::validate`].
    pub fn parse(body: &'a [u8]) -> Result<Self, Problem> {
        require_object(body)?;
        let mut reader = Reader { document: Self::default(), fault: None };
        let mut json = serde_json::Deserializer::from_slice(body);
        let read = json.deserialize_map(&mut reader).and_then(|()| json.end());
        read.map_err(|error| malformed_at(&error))?;
        let Reader { document, fault, .. } = reader;
        let twice = document.unknown.duplicate().map(duplicate);
        match fault {
            Some(Fault::Duplicate(member)) => Err(duplicate(member.name())),
            Some(Fault::Escape(value)) => {
                let (line, column) = position_of(value, body);
                Err(malformed(line, column))
            }
            None => twice.map_or(Ok(document), Err),
        }
    }

    /// Refuses the body where it has a member that the caller may not set; `None`: all may be set.
    ///
    /// What the member is sent with makes no difference, so the refusal does not depend on the user, or on who writes to it
    /// meanwhile. `id` is not among them: sending it sets nothing, which [`require_id`](Self::require_id) sees to.
    pub fn require_permitted(&self, may_set: Option<SelfEditable>) -> Result<(), Problem> {
        let Some(may_set) = may_set else { return Ok(()) };
        let forbidden = self.forbidden(may_set);
        if forbidden.is_empty() { Ok(()) } else { Err(not_permitted(forbidden)) }
    }

    /// An error for each member of the body besides `id` that is not among those which may be set.
    pub fn forbidden(&self, may_set: SelfEditable) -> Vec<FieldError> {
        let sent = Member::ALL.into_iter().filter(|member| self.sent & 1 << *member as u32 != 0);
        let forbidden = sent.filter(|member| *member != Member::Id && !may_set.allows(*member));
        let error = |member: Member| FieldError {
            pointer: pointer_to(sent_name(member.name(), &self.aliases)),
            code: "NOT_PERMITTED",
            detail: "must not be set by this token".to_owned(),
        };
        forbidden.map(error).collect()
    }

    /// Notes a violation where the body has an id, and that is not `id`.
    pub fn require_id(&mut self, id: &UserId) {
        let rule = match std::mem::take(&mut self.id) {
            Change::Keep => return,
            Change::Set(text) if text == id.as_str() => return,
            Change::Set(_) => {
                BrokenRule::new(RuleCode::Immutable, "must be the id in the path: an id never changes")
            }
            Change::Clear => BrokenRule::new(RuleCode::NotNullable, "must be the id in the path, or absent"),
        };
        self.violations.push(Violation::at(Member::Id, rule));
    }

    /// The id that a new user is to have; `None` where the caller has not chosen any, or notes a violation.
    pub fn new_id(&mut self) -> Option<UserId> {
        match std::mem::take(&mut self.id) {
            Change::Keep | Change::Clear => None,
            Change::Set(text) => self.violations.check(Member::Id, UserId::parse(text)),
        }
    }

    /// Makes a valid update of the body, or tells everything that is wrong with it at once.
    pub fn validate(self, preferences: Preferences, now: DateTime<Utc>) -> Result<UserUpdate, Problem> {
        self.update(preferences, now).map_err(|errors| broken_rules("body", errors))
    }

    /// Makes a valid update of the body, or gives everything that is wrong with it.
    pub fn update(self, preferences: Preferences, now: DateTime<Utc>) -> Result<UserUpdate, Vec<FieldError>> {
        let Self { id: _, input, mut violations, unknown, sent: _, aliases } = self;
        let unknown = if preferences.lenient { UnknownMembers::default() } else { unknown };
        match input.validate(now) {
            Ok(update) if violations.is_empty() && unknown.is_empty() => return Ok(update),
            Ok(_) => {}
            Err(more) => violations.extend(more),
        }
        let mut errors =
            violations.into_sorted().iter().map(|violation| error_at(violation, &aliases)).collect();
        unknown.report(&mut errors, MAX_ERRORS);
        Err(errors)
    }
}

fn error_at(violation: &Violation, aliases: &[(Member, Cow<'_, str>)]) -> FieldError {
    FieldError {
        pointer: pointer_to(sent_name(violation.place(), aliases)),
        code: violation.rule().code().as_str(),
        detail: violation.rule().detail().to_owned(),
    }
}

/// The name that the member with this name was sent under.
fn sent_name<'n>(name: &'n str, aliases: &'n [(Member, Cow<'_, str>)]) -> &'n str {
    let alias = aliases.iter().find(|(member, _)| member.name() == name);
    alias.map_or(name, |(_, alias)| alias)
}

/// What makes a body no JSON though its grammar is right.
enum Fault<'a> {
    /// A member stands twice, under either of its names.
    Duplicate(Member),
    /// The string that this is has an escape that stands for no character.
    Escape(&'a str),
}

/// Reads the members one after the other.
struct Reader<'a> {
    document: UserDocument<'a>,
    fault: Option<Fault<'a>>,
}

impl<'de> Visitor<'de> for &mut Reader<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = members.next_key()? {
            // The value is looked at only once its extent is known, so no nesting is too deep and no number too big.
            let value: &'de RawValue = members.next_value()?;
            match Member::from_name(&name) {
                Some(member) => self.member(member, name, value),
                None => self.document.unknown.push(name),
            }
        }
        Ok(())
    }
}

impl<'de> Reader<'de> {
    fn member(&mut self, member: Member, name: Cow<'de, str>, value: &'de RawValue) {
        let bit = 1 << member as u32;
        if self.document.sent & bit != 0 {
            self.fault.get_or_insert(Fault::Duplicate(member));
            return;
        }
        self.document.sent |= bit;
        if name != member.name() {
            self.document.aliases.push((member, name));
        }
        match self.document.set(member, value) {
            Ok(()) => {}
            Err(ValueFault::Type(rule)) => self.document.violations.push(Violation::at(member, rule)),
            Err(ValueFault::Escape) => {
                self.fault.get_or_insert(Fault::Escape(value.get()));
            }
        }
    }
}

impl UserDocument<'_> {
    fn set(&mut self, member: Member, value: &RawValue) -> Result<(), ValueFault> {
        match member {
            Member::Id => self.id = member_value::id(value)?,
            Member::Active => self.input.active = member_value::boolean(value)?,
            member => {
                if let Some(text) = self.input.text_mut(member) {
                    *text = member_value::text(value)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "user_document_tests.rs"]
mod tests;
