//! Users, inputs and violations as serde sees them, with the feature `serde`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeSeq, SerializeStruct, Serializer};

use crate::{Change, Known, Member, MemberValue, User, UserInput, Violation, Violations, Visit};

/// All 18 members by their names on the wire, in the documented order; one that is unset is null.
impl Serialize for User {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut user = serializer.serialize_struct("User", Member::ALL.len())?;
        user.serialize_field(Member::Id.name(), self.id())?;
        let mut fields = Fields { user: &mut user, result: Ok(()) };
        self.profile().visit(&mut fields);
        fields.result?;
        user.end()
    }
}

/// Writes members until one cannot be written.
struct Fields<'a, S: SerializeStruct> {
    user: &'a mut S,
    result: Result<(), S::Error>,
}

impl<S: SerializeStruct> Fields<'_, S> {
    fn field(&mut self, member: Member, value: &impl Serialize) {
        if self.result.is_ok() {
            self.result = self.user.serialize_field(member.name(), value);
        }
    }
}

impl<'a, S: SerializeStruct> Visit<'a, Known> for Fields<'_, S> {
    fn active(&mut self, active: &'a bool) {
        self.field(Member::Active, active);
    }

    fn member<T: MemberValue>(&mut self, member: Member, value: &'a Option<T>) {
        self.field(member, &value.as_ref().map(MemberValue::text));
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
