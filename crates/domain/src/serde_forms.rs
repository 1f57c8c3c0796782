//! Users, inputs and violations as serde sees them, with the feature `serde`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use crate::{Change, Member, Profile, User, UserInput, Violation, Violations};

/// All 18 members by their names on the wire, in the documented order; one that is unset is null.
impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
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
        } = self.profile();
        let mut user = serializer.serialize_struct("User", Member::ALL.len())?;
        user.serialize_field(Member::Id.name(), self.id())?;
        user.serialize_field(Member::Active.name(), active)?;
        user.serialize_field(Member::Avatar.name(), avatar)?;
        user.serialize_field(Member::Bio.name(), bio)?;
        user.serialize_field(Member::Birthday.name(), birthday)?;
        user.serialize_field(Member::Country.name(), country)?;
        user.serialize_field(Member::Email.name(), email)?;
        user.serialize_field(Member::FirstName.name(), first_name)?;
        user.serialize_field(Member::LastName.name(), last_name)?;
        user.serialize_field(Member::LastSeen.name(), last_seen)?;
        user.serialize_field(Member::LastTyped.name(), last_typed)?;
        user.serialize_field(Member::Location.name(), location)?;
        user.serialize_field(Member::Organization.name(), organization)?;
        user.serialize_field(Member::Phone.name(), phone)?;
        user.serialize_field(Member::Regions.name(), regions)?;
        user.serialize_field(Member::Title.name(), title)?;
        user.serialize_field(Member::Twitter.name(), twitter)?;
        user.serialize_field(Member::Username.name(), username)?;
        user.end()
    }
}

/// The members of an object: absent keeps, null clears, a value sets. An unknown or repeated member is an error, and so is
/// `id`, which no input changes. What the values are is checked by [`UserInput::validate`] alone.
impl<'de> Deserialize<'de> for UserInput {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = UserInput;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with members of a user")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UserInput, A::Error> {
                let mut input = UserInput::default();
                let mut seen = Vec::with_capacity(Member::ALL.len());
                while let Some(name) = map.next_key::<String>()? {
                    let member = Member::from_name(&name)
                        .filter(|member| *member != Member::Id)
                        .ok_or_else(|| de::Error::unknown_field(&name, &[]))?;
                    if seen.contains(&member) {
                        return Err(de::Error::duplicate_field(member.name()));
                    }
                    seen.push(member);
                    match input.text_mut(member) {
                        Some(text) => *text = change(map.next_value()?),
                        None => input.active = change(map.next_value()?),
                    }
                }
                Ok(input)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

fn change<T>(value: Option<T>) -> Change<T> {
    value.map_or(Change::Clear, Change::Set)
}

/// The place, the code and the detail; never the value that breaks the rule.
impl Serialize for Violation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut violation = serializer.serialize_struct("Violation", 3)?;
        violation.serialize_field("place", self.place())?;
        violation.serialize_field("code", self.rule().code().as_str())?;
        violation.serialize_field("detail", self.rule().detail())?;
        violation.end()
    }
}

impl Serialize for Violations {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for violation in self.iter() {
            list.serialize_element(violation)?;
        }
        list.end()
    }
}
