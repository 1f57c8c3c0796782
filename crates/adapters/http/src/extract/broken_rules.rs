use crate::problem::{ErrorCode, FieldError, Problem};

/// The most entries that `errors` has in one answer.
pub const MAX_ERRORS: usize = 100;

/// A refusal of `what`, "body" or "query", for these reasons, of which there is at least one.
pub fn broken_rules(what: &str, errors: Vec<FieldError>) -> Problem {
    let first = errors.first().map(|error| match error.pointer.as_str() {
        "" => format!("the {what} {}", error.detail),
        pointer => format!("{pointer} {}", error.detail),
    });
    let first = first.unwrap_or_default();
    let detail = match errors.len() {
        0 | 1 => format!("The {what} breaks a rule: {first}."),
        count => format!("The {what} breaks {count} rules; the first: {first}."),
    };
    Problem::new(ErrorCode::ValidationError, detail).with_errors(errors)
}
