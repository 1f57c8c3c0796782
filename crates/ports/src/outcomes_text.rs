//! The outcomes of commands as text, for stores that keep them under an idempotency record.
//!
//! The format is a store's own: nobody else reads it, and it is read again for [`KEPT_FOR`](crate::KEPT_FOR) at most.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Moment, PersonName, Phone, Profile, Twitter,
    User, UserId, UserParts, Username, Version,
};

use crate::{CommandOutcome, Rejection};

/// A text that is not one of kept outcomes.
#[derive(Debug, thiserror::Error)]
#[error("what is kept under a request cannot be read: {0}")]
pub struct UnreadableOutcomes(#[from] serde_json::Error);

/// Writes outcomes as text.
pub fn outcomes_to_text(outcomes: &[CommandOutcome]) -> Result<String, UnreadableOutcomes> {
    let kept: Vec<_> = outcomes.iter().cloned().map(KeptOutcome::from).collect();
    Ok(serde_json::to_string(&kept)?)
}

/// Reads outcomes from what [`outcomes_to_text`] has written; they are exactly those that it was given.
pub fn outcomes_from_text(text: &str) -> Result<Vec<CommandOutcome>, UnreadableOutcomes> {
    let kept: Vec<KeptOutcome> = serde_json::from_str(text)?;
    Ok(kept.into_iter().map(CommandOutcome::from).collect())
}

/// The id of the user, if the outcomes are of one command that was carried out.
///
/// A store keeps it beside the text, so that it finds a user's record without reading all.
pub fn only_user(outcomes: &[CommandOutcome]) -> Option<&str> {
    match outcomes {
        [Ok(user)] => Some(user.id().as_str()),
        _ => None,
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KeptOutcome {
    User(Box<KeptUser>),
    NotFound,
    PreconditionFailed { current: i64 },
    IdTaken,
    UsernameTaken,
}

#[derive(Serialize, Deserialize)]
struct KeptUser {
    id: String,
    version: i64,
    modified_at: DateTime<Utc>,
    active: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bio: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birthday: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_seen: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_typed: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    regions: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    twitter: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

impl From<CommandOutcome> for KeptOutcome {
    fn from(outcome: CommandOutcome) -> Self {
        match outcome {
            Ok(user) => Self::User(Box::new(user.into())),
            Err(Rejection::NotFound) => Self::NotFound,
            Err(Rejection::PreconditionFailed { current }) => {
                Self::PreconditionFailed { current: current.number() }
            }
            Err(Rejection::IdTaken) => Self::IdTaken,
            Err(Rejection::UsernameTaken) => Self::UsernameTaken,
        }
    }
}

impl From<KeptOutcome> for CommandOutcome {
    fn from(kept: KeptOutcome) -> Self {
        Err(match kept {
            KeptOutcome::User(user) => return Ok((*user).into()),
            KeptOutcome::NotFound => Rejection::NotFound,
            KeptOutcome::PreconditionFailed { current } => {
                Rejection::PreconditionFailed { current: Version::from_stored(current) }
            }
            KeptOutcome::IdTaken => Rejection::IdTaken,
            KeptOutcome::UsernameTaken => Rejection::UsernameTaken,
        })
    }
}

impl From<User> for KeptUser {
    fn from(user: User) -> Self {
        let UserParts { id, profile, version, modified_at } = user.into_parts();
        let Profile {
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
        } = profile;
        Self {
            id: id.into_string(),
            version: version.number(),
            modified_at,
            active,
            avatar: avatar.map(Avatar::into_string),
            bio: bio.map(Bio::into_string),
            birthday: birthday.map(Birthday::day),
            country: country.map(Country::into_string),
            email: email.map(Email::into_string),
            first_name: first_name.map(PersonName::into_string),
            last_name: last_name.map(PersonName::into_string),
            last_seen: last_seen.map(Moment::instant),
            last_typed: last_typed.map(Moment::instant),
            location: location.map(Location::into_string),
            organization: organization.map(Label::into_string),
            phone: phone.map(Phone::into_string),
            regions: regions.map(Label::into_string),
            title: title.map(Label::into_string),
            twitter: twitter.map(Twitter::into_string),
            username: username.map(Username::into_string),
        }
    }
}

impl From<KeptUser> for User {
    fn from(kept: KeptUser) -> Self {
        let profile = Profile {
            active: kept.active,
            avatar: kept.avatar.map(Avatar::from_stored),
            bio: kept.bio.map(Bio::from_stored),
            birthday: kept.birthday.map(Birthday::from_stored),
            country: kept.country.map(Country::from_stored),
            email: kept.email.map(Email::from_stored),
            first_name: kept.first_name.map(PersonName::from_stored),
            last_name: kept.last_name.map(PersonName::from_stored),
            last_seen: kept.last_seen.map(Moment::from_stored),
            last_typed: kept.last_typed.map(Moment::from_stored),
            location: kept.location.map(Location::from_stored),
            organization: kept.organization.map(Label::from_stored),
            phone: kept.phone.map(Phone::from_stored),
            regions: kept.regions.map(Label::from_stored),
            title: kept.title.map(Label::from_stored),
            twitter: kept.twitter.map(Twitter::from_stored),
            username: kept.username.map(Username::from_stored),
        };
        Self::from_parts(UserParts {
            id: UserId::from_stored(kept.id),
            profile,
            version: Version::from_stored(kept.version),
            modified_at: kept.modified_at,
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use users_domain::{Birthday, Moment, Profile, User, UserId, UserUpdate, Version};

    use super::{outcomes_from_text, outcomes_to_text};
    use crate::Rejection;

    fn full() -> Profile {
        let instant = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
        Profile {
            active: false,
            avatar: Some("/a.png".parse().unwrap()),
            bio: Some("one\n\"two\"\t\u{1F600}".parse().unwrap()),
            birthday: Some(Birthday::from_stored(NaiveDate::from_ymd_opt(1900, 1, 1).unwrap())),
            country: Some("GB".parse().unwrap()),
            email: Some("ada@example.org".parse().unwrap()),
            first_name: Some("Ada".parse().unwrap()),
            last_name: Some("Lovelace".parse().unwrap()),
            last_seen: Some(Moment::from_stored(instant)),
            last_typed: Some(Moment::from_stored(DateTime::UNIX_EPOCH)),
            location: Some(String::new().parse().unwrap()),
            organization: Some("Analytical Engines".parse().unwrap()),
            phone: Some("+44 20 7946 0000".parse().unwrap()),
            regions: Some("emea".parse().unwrap()),
            title: Some("Countess".parse().unwrap()),
            twitter: Some("@ada".parse().unwrap()),
            username: Some("Ada".parse().unwrap()),
        }
    }

    #[test]
    fn outcomes_come_back_as_they_were() {
        let now = DateTime::from_timestamp_micros(1_700_000_000_654_321).unwrap();
        let user = |profile| User::create(UserId::parse("u-1").unwrap(), profile, now);
        let mut changed = user(full());
        let update = UserUpdate { active: Some(true), ..UserUpdate::default() };
        assert_eq!(changed.apply(update, &users_domain::Precondition::Exists, now), Ok(true));
        let outcomes = vec![
            Ok(user(full())),
            Ok(user(Profile::default())),
            Ok(changed),
            Err(Rejection::NotFound),
            Err(Rejection::PreconditionFailed { current: Version::from_stored(i64::MAX) }),
            Err(Rejection::IdTaken),
            Err(Rejection::UsernameTaken),
        ];
        let text = outcomes_to_text(&outcomes).unwrap();
        assert_eq!(outcomes_from_text(&text).unwrap(), outcomes);
    }

    #[test]
    fn another_text_is_an_error() {
        for text in ["", "{}", "[\"nonsense\"]", "[{\"user\":{}}]"] {
            assert!(outcomes_from_text(text).is_err(), "{text}");
        }
    }
}
