use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use users_domain::Member;
use users_http::{FieldError, read_user};

use super::Columns;
use super::active_word::active_word;
use super::row::{Fault, Place, Wish};

/// Reads a user from a JSON object whose members may have other names, and lie deeper.
pub struct JsonUser {
    columns: Columns,
}

impl JsonUser {
    /// A reader of objects with these members, beyond those that are named as a user's are. A name that begins with `/` is
    /// a JSON pointer (RFC 6901).
    pub fn new(columns: &Columns) -> Self {
        Self { columns: columns.clone() }
    }

    /// The valid user, or all that is wrong with it.
    pub fn read(&self, json: &[u8], now: DateTime<Utc>) -> Result<Wish, Vec<Fault>> {
        let mapped = self.mapped(json);
        let read = read_user(mapped.as_deref().unwrap_or(json), now);
        read.map(|(id, update)| Wish { id, update })
            .map_err(|errors| errors.into_iter().map(|error| self.fault(error)).collect())
    }

    /// Where a fault of the member with this name is.
    pub fn place(&self, member: &str) -> Place {
        let mapped = self.columns.map.iter().find(|mapped| mapped.member.name() == member);
        Place::Pointer(mapped.map_or_else(|| format!("/{member}"), |mapped| pointer(&mapped.column)))
    }

    fn fault(&self, FieldError { pointer, code, detail }: FieldError) -> Fault {
        let place = match pointer.strip_prefix('/') {
            None => Place::Row,
            Some(member) => self.place(member),
        };
        Fault { place, code, detail }
    }

    /// The object with the names of a user's members; `None` if nothing is to be renamed, or the text is no object.
    fn mapped(&self, json: &[u8]) -> Option<Vec<u8>> {
        let Columns { map, ignore_unknown } = &self.columns;
        if map.is_empty() && !ignore_unknown {
            return None;
        }
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let Ok(Value::Object(mut object)) = serde_json::from_slice(json) else { return None };
        let mut user = Map::new();
        for mapped in map {
            let value = if mapped.column.starts_with('/') {
                take(&mut object, &mapped.column)
            } else {
                object.remove(&mapped.column)
            };
            if let Some(value) = value {
                user.insert(mapped.member.name().to_owned(), understood(mapped.member, value));
            }
        }
        let is_member = |name: &str| Member::from_name(name).is_some_and(|it| !user.contains_key(it.name()));
        object.retain(|name, value| {
            let is_left_over = value.as_object().is_some_and(Map::is_empty);
            is_member(name) || !ignore_unknown && !is_left_over
        });
        object.extend(user);
        serde_json::to_vec(&object).ok()
    }
}

/// Takes what a JSON pointer leads to out of the object.
fn take(object: &mut Map<String, Value>, path: &str) -> Option<Value> {
    let (parent, name) = path.rsplit_once('/')?;
    let name = name.replace("~1", "/").replace("~0", "~");
    let mut parents = parent.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    parents.try_fold(object, |object, step| object.get_mut(&step)?.as_object_mut())?.remove(&name)
}

/// The value as the member has it: other systems have words for an active user.
fn understood(member: Member, value: Value) -> Value {
    match &value {
        Value::String(text) if member == Member::Active => active_word(text).map_or(value, Value::Bool),
        _ => value,
    }
}

/// The JSON pointer of a member that is named, or led to, like this.
fn pointer(column: &str) -> String {
    if column.starts_with('/') {
        return column.to_owned();
    }
    format!("/{}", column.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use rstest::rstest;

    use super::{Columns, JsonUser};

    fn read(map: &[&str], ignore_unknown: bool, json: &str) -> Result<String, Vec<String>> {
        let map = map.iter().map(|text| text.parse().unwrap()).collect();
        let user =
            JsonUser::new(&Columns { map, ignore_unknown }).read(json.as_bytes(), DateTime::UNIX_EPOCH);
        let told = |wish: crate::transfer::row::Wish| {
            let name = wish.update.first_name.set().map(|name| name.as_str().to_owned());
            format!("{:?} {name:?} {:?}", wish.id.map(|id| id.to_string()), wish.update.active)
        };
        user.map(told).map_err(|faults| {
            faults.iter().map(|fault| format!("{:?} {}", fault.place, fault.code)).collect()
        })
    }

    #[rstest]
    #[case::plain(&[], r#"{"id":"a","firstName":"Ada","active":true}"#)]
    #[case::renamed(&["user_id=id", "given_name=firstName"], r#"{"user_id":"a","given_name":"Ada","active":true}"#)]
    #[case::deeper(
        &["/profile/first/n~1a=firstName", "/status=active"],
        r#"{"id":"a","profile":{"first":{"n/a":"Ada"}},"status":"ACTIVE","type":{}}"#
    )]
    #[case::words(&["enabled=active"], r#"{"id":"a","firstName":"Ada","enabled":"yes"}"#)]
    #[case::in_place_of_a_member(&["name=firstName"], r#"{"id":"a","firstName":"x","name":"Ada","active":true}"#)]
    fn members_are_found_by_their_names(#[case] map: &[&str], #[case] json: &str) {
        let expected = "Some(\"a\") Some(\"Ada\") Some(true)";
        assert_eq!(read(map, !map.is_empty(), json).as_deref(), Ok(expected));
    }

    #[test]
    fn faults_stand_where_the_file_has_them() {
        let json = r#"{"user_id":"a b","p":{"m":"x"},"kind":1}"#;
        let map = ["user_id=id", "/p/m=email"];
        let expected = ["Pointer(\"/user_id\") INVALID_FORMAT", "Pointer(\"/p/m\") INVALID_FORMAT"];
        assert_eq!(read(&map, true, json), Err(expected.map(str::to_owned).to_vec()));
        assert!(
            read(&map, false, json).unwrap_err().contains(&"Pointer(\"/kind\") UNKNOWN_MEMBER".to_owned())
        );
        assert_eq!(read(&map, true, "{"), Err(vec!["Row MALFORMED_JSON".to_owned()]));
    }
}
