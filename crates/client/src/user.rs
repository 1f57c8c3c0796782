use std::fmt;
use std::ops::Deref;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::ETag;

/// A user: 18 members, as they are on the wire. One that is unset is `None`.
///
/// `{:?}` tells the id, and of the other members whether they are set.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// Which user it is; never changes.
    pub id: String,
    /// Whether the user is currently active.
    pub active: bool,
    /// URL or path of the user's picture.
    pub avatar: Option<String>,
    /// What the user says about themselves.
    pub bio: Option<String>,
    /// Date of birth.
    pub birthday: Option<NaiveDate>,
    /// Country of residence: a code or a name.
    pub country: Option<String>,
    /// Email address; not unique.
    pub email: Option<String>,
    /// First name.
    #[serde(rename = "firstName")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(rename = "lastName")]
    pub last_name: Option<String>,
    /// When the user was last seen, to the microsecond.
    pub last_seen: Option<DateTime<Utc>>,
    /// When the user last typed a message, to the microsecond.
    pub last_typed: Option<DateTime<Utc>>,
    /// Location or address.
    pub location: Option<String>,
    /// Organization or company.
    pub organization: Option<String>,
    /// Phone number.
    pub phone: Option<String>,
    /// Regions or areas.
    pub regions: Option<String>,
    /// Job title.
    pub title: Option<String>,
    /// Twitter handle.
    pub twitter: Option<String>,
    /// Username; unique, case and width aside.
    pub username: Option<String>,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
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
        let members = [
            ("avatar", avatar.is_some()),
            ("bio", bio.is_some()),
            ("birthday", birthday.is_some()),
            ("country", country.is_some()),
            ("email", email.is_some()),
            ("firstName", first_name.is_some()),
            ("lastName", last_name.is_some()),
            ("last_seen", last_seen.is_some()),
            ("last_typed", last_typed.is_some()),
            ("location", location.is_some()),
            ("organization", organization.is_some()),
            ("phone", phone.is_some()),
            ("regions", regions.is_some()),
            ("title", title.is_some()),
            ("twitter", twitter.is_some()),
            ("username", username.is_some()),
        ];
        let set: Vec<_> = members.into_iter().filter_map(|(name, set)| set.then_some(name)).collect();
        f.debug_struct("User").field("id", id).field("active", active).field("set", &set).finish()
    }
}

/// A user together with the version that was answered.
///
/// It can be used as the [`User`] that it holds: `ada.title`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VersionedUser {
    /// The user.
    pub user: User,
    /// Names this version, for [`Write::if_match`](crate::Write::if_match).
    pub etag: ETag,
    /// When this version came about, to the second.
    pub last_modified: DateTime<Utc>,
    /// Whether this is the answer to an earlier request with the same idempotency key, kept by the service.
    pub replayed: bool,
}

impl Deref for VersionedUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}
