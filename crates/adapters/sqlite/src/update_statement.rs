use chrono::{DateTime, Utc};
use diesel::QueryResult;
use diesel::query_builder::{AsQuery, AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use users_domain::{Change, Precondition, SearchKey, UserId, UserUpdate};

use crate::pool::PreparedTexts;
use crate::schema::users;
use crate::user_row::{day_text, micros};

/// **The** statement of the service: updates one user, where its precondition holds and it makes a difference, and
/// returns the row.
///
/// ```sql
/// UPDATE users SET version = version + 1, modified_at = max(modified_at, ?), bio = ?, ...
/// WHERE id = ? AND version IN (?) AND (bio IS NOT ? OR ...)
/// RETURNING users.id, ...
/// ```
///
/// Members that the update keeps do not stand in the text, so that a workload meets few texts, each prepared once.
pub(crate) struct UpdateStatement<'a> {
    id: &'a UserId,
    /// The versions in one of which the user must be, where it must.
    versions: Option<Vec<i64>>,
    now: i64,
    columns: Vec<Column<'a>>,
    /// Whether it is not worth keeping prepared.
    passing: bool,
}

/// A column that is set.
struct Column<'a> {
    name: &'static str,
    value: Value<'a>,
    /// Whether it follows from another column, so that it makes no difference by itself.
    follows: bool,
}

/// What a column is set to.
enum Value<'a> {
    Text(Option<&'a str>),
    OwnedText(Option<String>),
    Number(Option<i64>),
    Flag(bool),
}

impl<'a> UpdateStatement<'a> {
    /// The statement, or `None` where the update touches no member: then there is nothing to write.
    pub(crate) fn new(
        id: &'a UserId,
        update: &'a UserUpdate,
        precondition: &Precondition,
        now: DateTime<Utc>,
        texts: &mut PreparedTexts,
    ) -> Option<Self> {
        let columns = columns(update);
        if columns.is_empty() {
            return None;
        }
        let versions = match precondition {
            Precondition::Exists => None,
            Precondition::VersionIn(versions) => {
                Some(versions.iter().map(|version| version.number()).collect())
            }
        };
        let names: Vec<_> = columns.iter().map(|column| column.name).collect();
        let text = format!("{} {:?}", names.join(","), versions.as_ref().map(Vec::len));
        Some(Self { id, versions, now: now.timestamp_micros(), columns, passing: !texts.keep(&text) })
    }
}

fn columns(update: &UserUpdate) -> Vec<Column<'_>> {
    let UserUpdate {
        active,
        avatar,
        bio,
        birthday,
        country,
        email,
        first_name,
        last_name,
        last_seen,
        last_typed,
        location,
        organization,
        phone,
        regions,
        title,
        twitter,
        username,
    } = update;
    let search_key = |text: &str| SearchKey::of(text).as_str().to_owned();
    [
        active.map(|active| Column { name: "active", value: Value::Flag(active), follows: false }),
        column("avatar", avatar, |avatar| avatar.as_str(), Value::Text),
        column("bio", bio, |bio| bio.as_str(), Value::Text),
        column("birthday", birthday, |birthday| day_text(*birthday), Value::OwnedText),
        column("country", country, |country| country.as_str(), Value::Text),
        column("email", email, |email| email.as_str(), Value::Text),
        column("first_name", first_name, |name| name.as_str(), Value::Text),
        column("last_name", last_name, |name| name.as_str(), Value::Text),
        column("last_seen", last_seen, |moment| micros(*moment), Value::Number),
        column("last_typed", last_typed, |moment| micros(*moment), Value::Number),
        column("location", location, |label| label.as_str(), Value::Text),
        column("organization", organization, |label| label.as_str(), Value::Text),
        column("phone", phone, |phone| phone.as_str(), Value::Text),
        column("regions", regions, |label| label.as_str(), Value::Text),
        column("title", title, |label| label.as_str(), Value::Text),
        column("twitter", twitter, |twitter| twitter.as_str(), Value::Text),
        column("username", username, |username| username.as_str(), Value::Text),
        key_column("username_key", username, |username| username.key().as_str().to_owned()),
        key_column("first_name_key", first_name, |name| search_key(name.as_str())),
        key_column("last_name_key", last_name, |name| search_key(name.as_str())),
        key_column("email_key", email, |email| email.key().into_string()),
        key_column("organization_key", organization, |organization| search_key(organization.as_str())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn column<'a, T, V>(
    name: &'static str,
    change: &'a Change<T>,
    text: impl FnOnce(&'a T) -> V,
    value: impl FnOnce(Option<V>) -> Value<'a>,
) -> Option<Column<'a>> {
    let value = match change {
        Change::Keep => return None,
        Change::Clear => value(None),
        Change::Set(new) => value(Some(text(new))),
    };
    Some(Column { name, value, follows: false })
}

/// A column that holds the key of a member.
fn key_column<'a, T>(
    name: &'static str,
    change: &'a Change<T>,
    key: impl FnOnce(&'a T) -> String,
) -> Option<Column<'a>> {
    let column = column(name, change, key, Value::OwnedText)?;
    Some(Column { follows: true, ..column })
}

impl Value<'_> {
    fn bind<'b>(&'b self, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        match self {
            Self::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::OwnedText(text) => out.push_bind_param::<Nullable<Text>, _>(text),
            Self::Number(number) => out.push_bind_param::<Nullable<BigInt>, _>(number),
            Self::Flag(flag) => out.push_bind_param::<Bool, _>(flag),
        }
    }
}

impl QueryFragment<Sqlite> for UpdateStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if self.passing {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql("UPDATE users SET version = version + 1, modified_at = max(modified_at, ");
        out.push_bind_param::<BigInt, _>(&self.now)?;
        out.push_sql(")");
        for Column { name, value, .. } in &self.columns {
            out.push_sql(", ");
            out.push_sql(name);
            out.push_sql(" = ");
            value.bind(&mut out)?;
        }
        out.push_sql(" WHERE id = ");
        out.push_bind_param::<Text, _>(self.id.as_str())?;
        if let Some(versions) = &self.versions {
            out.push_sql(" AND version IN (");
            for (i, version) in versions.iter().enumerate() {
                out.push_sql(if i == 0 { "" } else { ", " });
                out.push_bind_param::<BigInt, _>(version)?;
            }
            out.push_sql(")");
        }
        let members = self.columns.iter().filter(|column| !column.follows);
        for (i, Column { name, value, .. }) in members.enumerate() {
            out.push_sql(if i == 0 { " AND (" } else { " OR " });
            out.push_sql(name);
            out.push_sql(" IS NOT ");
            value.bind(&mut out)?;
        }
        out.push_sql(") RETURNING ");
        users::all_columns.walk_ast(out)
    }
}

impl Query for UpdateStatement<'_> {
    type SqlType = <users::table as AsQuery>::SqlType;
}

/// Prepared statements are kept by their text.
impl QueryId for UpdateStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<SqliteConnection> for UpdateStatement<'_> {}
