//! The outcomes of commands as text, for stores that keep them under an idempotency record.
//!
//! The format is a store's own: nobody else reads it, and it is read again for [`KEPT_FOR`](crate::KEPT_FOR) at most.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use users_domain::{Known, Member, MemberValue, Profile, User, UserId, UserParts, Version, Visit, Zip};

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
    /// The texts of the other members that are set, by their names in `snake_case`.
    #[serde(flatten)]
    members: BTreeMap<String, Option<String>>,
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
        let (id, version, active) = (id.into_string(), version.number(), profile.active);
        let mut kept = Self { id, version, modified_at, active, members: BTreeMap::new() };
        profile.visit(&mut kept);
        kept
    }
}

impl<'a> Visit<'a, Known> for KeptUser {
    fn active(&mut self, _: &'a bool) {}

    fn member<T: MemberValue>(&mut self, member: Member, value: &'a Option<T>) {
        if let Some(value) = value {
            self.members.insert(member.column().to_owned(), Some(value.text().into_owned()));
        }
    }
}

impl From<KeptUser> for User {
    fn from(mut kept: KeptUser) -> Self {
        let profile = Profile::default().zip(Profile::default(), &mut kept);
        Self::from_parts(UserParts {
            id: UserId::from_stored(kept.id),
            profile,
            version: Version::from_stored(kept.version),
            modified_at: kept.modified_at,
        })
    }
}

impl Zip<Known, Known, Known> for KeptUser {
    fn active(&mut self, _: bool, _: bool) -> bool {
        self.active
    }

    fn member<T: MemberValue>(&mut self, member: Member, _: Option<T>, _: Option<T>) -> Option<T> {
        self.members.remove(member.column()).flatten().and_then(T::restore)
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

    /// What the version before has stored is read for a day after an upgrade.
    #[test]
    fn records_of_the_version_before_are_read() {
        let text = r#"[{"user":{"id":"u-1","version":1700000000123456,"modified_at":"2023-11-14T22:13:20.123456Z",
            "active":false,"avatar":null,"bio":"one\n","birthday":"1900-01-01","country":null,"email":null,"first_name":"Ada",
            "last_name":null,"last_seen":"2023-11-14T22:13:20.123456Z","last_typed":null,"location":"","organization":null,
            "phone":null,"regions":null,"title":null,"twitter":null,"username":null}}]"#;
        let outcomes = outcomes_from_text(text).unwrap();
        let Profile { birthday, first_name, last_seen, .. } = full();
        let expected = Profile {
            active: false,
            bio: Some("one\n".parse().unwrap()),
            birthday,
            first_name,
            last_seen,
            location: Some(String::new().parse().unwrap()),
            ..Profile::default()
        };
        assert_eq!(outcomes[0].as_ref().unwrap().profile(), &expected);
    }

    #[test]
    fn another_text_is_an_error() {
        for text in ["", "{}", "[\"nonsense\"]", "[{\"user\":{}}]"] {
            assert!(outcomes_from_text(text).is_err(), "{text}");
        }
    }
}
