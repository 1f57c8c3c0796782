use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::{Insertable, Queryable};
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Moment, PersonName, Phone, Profile, Twitter, User, UserId,
    UserParts, Username, Version,
};

use crate::schema::users;

/// A row of the table `users`, with the fields in the order of its columns.
#[derive(Queryable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct UserRow {
    pub(crate) id: String,
    version: i64,
    modified_at: DateTime<Utc>,
    active: bool,
    avatar: Option<String>,
    bio: Option<String>,
    birthday: Option<NaiveDate>,
    country: Option<String>,
    email: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    last_seen: Option<DateTime<Utc>>,
    last_typed: Option<DateTime<Utc>>,
    location: Option<String>,
    organization: Option<String>,
    phone: Option<String>,
    regions: Option<String>,
    title: Option<String>,
    twitter: Option<String>,
    username: Option<String>,
    username_key: Option<String>,
}

impl From<User> for UserRow {
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
            location: location.map(Label::into_string),
            organization: organization.map(Label::into_string),
            phone: phone.map(Phone::into_string),
            regions: regions.map(Label::into_string),
            title: title.map(Label::into_string),
            twitter: twitter.map(Twitter::into_string),
            username_key: username.as_ref().map(|username| username.key().as_str().to_owned()),
            username: username.map(Username::into_string),
        }
    }
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
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
            username_key: _, // follows from the username
        } = row;
        let profile = Profile {
            active,
            avatar: avatar.map(Avatar::from_stored),
            bio: bio.map(Bio::from_stored),
            birthday: birthday.map(Birthday::from_stored),
            country: country.map(Country::from_stored),
            email: email.map(Email::from_stored),
            first_name: first_name.map(PersonName::from_stored),
            last_name: last_name.map(PersonName::from_stored),
            last_seen: last_seen.map(Moment::from_stored),
            last_typed: last_typed.map(Moment::from_stored),
            location: location.map(Label::from_stored),
            organization: organization.map(Label::from_stored),
            phone: phone.map(Phone::from_stored),
            regions: regions.map(Label::from_stored),
            title: title.map(Label::from_stored),
            twitter: twitter.map(Twitter::from_stored),
            username: username.map(Username::from_stored),
        };
        let id = UserId::from_stored(id);
        Self::from_parts(UserParts { id, profile, version: Version::from_stored(version), modified_at })
    }
}
