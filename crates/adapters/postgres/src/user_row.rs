use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, Utc};
use compact_str::CompactString;
use diesel::debug_query;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::AstPass;
use users_domain::{
    Avatar, Bio, Birthday, Country, Email, Label, Location, Moment, PersonName, Phone, Profile, Twitter,
    User, UserId, UserParts, Username, Version,
};

use crate::schema::users;

/// What is read of a user: every column of the table `users` but the keys, which follow from the members.
#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(Pg))]
pub(crate) struct UserRow {
    pub(crate) id: CompactString,
    version: i64,
    modified_at: DateTime<Utc>,
    active: bool,
    avatar: Option<CompactString>,
    bio: Option<CompactString>,
    birthday: Option<NaiveDate>,
    country: Option<CompactString>,
    email: Option<CompactString>,
    first_name: Option<CompactString>,
    last_name: Option<CompactString>,
    last_seen: Option<DateTime<Utc>>,
    last_typed: Option<DateTime<Utc>>,
    location: Option<CompactString>,
    organization: Option<CompactString>,
    phone: Option<CompactString>,
    regions: Option<CompactString>,
    title: Option<CompactString>,
    twitter: Option<CompactString>,
    username: Option<CompactString>,
}

type Selection = <UserRow as Selectable<Pg>>::SelectExpression;

/// The SQL types of the columns of a [`UserRow`].
pub(crate) type UserColumns = <Selection as Expression>::SqlType;

/// Writes the columns of a [`UserRow`] into a statement.
pub(crate) fn push_columns(out: &mut AstPass<'_, '_, Pg>) {
    // Written once: diesel walks over a statement several times, and would quote every name each time.
    static COLUMNS: LazyLock<String> = LazyLock::new(|| {
        let text = debug_query::<Pg, _>(&<UserRow as Selectable<Pg>>::construct_selection()).to_string();
        text.split(" -- binds").next().unwrap_or_default().to_owned()
    });
    out.push_sql(&COLUMNS);
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
            location: location.map(Location::from_stored),
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
