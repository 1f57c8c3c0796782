use json_patch::{PatchErrorKind, PatchOperation, TestOperation, patch_unsafe};
use serde_json::Value;
use users_domain::RuleCode;

use crate::problem::FieldError;

/// The deepest that values may be nested within each other: far deeper than a user, far from the end of any stack.
const MAX_DEPTH: usize = 64;
/// The most that all operations of a patch together may put into the document, in bytes: as many as four of the largest
/// bodies. By copying what was copied, a small patch could otherwise fill any memory.
const MAX_VOLUME: usize = 1024 * 1024;
/// How many bytes a value counts for, besides those of its text.
const VALUE_SIZE: usize = 64;

/// Carries out the operations one after the other. Where one cannot be, it tells which and why, and leaves the document
/// as it is by then.
pub fn apply(document: &mut Value, operations: &[PatchOperation]) -> Result<(), FieldError> {
    let mut volume = 0;
    for (place, operation) in operations.iter().enumerate() {
        if let Some(Extent { size, depth }) = put(document, operation) {
            volume += size;
            if volume > MAX_VOLUME || depth + operation.path().count() > MAX_DEPTH {
                let detail = "makes the user too large, or nests values too deeply";
                return Err(error_at(place, "", RuleCode::TooLong.as_str(), detail));
            }
        }
        match operation {
            PatchOperation::Test(test) if is_found(document, test) => {}
            _ => patch_unsafe(document, std::slice::from_ref(operation))
                .map_err(|error| failed(place, operation, &error.kind))?,
        }
    }
    Ok(())
}

/// Whether a test finds what it tests for, numbers by their value (RFC 6902, section 4.6), where the crate goes by their
/// notation.
fn is_found(document: &Value, test: &TestOperation) -> bool {
    document.pointer(test.path.as_str()).is_some_and(|found| is_equal(found, &test.value))
}

/// Calls itself as deeply as the values are nested, which [`MAX_DEPTH`] and the parser's own limit keep in bounds.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        // Integers are told apart exactly, where floating point would round them.
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => {
            one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_in_other = |(name, one)| other.get(name).is_some_and(|other| is_equal(one, other));
            one.len() == other.len() && one.iter().all(is_in_other)
        }
        _ => one == other,
    }
}

/// How much the operation puts into the document; `None` where it puts in nothing.
fn put(document: &Value, operation: &PatchOperation) -> Option<Extent> {
    match operation {
        PatchOperation::Add(add) => Some(Extent::of(&add.value)),
        PatchOperation::Replace(replace) => Some(Extent::of(&replace.value)),
        PatchOperation::Copy(copy) => document.pointer(copy.from.as_str()).map(Extent::of),
        PatchOperation::Move(moving) => document.pointer(moving.from.as_str()).map(Extent::of),
        PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    }
}

/// How large a value is, and how deep.
struct Extent {
    size: usize,
    depth: usize,
}

impl Extent {
    /// Measures a value. It calls itself as deeply as the value is nested, which [`MAX_DEPTH`] and the parser's own limit
    /// keep in bounds.
    fn of(value: &Value) -> Self {
        let leaf = |size| Self { size: VALUE_SIZE + size, depth: 0 };
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => leaf(0),
            Value::String(text) => leaf(text.len()),
            Value::Array(values) => Self::around(values.iter().map(|value| (0, value))),
            Value::Object(members) => Self::around(members.iter().map(|(name, value)| (name.len(), value))),
        }
    }

    fn around<'a>(parts: impl Iterator<Item = (usize, &'a Value)>) -> Self {
        parts.fold(Self { size: VALUE_SIZE, depth: 1 }, |whole, (name, part)| {
            let part = Self::of(part);
            Self { size: whole.size + name + part.size, depth: whole.depth.max(part.depth + 1) }
        })
    }
}

fn failed(place: usize, operation: &PatchOperation, kind: &PatchErrorKind) -> FieldError {
    match kind {
        PatchErrorKind::TestFailed => {
            error_at(place, "", "TEST_FAILED", "must find the value that it tests for")
        }
        PatchErrorKind::CannotMoveInsideItself => {
            error_at(place, "/path", "NO_SUCH_PLACE", "must not lead into what is moved")
        }
        PatchErrorKind::InvalidFromPointer => {
            error_at(place, "/from", "NO_SUCH_PLACE", "must lead to a value that is there")
        }
        // A path that cannot be followed; `non_exhaustive` leaves room for reasons to come.
        _ => {
            let detail = match operation {
                PatchOperation::Add(_) | PatchOperation::Move(_) | PatchOperation::Copy(_) => {
                    "must lead to a place within an object or an array that is there"
                }
                _ => "must lead to a value that is there",
            };
            error_at(place, "/path", "NO_SUCH_PLACE", detail)
        }
    }
}

fn error_at(place: usize, member: &str, code: &'static str, detail: &str) -> FieldError {
    FieldError { pointer: format!("/{place}{member}"), code, detail: detail.to_owned() }
}
