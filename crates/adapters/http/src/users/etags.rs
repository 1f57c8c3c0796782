use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use users_domain::User;

use super::entity_tag::entity_tag;

/// The entity tags of users by their ids: what a page of many users says of their versions, if it is asked to.
pub struct Etags<'a>(&'a [User]);

impl<'a> Etags<'a> {
    /// Those of the users on a page, if they are wanted.
    pub fn of(users: &'a [User], wanted: bool) -> Option<Self> {
        wanted.then_some(Self(users))
    }
}

impl Serialize for Etags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tags = serializer.serialize_map(Some(self.0.len()))?;
        for user in self.0 {
            let tag = entity_tag(user.version());
            tags.serialize_entry(user.id().as_str(), tag.to_str().unwrap_or_default())?;
        }
        tags.end()
    }
}
