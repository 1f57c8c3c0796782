use chrono::{DateTime, SubsecRound, Utc};

use crate::{Precondition, Profile, UserId, UserUpdate, Version};

/// A user: who it is, what is known of it, and which state of it this is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    id: UserId,
    profile: Profile,
    version: Version,
    modified_at: DateTime<Utc>,
}

/// The parts of a user, for a store that takes it apart and puts it together again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserParts {
    /// See [`User::id`].
    pub id: UserId,
    /// See [`User::profile`].
    pub profile: Profile,
    /// See [`User::version`].
    pub version: Version,
    /// See [`User::modified_at`].
    pub modified_at: DateTime<Utc>,
}

/// The precondition of an update did not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the user is in another version than the update was meant for")]
pub struct Stale {
    /// The version that the user is in.
    pub current: Version,
}

impl User {
    /// A new user, made at `now`.
    pub fn create(id: UserId, profile: Profile, now: DateTime<Utc>) -> Self {
        Self {
            id,
            profile,
            version: Version::from_stored(now.timestamp_micros()),
            modified_at: now.trunc_subsecs(6),
        }
    }

    /// Puts a stored user together again.
    pub fn from_parts(parts: UserParts) -> Self {
        let UserParts { id, profile, version, modified_at } = parts;
        Self { id, profile, version, modified_at }
    }

    /// Takes the user apart.
    pub fn into_parts(self) -> UserParts {
        let Self { id, profile, version, modified_at } = self;
        UserParts { id, profile, version, modified_at }
    }

    /// Which user it is; never changes.
    pub const fn id(&self) -> &UserId {
        &self.id
    }

    /// What is known of the user.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Which state of the user this is.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// When the user came into this state, to the microsecond.
    pub const fn modified_at(&self) -> DateTime<Utc> {
        self.modified_at
    }

    /// Carries out an update at `now`, and tells whether it made a new version.
    ///
    /// This is what an update means; every store must do the same, whatever its means:
    /// - Where the precondition does not hold, nothing happens.
    /// - An update that changes no member makes no new version.
    /// - Any other makes the next version, modified at `now`, or when it was modified before if the clock has
    ///   gone back since.
    ///
    /// That no other user has the username is for the store to see to.
    pub fn apply(
        &mut self,
        update: UserUpdate,
        precondition: &Precondition,
        now: DateTime<Utc>,
    ) -> Result<bool, Stale> {
        if !precondition.holds(self.version) {
            return Err(Stale { current: self.version });
        }
        let changed = self.profile.apply(update);
        if changed {
            self.version = self.version.next();
            self.modified_at = self.modified_at.max(now.trunc_subsecs(6));
        }
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::{Stale, User};
    use crate::{Bio, Change, Precondition, Profile, UserId, UserUpdate, Version};

    fn ada() -> User {
        let now = DateTime::from_timestamp_nanos(1_700_000_000_123_456_789);
        User::create(UserId::parse("ada").unwrap(), Profile::default(), now)
    }

    fn bio(text: &str) -> UserUpdate {
        UserUpdate { bio: Change::Set(Bio::parse(text).unwrap()), ..UserUpdate::default() }
    }

    #[test]
    fn a_new_user_is_modified_at_its_creation_to_the_microsecond() {
        let user = ada();
        assert_eq!(user.modified_at().timestamp_nanos_opt(), Some(1_700_000_000_123_456_000));
        assert_eq!(user.version(), Version::from_stored(1_700_000_000_123_456));
    }

    #[test]
    fn a_change_makes_the_next_version() {
        let mut user = ada();
        let later = user.modified_at() + TimeDelta::seconds(1);
        assert_eq!(user.apply(bio("mathematician"), &Precondition::Exists, later), Ok(true));
        assert_eq!(user.version(), ada().version().next());
        assert_eq!(user.modified_at(), later);
        assert_eq!(user.profile().bio.as_ref().map(Bio::as_str), Some("mathematician"));
    }

    #[test]
    fn an_update_that_changes_nothing_makes_no_version() {
        let mut user = ada();
        let later = user.modified_at() + TimeDelta::seconds(1);
        user.apply(bio("x"), &Precondition::Exists, later).unwrap();
        let before = user.clone();
        assert_eq!(user.apply(bio("x"), &Precondition::Exists, later + TimeDelta::seconds(1)), Ok(false));
        assert_eq!(user, before);
    }

    #[test]
    fn a_stale_update_does_nothing() {
        let mut user = ada();
        let stale = Precondition::VersionIn(vec![user.version().next()]);
        let now = user.modified_at();
        assert_eq!(user.apply(bio("x"), &stale, now), Err(Stale { current: ada().version() }));
        assert_eq!(user, ada());
    }

    #[test]
    fn the_time_of_modification_never_goes_back() {
        let mut user = ada();
        let earlier = user.modified_at() - TimeDelta::seconds(1);
        user.apply(bio("x"), &Precondition::Exists, earlier).unwrap();
        assert_eq!(user.modified_at(), ada().modified_at());
    }
}
