//! JSON patches (RFC 6902) of a user.
//!
//! The operations are carried out by the crate `json-patch` on the user as it is answered. What differs afterwards is an
//! update like any other, and has to keep the same rules.

mod engine;
mod operations;
mod places;

use chrono::{DateTime, Utc};
use json_patch::PatchOperation;
use serde_json::{Map, Value};
use users_domain::{RuleCode, SelfEditable, User, UserUpdate};

use super::broken_rules::broken_rules;
use super::credentials::not_permitted;
use super::{IdSource, Preferences, UserDocument};
use crate::problem::{FieldError, Problem};

pub use operations::MAX_OPERATIONS;

/// A JSON patch whose every operation is well formed.
#[derive(Debug)]
pub struct JsonPatch(Vec<PatchOperation>);

impl JsonPatch {
    /// Reads a patch, or tells everything that is wrong with its form at once.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        operations::read(body).map(Self)
    }

    /// The update that the patch means for `user` as it is, or why it does not fit.
    ///
    /// Members that the patch leaves as they were are kept. One that it removes is cleared. Where not all members may be
    /// set, what counts is which ones differ in the end: operations may read any.
    pub fn update_of(
        &self,
        user: &User,
        may_set: Option<SelfEditable>,
        preferences: Preferences,
        now: DateTime<Utc>,
    ) -> Result<UserUpdate, Problem> {
        let before = members(user)?;
        let mut after = Value::Object(before.clone());
        engine::apply(&mut after, &self.0).map_err(|error| broken_rules("body", vec![error]))?;
        let Value::Object(after) = after else {
            return Err(broken_rules("body", vec![self.no_object()]));
        };
        let changed = serde_json::to_vec(&changed(&before, after)).map_err(|error| unwritable(&error))?;
        let mut document = UserDocument::parse(&changed)?;
        let forbidden = may_set.map(|may_set| document.forbidden(may_set)).unwrap_or_default();
        if !forbidden.is_empty() {
            return Err(not_permitted(self.places_of(forbidden)));
        }
        document.require_id(user.id(), IdSource::User);
        document.update(preferences, now).map_err(|errors| broken_rules("body", self.places_of(errors)))
    }

    /// Makes errors in the patched user point into the patch.
    fn places_of(&self, errors: Vec<FieldError>) -> Vec<FieldError> {
        errors.into_iter().map(|error| places::in_patch(&self.0, error)).collect()
    }

    fn no_object(&self) -> FieldError {
        let detail = "must leave the user a JSON object".to_owned();
        let error = FieldError { pointer: String::new(), code: RuleCode::InvalidType.as_str(), detail };
        places::in_patch(&self.0, error)
    }
}

/// The members of the user, as an answer has them.
fn members(user: &User) -> Result<Map<String, Value>, Problem> {
    match serde_json::to_value(user) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Problem::internal("a user is no JSON object")),
        Err(error) => Err(unwritable(&error)),
    }
}

/// The members that differ, and those that are new; what is gone is null.
fn changed(before: &Map<String, Value>, mut after: Map<String, Value>) -> Map<String, Value> {
    for name in before.keys() {
        after.entry(name.as_str()).or_insert(Value::Null);
    }
    after.retain(|name, value| before.get(name) != Some(value));
    after
}

fn unwritable(error: &serde_json::Error) -> Problem {
    Problem::internal(format!("a user cannot be written as JSON: {error}"))
}

#[cfg(test)]
mod public_suite;
#[cfg(test)]
#[path = "tests.rs"]
mod tests;
