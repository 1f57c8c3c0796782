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
use super::json_part::JsonPart;
use super::member_value;
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
    /// Reads the whole body. What is JSON but not what a user may be is noted, and reported by [`UserDocument::validate`].
    pub fn parse(body: &'a [u8]) -> Result<Self, Problem> {
        Self::parse_part(JsonPart::body(body))
    }

    /// Reads a part of a body as [`parse`](Self::parse) reads all of it.
    pub fn parse_part(part: JsonPart<'a>) -> Result<Self, Problem> {
        require_object(part)?;
        let mut reader = Reader { document: Self::default(), duplicate: None };
        let mut json = serde_json::Deserializer::from_slice(part.text);
        let read = json.deserialize_map(&mut reader).and_then(|()| json.end());
        read.map_err(|error| part.malformed(&error))?;
        let Reader { document, duplicate: known } = reader;
        let twice = known.map(Member::name).or_else(|| document.unknown.duplicate());
        match twice {
            Some(name) => Err(duplicate(name)),
            None => Ok(document),
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

    /// Notes a violation if the body has an id that is not `id`; `source` says where that one stands.
    pub fn require_id(&mut self, id: &UserId, source: IdSource) {
        let (other, cleared) = match source {
            IdSource::Path => {
                ("must be the id in the path: an id never changes", "must be the id in the path, or absent")
            }
            IdSource::Item => {
                ("must be the id of the item: an id never changes", "must be the id of the item, or absent")
            }
            IdSource::User => {
                ("must stay as it is: an id never changes", "must not be removed: an id never changes")
            }
        };
        let rule = match std::mem::take(&mut self.id) {
            Change::Keep => return,
            Change::Set(text) if text == id.as_str() => return,
            Change::Set(_) => BrokenRule::new(RuleCode::Immutable, other),
            Change::Clear => BrokenRule::new(RuleCode::NotNullable, cleared),
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

/// Where the id stands that an id in the body must be equal to.
#[derive(Clone, Copy, Debug)]
pub enum IdSource {
    /// In the path.
    Path,
    /// In the item of a bulk request.
    Item,
    /// In the user that is patched.
    User,
}

/// Reads the members one after the other.
struct Reader<'a> {
    document: UserDocument<'a>,
    /// A member that stands twice, under either of its names.
    duplicate: Option<Member>,
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
            self.duplicate.get_or_insert(member);
            return;
        }
        self.document.sent |= bit;
        if name != member.name() {
            self.document.aliases.push((member, name));
        }
        if let Err(rule) = self.document.set(member, value) {
            self.document.violations.push(Violation::at(member, rule));
        }
    }
}

impl UserDocument<'_> {
    fn set(&mut self, member: Member, value: &RawValue) -> Result<(), BrokenRule> {
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
