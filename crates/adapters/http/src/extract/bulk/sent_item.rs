use serde_json::value::RawValue;
use users_domain::{BrokenRule, Change, RuleCode, UserId};
use users_use_cases::BulkItem;

use super::object::{Object, required};
use super::{Reading, SentItem};
use crate::extract::broken_rules::{MAX_ERRORS, broken_rules};
use crate::extract::member_value;
use crate::extract::{IdSource, UserDocument};
use crate::problem::{FieldError, pointer_to};

/// Reads an item of a bulk creation: a new user.
pub fn creation<'a>(item: &'a RawValue, reading: &Reading<'a>) -> SentItem {
    let mut document = match UserDocument::parse_part(reading.body.inner(item, "item")) {
        Ok(document) => document,
        Err(problem) => return SentItem::refused(None, problem),
    };
    let id = document.new_id();
    let content = document
        .update(reading.preferences, reading.now)
        .map(|update| BulkItem::Create { id: id.clone(), profile: Box::new(update.into()) })
        .map_err(|errors| broken_rules("item", errors));
    SentItem { id, content }
}

/// Reads an item of a bulk update: the id of a user, and what is to be changed of it.
pub fn update<'a>(item: &'a RawValue, reading: &Reading<'a>) -> SentItem {
    let object = Object::read(reading.body.inner(item, "item"), ["id", "data"], reading.preferences);
    let Object { values: [id, data], mut errors } = match object {
        Ok(object) => object,
        Err(problem) => return SentItem::refused(None, problem),
    };
    let id = match id.ok_or_else(|| required("id")).and_then(|value| user_id(value, pointer_to("id"))) {
        Ok(id) => Some(id),
        Err(error) => {
            errors.push(error);
            None
        }
    };
    let update = match data.map(|data| UserDocument::parse_part(reading.body.inner(data, "data of the item")))
    {
        None => Err(vec![required("data")]),
        Some(Err(problem)) => return SentItem::refused(id, problem.below("/data")),
        Some(Ok(mut document)) => {
            if let Some(id) = &id {
                document.require_id(id, IdSource::Item);
            }
            document.update(reading.preferences, reading.now).map_err(below_data)
        }
    };
    match (id, update) {
        (Some(id), Ok(update)) if errors.is_empty() => {
            let content = Ok(BulkItem::Update { id: id.clone(), update: update.into() });
            SentItem { id: Some(id), content }
        }
        (id, update) => {
            errors.extend(update.err().unwrap_or_default());
            errors.truncate(MAX_ERRORS);
            SentItem::refused(id, broken_rules("item", errors))
        }
    }
}

/// Reads an item of a bulk deletion: the id of a user.
pub fn deletion(item: &RawValue, _: &Reading<'_>) -> SentItem {
    match user_id(item, String::new()) {
        Ok(id) => SentItem { id: Some(id.clone()), content: Ok(BulkItem::Delete { id }) },
        Err(error) => SentItem::refused(None, broken_rules("item", vec![error])),
    }
}

/// Reads an id, which must be there; as in the body of an update, an integer stands for its decimal text.
fn user_id(value: &RawValue, pointer: String) -> Result<UserId, FieldError> {
    let rule = match member_value::id(value) {
        Ok(Change::Set(text)) => match UserId::parse(text) {
            Ok(id) => return Ok(id),
            Err(rule) => rule,
        },
        Ok(Change::Keep | Change::Clear) => BrokenRule::new(RuleCode::NotNullable, "must not be null"),
        Err(rule) => rule,
    };
    Err(FieldError { pointer, code: rule.code().as_str(), detail: rule.detail().to_owned() })
}

fn below_data(errors: Vec<FieldError>) -> Vec<FieldError> {
    errors.into_iter().map(|error| error.below("/data")).collect()
}
