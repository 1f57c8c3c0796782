//! What every cell of the matrix must answer, from the documentation and without a look at the implementation.

use users_domain::Member;

use super::cells::{Format, Need, Operation, Role, Target, Value};

/// An answer that is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub status: u16,
    /// The code of the problem; empty where there is none.
    pub code: &'static str,
    /// Pointer and code of each error, where they are about permissions.
    pub errors: Vec<String>,
    /// Whether the users are otherwise than they were.
    pub effect: bool,
}

const fn refused(status: u16, code: &'static str) -> Expected {
    Expected { status, code, errors: Vec::new(), effect: false }
}

const fn done(status: u16, effect: bool) -> Expected {
    Expected { status, code: "", errors: Vec::new(), effect }
}

const NOT_FOUND: Expected = refused(404, "RESOURCE_NOT_FOUND");
const INVALID: Expected = refused(422, "VALIDATION_ERROR");
const FORBIDDEN: Expected = refused(403, "INSUFFICIENT_PERMISSIONS");

/// Why nobody with this role is let in anywhere.
const fn unauthorized(role: Role) -> Option<Expected> {
    Some(refused(
        401,
        match role {
            Role::Nobody => "MISSING_API_KEY",
            Role::Garbage | Role::Unknown | Role::Forged | Role::Revoked | Role::RevokedOwn => {
                "INVALID_API_KEY"
            }
            Role::Expired | Role::ExpiredOwn => "EXPIRED_API_KEY",
            _ => return None,
        },
    ))
}

const fn is_self_service(role: Role) -> bool {
    matches!(role, Role::Own | Role::OwnNarrow | Role::OwnWide)
}

/// Whether the role's scopes are enough.
const fn has_scope(role: Role, need: Need) -> bool {
    match need {
        Need::Nothing => true,
        Need::Read | Need::ReadOne => matches!(role, Role::Read | Role::All),
        Need::Write | Need::WriteOne => matches!(role, Role::Write | Role::All),
        Need::Delete => matches!(role, Role::Delete | Role::All),
    }
}

/// Whether the role may set the member of its own user.
const fn may_set(role: Role, member: Member) -> bool {
    match member {
        Member::Avatar | Member::Bio => true,
        Member::Birthday
        | Member::Country
        | Member::FirstName
        | Member::LastName
        | Member::Location
        | Member::Phone
        | Member::Title
        | Member::Twitter => !matches!(role, Role::OwnNarrow),
        Member::Email
        | Member::LastSeen
        | Member::LastTyped
        | Member::Organization
        | Member::Regions
        | Member::Username => matches!(role, Role::OwnWide),
        Member::Id | Member::Active => false,
    }
}

/// What an operation answers to a good request.
pub fn of_operation(role: Role, operation: &Operation, target: Target) -> Expected {
    let Operation { need, path, success, writes, .. } = *operation;
    if need == Need::Nothing {
        return done(success, false);
    }
    if let Some(refusal) = unauthorized(role) {
        return refusal;
    }
    if is_self_service(role) {
        match (need, target) {
            (Need::ReadOne | Need::WriteOne, Target::Own) => {}
            (Need::ReadOne | Need::WriteOne, Target::Other | Target::Unknown) => return NOT_FOUND,
            _ => return FORBIDDEN,
        }
    } else if !has_scope(role, need) {
        return FORBIDDEN;
    }
    let is_about_one = path.ends_with("{id}");
    if is_about_one && target == Target::Unknown {
        return NOT_FOUND;
    }
    // A bulk request is answered 200 also where none of its users is there.
    let names_one = is_about_one || operation.body.contains("{id}");
    done(success, writes && !(names_one && target == Target::Unknown))
}

/// What an update of one member answers.
pub fn of_member(
    role: Role,
    target: Target,
    member: Member,
    (format, value): (Format, Value),
    dry_run: bool,
) -> Expected {
    if let Some(refusal) = unauthorized(role) {
        return refusal;
    }
    // Of `bob` all but the id and `active` is null.
    let is_null = target == Target::Other && !matches!(member, Member::Id | Member::Active);
    let changes = match value {
        Value::New => true,
        Value::Present => false,
        Value::Null => !is_null,
    };
    if is_self_service(role) {
        if target != Target::Own {
            return NOT_FOUND;
        }
        let (counts, pointer) = match format {
            Format::Put | Format::MergePatch => (true, format!("/{member} NOT_PERMITTED")),
            Format::JsonPatch => (changes, "/0/value NOT_PERMITTED".to_owned()),
        };
        if counts && member != Member::Id && !may_set(role, member) {
            return Expected { errors: vec![pointer], ..FORBIDDEN };
        }
    } else if !has_scope(role, Need::WriteOne) {
        return FORBIDDEN;
    }
    // The id never changes, and `active` is never null. A patch is judged on the user, so that it must be there first.
    let wrong = match (member, value) {
        // The present value for somebody who is not there is that of `ada`.
        (Member::Id, Value::Present) => target == Target::Unknown,
        (Member::Id, _) | (Member::Active, Value::Null) => true,
        _ => false,
    };
    match (format, target) {
        (Format::JsonPatch, Target::Unknown) => NOT_FOUND,
        _ if wrong => INVALID,
        (_, Target::Unknown) => NOT_FOUND,
        _ => done(200, changes && !dry_run),
    }
}
