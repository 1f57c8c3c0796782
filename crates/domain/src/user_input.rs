use std::fmt;

use chrono::{DateTime, Utc};

use crate::members::{Form, MemberValue, Members, Zip};
use crate::redacted::Redacted;
use crate::user_update::Changed;
use crate::{BrokenRule, Change, Member, RuleCode, UserUpdate, Violation, Violations};

/// An update as somebody sent it: text that nobody has looked at yet.
///
/// `{:?}` shows of each text its length alone, since it may be personal data.
pub type UserInput = Members<Sent>;

/// The form of a [`UserInput`]: keep, clear, or set to what a text says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sent;

impl Form for Sent {
    type Of<T: MemberValue> = Change<String>;
    type Active = Change<bool>;

    const NAME: &'static str = "UserInput";
    const ACTIVE: Change<bool> = Change::Keep;

    fn show<T: MemberValue>(value: &Change<String>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&redacted(value), f)
    }
}

impl UserInput {
    /// Makes a valid update of the input, or tells every rule that it breaks.
    ///
    /// `now` is the present instant: a birthday cannot lie in the future, and a user can hardly
    /// have been seen there.
    pub fn validate(self, now: DateTime<Utc>) -> Result<UserUpdate, Violations> {
        let mut check = Check { violations: Violations::new(), now };
        let update = self.zip(UserUpdate::default(), &mut check);
        if check.violations.is_empty() { Ok(update) } else { Err(check.violations) }
    }

    /// What is said of a member that comes as text; `None` for the two that do not, `id` and `active`.
    pub fn text_mut(&mut self, member: Member) -> Option<&mut Change<String>> {
        Some(match member {
            Member::Id | Member::Active => return None,
            Member::Avatar => &mut self.avatar,
            Member::Bio => &mut self.bio,
            Member::Birthday => &mut self.birthday,
            Member::Country => &mut self.country,
            Member::Email => &mut self.email,
            Member::FirstName => &mut self.first_name,
            Member::LastName => &mut self.last_name,
            Member::LastSeen => &mut self.last_seen,
            Member::LastTyped => &mut self.last_typed,
            Member::Location => &mut self.location,
            Member::Organization => &mut self.organization,
            Member::Phone => &mut self.phone,
            Member::Regions => &mut self.regions,
            Member::Title => &mut self.title,
            Member::Twitter => &mut self.twitter,
            Member::Username => &mut self.username,
        })
    }
}

fn redacted(input: &Change<String>) -> Change<Redacted<'_>> {
    match input {
        Change::Keep => Change::Keep,
        Change::Clear => Change::Clear,
        Change::Set(text) => Change::Set(Redacted(text)),
    }
}

/// Collects what is broken while the members are read.
struct Check {
    violations: Violations,
    now: DateTime<Utc>,
}

impl Zip<Sent, Changed, Changed> for Check {
    fn active(&mut self, input: Change<bool>, _: Option<bool>) -> Option<bool> {
        match input {
            Change::Keep => None,
            Change::Set(active) => Some(active),
            Change::Clear => {
                let rule = BrokenRule::new(RuleCode::NotNullable, "must be true or false, not null");
                self.violations.push(Violation::at(Member::Active, rule));
                None
            }
        }
    }

    fn member<T: MemberValue>(&mut self, member: Member, input: Change<String>, _: Change<T>) -> Change<T> {
        let read = input.try_map(|text| T::read(text, self.now));
        self.violations.check(member, read).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::UserInput;
    use crate::{Change, Member};

    #[test]
    fn an_empty_input_is_an_update_that_keeps_everything() {
        let update = UserInput::default().validate(DateTime::UNIX_EPOCH);
        assert_eq!(update, Ok(crate::UserUpdate::default()));
    }

    #[test]
    fn every_violation_is_reported() {
        let bad = || Change::Set("\u{0}".to_owned());
        let input = UserInput {
            active: Change::Clear,
            avatar: bad(),
            bio: bad(),
            birthday: bad(),
            country: bad(),
            email: bad(),
            first_name: bad(),
            last_name: bad(),
            last_seen: bad(),
            last_typed: bad(),
            location: bad(),
            organization: bad(),
            phone: bad(),
            regions: bad(),
            title: bad(),
            twitter: bad(),
            username: bad(),
        };
        let violations = input.validate(DateTime::UNIX_EPOCH).unwrap_err();
        let places: Vec<_> = violations.iter().map(|violation| violation.place().to_owned()).collect();
        let expected: Vec<_> = Member::ALL.iter().skip(1).map(|member| member.name()).collect();
        assert_eq!(places, expected);
    }

    #[test]
    fn debug_tells_lengths_and_no_text() {
        let input = UserInput {
            email: Change::Set("ada@example.org".to_owned()),
            username: Change::Clear,
            ..UserInput::default()
        };
        let shown = format!("{input:?}");
        assert!(shown.contains("email: Set(15 characters)") && shown.contains("username: Clear"), "{shown}");
        assert!(!shown.contains("ada"), "{shown}");
    }
}
