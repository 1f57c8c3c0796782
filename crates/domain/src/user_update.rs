use crate::{
    Avatar, Bio, Birthday, Change, Country, Email, Label, Moment, PersonName, Phone, Twitter, Username,
};

/// What an update does to each member of a user but the id, which never changes.
///
/// Valid by its types; [`UserInput::validate`](crate::UserInput::validate) makes one of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct UserUpdate {
    /// Sets [`Profile::active`](crate::Profile::active), which cannot be cleared; `None` keeps it.
    pub active: Option<bool>,
    /// Changes [`Profile::avatar`](crate::Profile::avatar).
    pub avatar: Change<Avatar>,
    /// Changes [`Profile::bio`](crate::Profile::bio).
    pub bio: Change<Bio>,
    /// Changes [`Profile::birthday`](crate::Profile::birthday).
    pub birthday: Change<Birthday>,
    /// Changes [`Profile::country`](crate::Profile::country).
    pub country: Change<Country>,
    /// Changes [`Profile::email`](crate::Profile::email).
    pub email: Change<Email>,
    /// Changes [`Profile::first_name`](crate::Profile::first_name).
    pub first_name: Change<PersonName>,
    /// Changes [`Profile::last_name`](crate::Profile::last_name).
    pub last_name: Change<PersonName>,
    /// Changes [`Profile::last_seen`](crate::Profile::last_seen).
    pub last_seen: Change<Moment>,
    /// Changes [`Profile::last_typed`](crate::Profile::last_typed).
    pub last_typed: Change<Moment>,
    /// Changes [`Profile::location`](crate::Profile::location).
    pub location: Change<Label>,
    /// Changes [`Profile::organization`](crate::Profile::organization).
    pub organization: Change<Label>,
    /// Changes [`Profile::phone`](crate::Profile::phone).
    pub phone: Change<Phone>,
    /// Changes [`Profile::regions`](crate::Profile::regions).
    pub regions: Change<Label>,
    /// Changes [`Profile::title`](crate::Profile::title).
    pub title: Change<Label>,
    /// Changes [`Profile::twitter`](crate::Profile::twitter).
    pub twitter: Change<Twitter>,
    /// Changes [`Profile::username`](crate::Profile::username).
    pub username: Change<Username>,
}

impl UserUpdate {
    /// Follows this update with a later one: one update that does what both do, one after the other.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            active: later.active.or(self.active),
            avatar: self.avatar.then(later.avatar),
            bio: self.bio.then(later.bio),
            birthday: self.birthday.then(later.birthday),
            country: self.country.then(later.country),
            email: self.email.then(later.email),
            first_name: self.first_name.then(later.first_name),
            last_name: self.last_name.then(later.last_name),
            last_seen: self.last_seen.then(later.last_seen),
            last_typed: self.last_typed.then(later.last_typed),
            location: self.location.then(later.location),
            organization: self.organization.then(later.organization),
            phone: self.phone.then(later.phone),
            regions: self.regions.then(later.regions),
            title: self.title.then(later.title),
            twitter: self.twitter.then(later.twitter),
            username: self.username.then(later.username),
        }
    }
}
