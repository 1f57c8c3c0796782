use std::fmt;

use chrono::{DateTime, Utc};

use crate::redacted::Redacted;
use crate::{
    Avatar, Bio, Birthday, BrokenRule, Change, Country, Email, Label, Location, Member, Moment, PersonName,
    Phone, RuleCode, Twitter, UserUpdate, Username, Violation, Violations,
};

/// An update as somebody sent it: text that nobody has looked at yet.
///
/// `{:?}` shows of each text its length alone, since it may be personal data.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct UserInput {
    /// Wished for [`Profile::active`](crate::Profile::active).
    pub active: Change<bool>,
    /// Wished for [`Profile::avatar`](crate::Profile::avatar).
    pub avatar: Change<String>,
    /// Wished for [`Profile::bio`](crate::Profile::bio).
    pub bio: Change<String>,
    /// Wished for [`Profile::birthday`](crate::Profile::birthday).
    pub birthday: Change<String>,
    /// Wished for [`Profile::country`](crate::Profile::country).
    pub country: Change<String>,
    /// Wished for [`Profile::email`](crate::Profile::email).
    pub email: Change<String>,
    /// Wished for [`Profile::first_name`](crate::Profile::first_name).
    pub first_name: Change<String>,
    /// Wished for [`Profile::last_name`](crate::Profile::last_name).
    pub last_name: Change<String>,
    /// Wished for [`Profile::last_seen`](crate::Profile::last_seen).
    pub last_seen: Change<String>,
    /// Wished for [`Profile::last_typed`](crate::Profile::last_typed).
    pub last_typed: Change<String>,
    /// Wished for [`Profile::location`](crate::Profile::location).
    pub location: Change<String>,
    /// Wished for [`Profile::organization`](crate::Profile::organization).
    pub organization: Change<String>,
    /// Wished for [`Profile::phone`](crate::Profile::phone).
    pub phone: Change<String>,
    /// Wished for [`Profile::regions`](crate::Profile::regions).
    pub regions: Change<String>,
    /// Wished for [`Profile::title`](crate::Profile::title).
    pub title: Change<String>,
    /// Wished for [`Profile::twitter`](crate::Profile::twitter).
    pub twitter: Change<String>,
    /// Wished for [`Profile::username`](crate::Profile::username).
    pub username: Change<String>,
}

impl UserInput {
    /// Makes a valid update of the input, or tells every rule that it breaks.
    ///
    /// `now` is the present instant: a birthday cannot lie in the future, and a user can hardly
    /// have been seen there.
    pub fn validate(self, now: DateTime<Utc>) -> Result<UserUpdate, Violations> {
        let Self {
            active,
            avatar,
            bio,
            birthday,
            country,
            email,
            first_name,
            last_name,
            last_seen,
            last_typed,
            location,
            organization,
            phone,
            regions,
            title,
            twitter,
            username,
        } = self;
        let mut check = Check(Violations::new());
        let update = UserUpdate {
            active: check.active(&active),
            avatar: check.member(Member::Avatar, avatar, Avatar::parse),
            bio: check.member(Member::Bio, bio, Bio::parse),
            birthday: check.member(Member::Birthday, birthday, |text| Birthday::parse(&text, now)),
            country: check.member(Member::Country, country, Country::parse),
            email: check.member(Member::Email, email, Email::parse),
            first_name: check.member(Member::FirstName, first_name, PersonName::parse),
            last_name: check.member(Member::LastName, last_name, PersonName::parse),
            last_seen: check.member(Member::LastSeen, last_seen, |text| Moment::parse(&text, now)),
            last_typed: check.member(Member::LastTyped, last_typed, |text| Moment::parse(&text, now)),
            location: check.member(Member::Location, location, Location::parse),
            organization: check.member(Member::Organization, organization, Label::parse),
            phone: check.member(Member::Phone, phone, Phone::parse),
            regions: check.member(Member::Regions, regions, Label::parse),
            title: check.member(Member::Title, title, Label::parse),
            twitter: check.member(Member::Twitter, twitter, Twitter::parse),
            username: check.member(Member::Username, username, Username::parse),
        };
        if check.0.is_empty() { Ok(update) } else { Err(check.0) }
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

impl fmt::Debug for UserInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            active,
            avatar,
            bio,
            birthday,
            country,
            email,
            first_name,
            last_name,
            last_seen,
            last_typed,
            location,
            organization,
            phone,
            regions,
            title,
            twitter,
            username,
        } = self;
        f.debug_struct("UserInput")
            .field("active", active)
            .field("avatar", &redacted(avatar))
            .field("bio", &redacted(bio))
            .field("birthday", &redacted(birthday))
            .field("country", &redacted(country))
            .field("email", &redacted(email))
            .field("first_name", &redacted(first_name))
            .field("last_name", &redacted(last_name))
            .field("last_seen", &redacted(last_seen))
            .field("last_typed", &redacted(last_typed))
            .field("location", &redacted(location))
            .field("organization", &redacted(organization))
            .field("phone", &redacted(phone))
            .field("regions", &redacted(regions))
            .field("title", &redacted(title))
            .field("twitter", &redacted(twitter))
            .field("username", &redacted(username))
            .finish()
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
struct Check(Violations);

impl Check {
    fn member<T>(
        &mut self,
        member: Member,
        input: Change<String>,
        parse: impl FnOnce(String) -> Result<T, BrokenRule>,
    ) -> Change<T> {
        self.0.check(member, input.try_map(parse)).unwrap_or_default()
    }

    fn active(&mut self, input: &Change<bool>) -> Option<bool> {
        match input {
            Change::Keep => None,
            Change::Set(active) => Some(*active),
            Change::Clear => {
                let rule = BrokenRule::new(RuleCode::NotNullable, "must be true or false, not null");
                self.0.push(Violation::at(Member::Active, rule));
                None
            }
        }
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
