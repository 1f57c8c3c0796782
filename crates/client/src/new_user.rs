use serde::Serialize;

use crate::UserUpdate;

/// A user to be created: perhaps an id, and the members that it has from the start.
///
/// ```
/// use users_client::{NewUser, UserUpdate};
///
/// let grace = NewUser::of(UserUpdate::new().set_first_name("Grace").set_username("grace")).with_id("grace");
/// assert_eq!(serde_json::to_string(&grace)?, r#"{"id":"grace","firstName":"Grace","username":"grace"}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NewUser {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(flatten)]
    members: UserUpdate,
}

impl NewUser {
    /// A user with the members that this update sets; the service makes the id.
    pub const fn of(members: UserUpdate) -> Self {
        Self { id: None, members }
    }

    /// The same user with an id of the caller's choice.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: Some(id.into()), ..self }
    }
}
