use json_patch::PatchOperation;
use json_patch::jsonptr::Pointer;
use users_domain::RuleCode;

use crate::problem::FieldError;

/// Makes an error in a patched user point into the patch: to the value that broke the rule, or to the operation where that
/// value does not stand in the patch.
pub fn in_patch(operations: &[PatchOperation], error: FieldError) -> FieldError {
    let Ok(member) = Pointer::parse(&error.pointer) else { return error };
    let last = operations.iter().enumerate().rev().find(|(_, operation)| changes(operation, member));
    match last {
        // What is wrong with a member that there is not is where it is put.
        Some((place, operation)) if operation.path() == member && is_unknown(&error) => {
            FieldError { pointer: format!("/{place}/path"), ..error }
        }
        Some((place, operation)) => {
            FieldError { pointer: format!("/{place}{}", within(operation, member)), ..error }
        }
        None => FieldError { pointer: String::new(), ..error },
    }
}

fn is_unknown(error: &FieldError) -> bool {
    error.code == RuleCode::UnknownMember.as_str()
}

/// Whether the operation changes the member, or something in it, or all members.
fn changes(operation: &PatchOperation, member: &Pointer) -> bool {
    let touches = |path: &Pointer| path.starts_with(member) || member.starts_with(path);
    match operation {
        PatchOperation::Test(_) => false,
        PatchOperation::Move(moving) => touches(&moving.from) || touches(&moving.path),
        other => touches(other.path()),
    }
}

/// Where in the operation the member's value stands.
fn within(operation: &PatchOperation, member: &Pointer) -> String {
    let (path, value) = match operation {
        PatchOperation::Add(add) => (&add.path, &add.value),
        PatchOperation::Replace(replace) => (&replace.path, &replace.value),
        _ => return String::new(),
    };
    match member.strip_prefix(path) {
        Some(rest) if value.pointer(rest.as_str()).is_some() => format!("/value{rest}"),
        _ => "/value".to_owned(),
    }
}
