use std::borrow::Cow;
use std::fmt;

use crate::Member;

/// The kind of rule that a value breaks; stable, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleCode {
    /// The value has another JSON type than the member.
    InvalidType,
    /// The value does not have the member's form.
    InvalidFormat,
    /// The value has more characters than the member may have.
    TooLong,
    /// The value has no character that can be seen.
    Blank,
    /// The value lies outside the member's range.
    OutOfRange,
    /// The value holds U+0000, another control character, or a noncharacter of Unicode.
    ControlCharacter,
    /// The member cannot be null.
    NotNullable,
    /// The value has a meaning of its own in the service and cannot be taken.
    Reserved,
    /// The value differs from the one that cannot change.
    Immutable,
    /// The member is none of the user's 18.
    UnknownMember,
}

impl RuleCode {
    /// The code as it stands in an answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidType => "INVALID_TYPE",
            Self::InvalidFormat => "INVALID_FORMAT",
            Self::TooLong => "TOO_LONG",
            Self::Blank => "BLANK",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::ControlCharacter => "CONTROL_CHARACTER",
            Self::NotNullable => "NOT_NULLABLE",
            Self::Reserved => "RESERVED",
            Self::Immutable => "IMMUTABLE",
            Self::UnknownMember => "UNKNOWN_MEMBER",
        }
    }
}

/// The rule that a value breaks.
///
/// The detail does not repeat the value, which may be personal data. The one exception is an email address that would be
/// valid in quotation marks: the detail shows it so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenRule {
    code: RuleCode,
    detail: Cow<'static, str>,
}

impl BrokenRule {
    /// A broken rule; `detail` is one sentence that tells what would be accepted.
    pub fn new(code: RuleCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// The value has more than `max` characters.
    pub fn too_long(max: u64) -> Self {
        Self::new(RuleCode::TooLong, format!("must have at most {max} characters"))
    }

    /// The value has no character that can be seen.
    pub const fn blank() -> Self {
        Self { code: RuleCode::Blank, detail: Cow::Borrowed("must have a character that can be seen") }
    }

    /// The kind of rule.
    pub const fn code(&self) -> RuleCode {
        self.code
    }

    /// What would be accepted, in a sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for BrokenRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for BrokenRule {}

/// A rule broken at one place of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    place: Cow<'static, str>,
    rule: BrokenRule,
}

impl Violation {
    /// A rule broken by a member's value.
    pub const fn at(member: Member, rule: BrokenRule) -> Self {
        Self { place: Cow::Borrowed(member.name()), rule }
    }

    /// A rule broken by what stands at another place than a member, such as a parameter of the list.
    pub fn at_place(name: impl Into<Cow<'static, str>>, rule: BrokenRule) -> Self {
        Self { place: name.into(), rule }
    }

    /// A member that a user does not have; the detail names the one that was probably meant.
    pub fn unknown_member(name: impl Into<String>) -> Self {
        let name = name.into();
        let detail = match Member::like(&name) {
            Some(member) => Cow::Owned(format!("is not a member of a user (did you mean {member}?)")),
            None => Cow::Borrowed("is not a member of a user"),
        };
        Self { place: Cow::Owned(name), rule: BrokenRule::new(RuleCode::UnknownMember, detail) }
    }

    /// The name of the member or parameter, as it stood in the input.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The rule that is broken there.
    pub const fn rule(&self) -> &BrokenRule {
        &self.rule
    }
}

/// All rules that an input breaks, not the first alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// No violation yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a violation.
    pub fn push(&mut self, violation: Violation) {
        self.0.push(violation);
    }

    /// Takes the value, or notes the rule that it breaks and gives `None`.
    pub fn check<T>(&mut self, member: Member, result: Result<T, BrokenRule>) -> Option<T> {
        result.map_err(|rule| self.push(Violation::at(member, rule))).ok()
    }

    /// Whether nothing is broken.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The violations: those of known members in the documented order, then the unknown members.
    pub fn into_sorted(mut self) -> Vec<Violation> {
        self.0
            .sort_by_key(|violation| Member::from_name(violation.place()).map_or(usize::MAX, |m| m as usize));
        self.0
    }

    /// The violations, in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.0.iter()
    }
}

impl Extend<Violation> for Violations {
    fn extend<I: IntoIterator<Item = Violation>>(&mut self, violations: I) {
        self.0.extend(violations);
    }
}

impl IntoIterator for Violations {
    type Item = Violation;
    type IntoIter = std::vec::IntoIter<Violation>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, violation) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", violation.place, violation.rule)?;
        }
        Ok(())
    }
}

impl std::error::Error for Violations {}

#[cfg(test)]
mod tests {
    use super::{BrokenRule, RuleCode, Violation, Violations};
    use crate::Member;

    #[test]
    fn known_members_come_first_in_their_documented_order() {
        let mut violations = Violations::new();
        violations.push(Violation::unknown_member("nickname"));
        violations.push(Violation::at(Member::Username, BrokenRule::too_long(64)));
        violations.push(Violation::at(Member::Email, BrokenRule::new(RuleCode::InvalidFormat, "no")));
        let places: Vec<_> = violations.into_sorted().iter().map(|v| v.place().to_owned()).collect();
        assert_eq!(places, ["email", "username", "nickname"]);
    }

    #[test]
    fn an_unknown_member_names_the_one_that_was_meant() {
        let detail = |name: &str| Violation::unknown_member(name).rule().detail().to_owned();
        assert_eq!(detail("FirstName"), "is not a member of a user (did you mean firstName?)");
        assert_eq!(detail("lastSeen"), "is not a member of a user (did you mean last_seen?)");
        assert_eq!(detail("E-Mail"), "is not a member of a user (did you mean email?)");
        assert_eq!(detail("nickname"), "is not a member of a user");
    }

    #[test]
    fn check_keeps_the_good_and_notes_the_bad() {
        let mut violations = Violations::new();
        assert_eq!(violations.check(Member::Bio, Ok(1)), Some(1));
        assert!(violations.is_empty());
        assert_eq!(violations.check::<u8>(Member::Bio, Err(BrokenRule::too_long(3))), None);
        assert_eq!(violations.to_string(), "bio: must have at most 3 characters");
    }
}
