use super::rules::{Rule, rules};

/// One update, and what is to come of it. `{id}` stands for the id of the case's own user.
pub struct Case {
    /// The body that the user is created with.
    pub before: String,
    /// The body of the update.
    pub body: String,
    /// What is answered.
    pub wanted: Wanted,
}

/// What is to come of an update.
pub enum Wanted {
    /// 200, and a user with these members; the others are unset.
    Updated(Vec<(&'static str, String)>),
    /// 422 for these reasons: pointer, code and detail.
    Refused(Vec<(String, &'static str, &'static str)>),
}

const STRING: &str = "must be a string or null";

/// Every case there is.
pub fn cases() -> Vec<Case> {
    let rules = rules();
    let mut cases = vec![nothing(), everything(), everything_wrong()];
    for rule in &rules {
        cases.extend(values(rule));
    }
    for (member, _) in full() {
        cases.push(null(member));
        cases.extend(wrong_types(member));
    }
    cases.extend(ids());
    cases.extend(aliases());
    cases
}

/// A value for every member but the id.
fn full() -> Vec<(&'static str, String)> {
    [
        ("active", "false"),
        ("avatar", r#""https://example.org/ada.png?size=2#x""#),
        ("bio", r#""First programmer.\n\tÀ bientôt 🙂 \"quoted\" \\ /""#),
        ("birthday", r#""1915-12-10""#),
        ("country", r#""GB""#),
        ("email", r#""ada.lovelace+x@example.org""#),
        ("firstName", r#""Ada""#),
        ("lastName", r#""Lovelace-O'Brien""#),
        ("last_seen", r#""2026-10-31T08:15:30.250Z""#),
        ("last_typed", r#""2026-10-31T08:14:00.000001Z""#),
        ("location", r#""12 St James's Square, London""#),
        ("organization", r#""Analytical Engines & Söhne""#),
        ("phone", r#""+44 (20) 7946-0018 ext. 12""#),
        ("regions", r#""Europe, 日本""#),
        ("title", r#""Countess""#),
        ("twitter", r#""@ada_l""#),
        ("username", r#""Ada-{id}""#),
    ]
    .map(|(member, value)| (member, value.to_owned()))
    .into()
}

fn object(members: &[(&str, String)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!(r#""{name}":{value}"#)).collect();
    format!("{{{}}}", members.join(","))
}

/// The body that creates the case's user with these members.
fn with_id(members: &[(&'static str, String)]) -> String {
    object(&[&[("id", r#""{id}""#.to_owned())], members].concat())
}

fn case(before: &[(&'static str, String)], body: String, wanted: Wanted) -> Case {
    Case { before: with_id(before), body, wanted }
}

fn refused(member: &str, code: &'static str, detail: &'static str) -> Wanted {
    Wanted::Refused(vec![(format!("/{member}"), code, detail)])
}

fn nothing() -> Case {
    case(&full(), "{}".to_owned(), Wanted::Updated(full()))
}

/// All 18 members together.
fn everything() -> Case {
    case(&[], with_id(&full()), Wanted::Updated(full()))
}

/// All 18 members together, each of a wrong type: told at once, in the documented order.
fn everything_wrong() -> Case {
    let names: Vec<_> = ["id"].into_iter().chain(full().into_iter().map(|(name, _)| name)).collect();
    let body: Vec<_> = names.iter().map(|name| (*name, "[]".to_owned())).collect();
    let errors = names.iter().map(|name| {
        let detail = match *name {
            "id" => "must be a string or an integer",
            "active" => "must be true or false",
            _ => STRING,
        };
        (format!("/{name}"), "INVALID_TYPE", detail)
    });
    case(&full(), object(&body), Wanted::Refused(errors.collect()))
}

/// A member alone: each value that is accepted, and each that is refused.
fn values(rule: &Rule) -> Vec<Case> {
    let Rule { member, accepted, refused: values } = rule;
    let alone = |value: &str| object(&[(*member, value.to_owned())]);
    let accepted = accepted.iter().map(|(sent, answered)| {
        // Every other member keeps the value it had.
        let mut after = full();
        for (name, value) in &mut after {
            if name == member {
                value.clone_from(answered);
            }
        }
        case(&full(), alone(sent), Wanted::Updated(after))
    });
    let values =
        values.iter().map(|(sent, code, detail)| case(&full(), alone(sent), refused(member, code, detail)));
    accepted.chain(values).collect()
}

/// A member alone, null.
fn null(member: &'static str) -> Case {
    let body = object(&[(member, "null".to_owned())]);
    if member == "active" {
        return case(&full(), body, refused(member, "NOT_NULLABLE", "must be true or false, not null"));
    }
    let left = full().into_iter().filter(|(name, _)| *name != member).collect();
    case(&full(), body, Wanted::Updated(left))
}

/// A member alone, of each type that it does not have.
fn wrong_types(member: &'static str) -> Vec<Case> {
    let (other, detail) =
        if member == "active" { (r#""true""#, "must be true or false") } else { ("true", STRING) };
    [other, "1", "1e400", "[]", r#"["x"]"#, "{}", r#"{"x":null}"#]
        .map(|value| {
            let body = object(&[(member, value.to_owned())]);
            case(&full(), body, refused(member, "INVALID_TYPE", detail))
        })
        .into()
}

/// The id alone: it may be repeated, and never changes.
fn ids() -> Vec<Case> {
    let null = "must be the id in the path, or absent";
    let other = "must be the id in the path: an id never changes";
    let refused_ids = [
        ("null", "NOT_NULLABLE", null),
        (r#""other""#, "IMMUTABLE", other),
        (r#""CASE-1""#, "IMMUTABLE", other),
        ("7", "IMMUTABLE", other),
        ("true", "INVALID_TYPE", "must be a string or an integer"),
        ("1.5", "INVALID_TYPE", "must be a string or an integer"),
        ("1e400", "INVALID_TYPE", "must be a string or an integer"),
        (r#"["{id}"]"#, "INVALID_TYPE", "must be a string or an integer"),
    ]
    .map(|(value, code, detail)| case(&full(), format!(r#"{{"id":{value}}}"#), refused("id", code, detail)));
    let same = case(&full(), r#"{"id":"{id}"}"#.to_owned(), Wanted::Updated(full()));
    refused_ids.into_iter().chain([same]).collect()
}

/// The other names of `firstName` and `lastName`: read, named in errors as they were sent, and never written.
fn aliases() -> Vec<Case> {
    let both = r#"{"first_name":"Augusta","last_name":"Byron"}"#.to_owned();
    let read = vec![("firstName", r#""Augusta""#.to_owned()), ("lastName", r#""Byron""#.to_owned())];
    let wrong = r#"{"first_name":1}"#.to_owned();
    vec![
        case(&[], both, Wanted::Updated(read)),
        case(&full(), wrong, refused("first_name", "INVALID_TYPE", STRING)),
    ]
}
