use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use crate::Change;

/// An update of a user: each member is left as it is, unless it is set or cleared.
///
/// The service checks every value; what it refuses is an [`Error`](crate::Error) that names all broken rules.
/// Calling two methods for one member lets the last one win. `{:?}` tells what is done, not the values.
///
/// ```
/// use users_client::UserUpdate;
///
/// let update = UserUpdate::new().set_bio("Wrote the first program.").clear_phone();
/// assert_eq!(serde_json::to_string(&update)?, r#"{"bio":"Wrote the first program.","phone":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct UserUpdate {
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    avatar: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    bio: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    birthday: Change<NaiveDate>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    country: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    email: Change<String>,
    #[serde(rename = "firstName", skip_serializing_if = "Change::is_keep")]
    first_name: Change<String>,
    #[serde(rename = "lastName", skip_serializing_if = "Change::is_keep")]
    last_name: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    last_seen: Change<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    last_typed: Change<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    location: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    organization: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    phone: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    regions: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    title: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    twitter: Change<String>,
    #[serde(skip_serializing_if = "Change::is_keep")]
    username: Change<String>,
}

/// Defines the three methods of each member that can be unset: set it, clear it, or take a change from elsewhere.
macro_rules! changes {
    ($($member:ident: $type:ty, $set:ident, $clear:ident, $change:ident;)+) => {$(
        #[doc = concat!("Sets [`", stringify!($member), "`](crate::User::", stringify!($member), ").")]
        #[must_use]
        pub fn $set(self, value: impl Into<$type>) -> Self {
            self.$change(Change::Set(value.into()))
        }

        #[doc = concat!("Makes [`", stringify!($member), "`](crate::User::", stringify!($member), ") unset.")]
        #[must_use]
        pub fn $clear(self) -> Self {
            self.$change(Change::Clear)
        }

        #[doc = concat!(
            "Does this to [`", stringify!($member), "`](crate::User::", stringify!($member),
            "), in place of what the update did before."
        )]
        #[must_use]
        pub fn $change(mut self, change: Change<$type>) -> Self {
            self.$member = change;
            self
        }
    )+};
}

impl UserUpdate {
    /// An update that leaves every member as it is.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets [`active`](crate::User::active), which cannot be unset.
    #[must_use]
    pub const fn set_active(mut self, active: bool) -> Self {
        self.active = Some(active);
        self
    }

    changes! {
        avatar: String, set_avatar, clear_avatar, change_avatar;
        bio: String, set_bio, clear_bio, change_bio;
        birthday: NaiveDate, set_birthday, clear_birthday, change_birthday;
        country: String, set_country, clear_country, change_country;
        email: String, set_email, clear_email, change_email;
        first_name: String, set_first_name, clear_first_name, change_first_name;
        last_name: String, set_last_name, clear_last_name, change_last_name;
        last_seen: DateTime<Utc>, set_last_seen, clear_last_seen, change_last_seen;
        last_typed: DateTime<Utc>, set_last_typed, clear_last_typed, change_last_typed;
        location: String, set_location, clear_location, change_location;
        organization: String, set_organization, clear_organization, change_organization;
        phone: String, set_phone, clear_phone, change_phone;
        regions: String, set_regions, clear_regions, change_regions;
        title: String, set_title, clear_title, change_title;
        twitter: String, set_twitter, clear_twitter, change_twitter;
        username: String, set_username, clear_username, change_username;
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate, Utc};

    use super::UserUpdate;
    use crate::{Change, User};

    fn json(update: &UserUpdate) -> String {
        serde_json::to_string(update).unwrap()
    }

    #[test]
    fn what_is_not_mentioned_is_absent() {
        assert_eq!(json(&UserUpdate::new()), "{}");
        assert_eq!(json(&UserUpdate::new().set_bio("a").change_bio(Change::Keep)), "{}");
    }

    #[test]
    fn the_last_word_counts() {
        assert_eq!(json(&UserUpdate::new().set_bio("a").clear_bio()), r#"{"bio":null}"#);
        assert_eq!(json(&UserUpdate::new().clear_bio().set_bio("a")), r#"{"bio":"a"}"#);
    }

    #[test]
    fn every_member_can_be_set_under_its_name_on_the_wire() {
        let instant: DateTime<Utc> = "2026-10-31T08:15:30.25Z".parse().unwrap();
        let update = UserUpdate::new()
            .set_active(false)
            .set_avatar("/a.png")
            .set_bio("b")
            .set_birthday(NaiveDate::from_ymd_opt(1915, 12, 10).unwrap())
            .set_country("GB")
            .set_email("e@f")
            .set_first_name("Ada")
            .set_last_name("Lovelace")
            .set_last_seen(instant)
            .set_last_typed(instant)
            .set_location("l")
            .set_organization("o")
            .set_phone("12345")
            .set_regions("r")
            .set_title("t")
            .set_twitter("@ada")
            .set_username("ada");
        let written = concat!(
            r#"{"active":false,"avatar":"/a.png","bio":"b","birthday":"1915-12-10","country":"GB","email":"e@f","#,
            r#""firstName":"Ada","lastName":"Lovelace","last_seen":"2026-10-31T08:15:30.250Z","#,
            r#""last_typed":"2026-10-31T08:15:30.250Z","location":"l","organization":"o","phone":"12345","#,
            r#""regions":"r","title":"t","twitter":"@ada","username":"ada"}"#
        );
        assert_eq!(json(&update), written);
        // The user has the same members, spelled the same, and the id before them.
        let user: User = serde_json::from_str(&written.replacen('{', r#"{"id":"ada","#, 1)).unwrap();
        assert_eq!(serde_json::to_string(&user).unwrap().replacen(r#""id":"ada","#, "", 1), written);
    }

    #[test]
    fn every_other_member_can_be_cleared() {
        let update = UserUpdate::new()
            .clear_avatar()
            .clear_bio()
            .clear_birthday()
            .clear_country()
            .clear_email()
            .clear_first_name()
            .clear_last_name()
            .clear_last_seen()
            .clear_last_typed()
            .clear_location()
            .clear_organization()
            .clear_phone()
            .clear_regions()
            .clear_title()
            .clear_twitter()
            .clear_username();
        assert_eq!(json(&update).matches(":null").count(), 16);
    }

    #[test]
    fn debug_tells_no_value() {
        let shown = format!("{:?}", UserUpdate::new().set_bio("secret").clear_phone());
        assert!(shown.contains("bio: Set(..)") && shown.contains("phone: Clear"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }
}
