use serde_json::value::RawValue;
use users_domain::RuleCode;

use crate::extract::Preferences;
use crate::extract::broken_rules::MAX_ERRORS;
use crate::extract::json_object::{duplicate, members};
use crate::extract::json_part::JsonPart;
use crate::problem::{FieldError, Problem, pointer_to};

/// The values that an object has under some names, and what is wrong with the others.
pub struct Object<'a, const N: usize> {
    /// The value under each name, in the order of the names.
    pub values: [Option<&'a RawValue>; N],
    /// An error for each member under another name, at most [`MAX_ERRORS`]; none where the request is lenient.
    pub errors: Vec<FieldError>,
}

impl<'a, const N: usize> Object<'a, N> {
    /// Reads the object that the JSON is.
    pub fn read(json: JsonPart<'a>, names: [&str; N], preferences: Preferences) -> Result<Self, Problem> {
        let members = members(json)?;
        let mut seen: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
        seen.sort_unstable();
        if let Some([name, _]) = seen.array_windows().find(|[name, next]| name == next) {
            return Err(duplicate(name));
        }
        let value = |name: &str| members.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
        let unknown = members.iter().filter(|(name, _)| !names.contains(&name.as_ref()));
        let errors = unknown.map(|(name, _)| unknown_member(name)).take(MAX_ERRORS);
        let errors = if preferences.lenient { Vec::new() } else { errors.collect() };
        Ok(Self { values: names.map(value), errors })
    }
}

/// A member that must be there, and is not.
pub fn required(name: &str) -> FieldError {
    FieldError { pointer: pointer_to(name), code: "MISSING_MEMBER", detail: "must be sent".to_owned() }
}

fn unknown_member(name: &str) -> FieldError {
    FieldError {
        pointer: pointer_to(name),
        code: RuleCode::UnknownMember.as_str(),
        detail: "is not a member of this object".to_owned(),
    }
}
