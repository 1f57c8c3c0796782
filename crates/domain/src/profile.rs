use crate::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Moment, PersonName, Phone, Twitter, UserUpdate,
    Username,
};

/// What is known of a user besides the id: 17 members, each valid by its type.
///
/// The fields are public and no field depends on another, so whoever maps a profile takes it apart
/// in full (`let Profile { active, avatar, .. } = profile` without the `..`) and the compiler tells where
/// a new member must be handled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Profile {
    /// Whether the user is currently active.
    pub active: bool,
    /// URL or path of the user's picture.
    pub avatar: Option<Avatar>,
    /// What the user says about themselves.
    pub bio: Option<Bio>,
    /// Date of birth.
    pub birthday: Option<Birthday>,
    /// Country of residence.
    pub country: Option<Country>,
    /// Email address; not unique.
    pub email: Option<Email>,
    /// First name.
    pub first_name: Option<PersonName>,
    /// Last name.
    pub last_name: Option<PersonName>,
    /// When the user was last seen.
    pub last_seen: Option<Moment>,
    /// When the user last typed a message.
    pub last_typed: Option<Moment>,
    /// Location or address.
    pub location: Option<Location>,
    /// Organization or company.
    pub organization: Option<Label>,
    /// Phone number.
    pub phone: Option<Phone>,
    /// Regions or areas.
    pub regions: Option<Label>,
    /// Job title.
    pub title: Option<Label>,
    /// Twitter handle.
    pub twitter: Option<Twitter>,
    /// Username; unique by its [`UsernameKey`](crate::UsernameKey).
    pub username: Option<Username>,
}

impl Default for Profile {
    /// An active user of whom nothing else is known.
    fn default() -> Self {
        Self {
            active: true,
            avatar: None,
            bio: None,
            birthday: None,
            country: None,
            email: None,
            first_name: None,
            last_name: None,
            last_seen: None,
            last_typed: None,
            location: None,
            organization: None,
            phone: None,
            regions: None,
            title: None,
            twitter: None,
            username: None,
        }
    }
}

impl Profile {
    /// The size of all texts, in bytes of UTF-8: what a user takes of a store beyond a fixed amount.
    pub fn text_bytes(&self) -> usize {
        let Self {
            active: _,
            avatar,
            bio,
            birthday: _,
            country,
            email,
            first_name,
            last_name,
            last_seen: _,
            last_typed: _,
            location,
            organization,
            phone,
            regions,
            title,
            twitter,
            username,
        } = self;
        let texts = [
            avatar.as_ref().map(Avatar::as_str),
            bio.as_ref().map(Bio::as_str),
            country.as_ref().map(Country::as_str),
            email.as_ref().map(Email::as_str),
            first_name.as_ref().map(PersonName::as_str),
            last_name.as_ref().map(PersonName::as_str),
            location.as_ref().map(Location::as_str),
            organization.as_ref().map(Label::as_str),
            phone.as_ref().map(Phone::as_str),
            regions.as_ref().map(Label::as_str),
            title.as_ref().map(Label::as_str),
            twitter.as_ref().map(Twitter::as_str),
            username.as_ref().map(Username::as_str),
        ];
        texts.into_iter().flatten().map(str::len).sum()
    }

    /// Carries out an update and tells whether it made a difference.
    pub fn apply(&mut self, update: UserUpdate) -> bool {
        let UserUpdate {
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
        } = update;
        let mut changed = false;
        if let Some(active) = active {
            changed |= self.active != active;
            self.active = active;
        }
        changed |= avatar.apply(&mut self.avatar);
        changed |= bio.apply(&mut self.bio);
        changed |= birthday.apply(&mut self.birthday);
        changed |= country.apply(&mut self.country);
        changed |= email.apply(&mut self.email);
        changed |= first_name.apply(&mut self.first_name);
        changed |= last_name.apply(&mut self.last_name);
        changed |= last_seen.apply(&mut self.last_seen);
        changed |= last_typed.apply(&mut self.last_typed);
        changed |= location.apply(&mut self.location);
        changed |= organization.apply(&mut self.organization);
        changed |= phone.apply(&mut self.phone);
        changed |= regions.apply(&mut self.regions);
        changed |= title.apply(&mut self.title);
        changed |= twitter.apply(&mut self.twitter);
        changed |= username.apply(&mut self.username);
        changed
    }
}

impl From<UserUpdate> for Profile {
    /// The profile of a new user: what the update sets, over the defaults.
    fn from(update: UserUpdate) -> Self {
        let mut profile = Self::default();
        profile.apply(update);
        profile
    }
}

#[cfg(test)]
mod tests {
    use super::Profile;
    use crate::{Change, Label, PersonName, UserUpdate};

    #[test]
    fn a_new_profile_is_active_and_says_nothing() {
        let Profile { active, .. } = Profile::default();
        assert!(active);
        assert_eq!(Profile::from(UserUpdate::default()), Profile::default());
    }

    /// Members of one type could be taken for one another; the compiler does not tell.
    #[test]
    fn each_member_of_a_shared_type_changes_itself() {
        let label = |text: &str| Label::parse(text).unwrap();
        let name = |text: &str| PersonName::parse(text).unwrap();
        let profile = Profile::from(UserUpdate {
            first_name: Change::Set(name("first")),
            last_name: Change::Set(name("last")),
            location: Change::Set("location".parse().unwrap()),
            organization: Change::Set(label("organization")),
            regions: Change::Set(label("regions")),
            title: Change::Set(label("title")),
            ..UserUpdate::default()
        });
        let expected = Profile {
            first_name: Some(name("first")),
            last_name: Some(name("last")),
            location: Some("location".parse().unwrap()),
            organization: Some(label("organization")),
            regions: Some(label("regions")),
            title: Some(label("title")),
            ..Profile::default()
        };
        assert_eq!(profile, expected);
    }
}
