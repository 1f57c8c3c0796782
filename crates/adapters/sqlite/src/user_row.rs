use chrono::{DateTime, Utc};
use diesel::prelude::{Insertable, Queryable};
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Moment, PersonName, Phone, Profile, Twitter,
    User, UserId, UserParts, Username, Version,
};

use crate::schema::users;

/// A row of the table `users`, with the fields in the order of its columns.
#[derive(Queryable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct UserRow {
    pub(crate) id: String,
    version: i64,
    modified_at: i64,
    active: bool,
    avatar: Option<String>,
    bio: Option<String>,
    birthday: Option<String>,
    country: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    last_seen: Option<i64>,
    last_typed: Option<i64>,
    location: Option<String>,
    organization: Option<String>,
    phone: Option<String>,
    regions: Option<String>,
    title: Option<String>,
    twitter: Option<String>,
    username: Option<String>,
    username_key: Option<String>,
    first_name_key: Option<String>,
    last_name_key: Option<String>,
    email_key: Option<String>,
    organization_key: Option<String>,
}

impl From<User> for UserRow {
    fn from(user: User) -> Self {
        let [username_key, first_name_key, last_name_key, email_key, organization_key] =
            user.search_keys().map(|key| key.map(|key| key.as_str().to_owned()));
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
            modified_at: modified_at.timestamp_micros(),
            active,
            avatar: avatar.map(Avatar::into_string),
            bio: bio.map(Bio::into_string),
            birthday: birthday.map(day_text),
            country: country.map(Country::into_string),
            email: email.map(Email::into_string),
            first_name: first_name.map(PersonName::into_string),
            last_name: last_name.map(PersonName::into_string),
            last_seen: last_seen.map(micros),
            last_typed: last_typed.map(micros),
            location: location.map(Location::into_string),
            organization: organization.map(Label::into_string),
            phone: phone.map(Phone::into_string),
            regions: regions.map(Label::into_string),
            title: title.map(Label::into_string),
            twitter: twitter.map(Twitter::into_string),
            username: username.map(Username::into_string),
            username_key,
            first_name_key,
            last_name_key,
            email_key,
            organization_key,
        }
    }
}

impl TryFrom<UserRow> for User {
    type Error = Unreadable;

    fn try_from(row: UserRow) -> Result<Self, Self::Error> {
        let UserRow {
            id,
            version,
            modified_at,
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
            // These follow from their members.
            username_key: _,
            first_name_key: _,
            last_name_key: _,
            email_key: _,
            organization_key: _,
        } = row;
        let profile = Profile {
            active,
            avatar: avatar.map(Avatar::from_stored),
            bio: bio.map(Bio::from_stored),
            birthday: birthday
                .map(|text| text.parse().map(Birthday::from_stored))
                .transpose()
                .map_err(|_| Unreadable("birthday"))?,
            country: country.map(Country::from_stored),
            email: email.map(Email::from_stored),
            first_name: first_name.map(PersonName::from_stored),
            last_name: last_name.map(PersonName::from_stored),
            last_seen: last_seen
                .map(|micros| instant(micros, "last_seen").map(Moment::from_stored))
                .transpose()?,
            last_typed: last_typed
                .map(|micros| instant(micros, "last_typed").map(Moment::from_stored))
                .transpose()?,
            location: location.map(Location::from_stored),
            organization: organization.map(Label::from_stored),
            phone: phone.map(Phone::from_stored),
            regions: regions.map(Label::from_stored),
            title: title.map(Label::from_stored),
            twitter: twitter.map(Twitter::from_stored),
            username: username.map(Username::from_stored),
        };
        let id = UserId::from_stored(id);
        let modified_at = instant(modified_at, "modified_at")?;
        Ok(Self::from_parts(UserParts { id, profile, version: Version::from_stored(version), modified_at }))
    }
}

/// A column holds what this program never writes.
#[derive(Debug, thiserror::Error)]
#[error("the column {0} cannot be read")]
pub(crate) struct Unreadable(&'static str);

/// SQLite has no type for instants: whole microseconds since 1970.
pub(crate) fn micros(moment: Moment) -> i64 {
    moment.instant().timestamp_micros()
}

pub(crate) fn instant(micros: i64, column: &'static str) -> Result<DateTime<Utc>, Unreadable> {
    DateTime::from_timestamp_micros(micros).ok_or(Unreadable(column))
}

/// SQLite has no type for days: `YYYY-MM-DD`.
pub(crate) fn day_text(birthday: Birthday) -> String {
    birthday.day().to_string()
}
