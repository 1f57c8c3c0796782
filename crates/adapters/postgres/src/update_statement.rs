use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::RunQueryDsl;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Bool, Date, HasSqlType, Nullable, SingleValue, Text, Timestamptz};
use users_domain::{Change, Precondition, SearchKey, UserId, UserUpdate, Version};

use crate::update_shape::{Source, UpdateShape, UpdateText, UpdateTexts};
use crate::user_row::{UserColumns, push_columns};

/// What is to be written to one user.
pub(crate) struct UpdateRow<'a> {
    pub(crate) id: &'a UserId,
    pub(crate) update: &'a UserUpdate,
    pub(crate) guard: Guard<'a>,
    pub(crate) now: DateTime<Utc>,
}

/// What must hold of the row for the write to happen.
#[derive(Clone, Copy)]
pub(crate) enum Guard<'a> {
    /// The precondition holds, and the update makes a difference: an update whose row nobody has looked at.
    Changes(&'a Precondition),
    /// The row is in this version: several updates made one, which goes on by `steps` versions.
    Is { version: Version, steps: i64 },
}

/// **The** statement of the service: updates any number of users at once, each on its own terms, and returns the
/// rows that it changed.
///
/// ```sql
/// UPDATE users SET
///     version = users.version + coalesce(i.steps, 1),
///     modified_at = greatest(users.modified_at, i.now),
///     bio = CASE WHEN i.touched & 1 <> 0 THEN i.bio ELSE users.bio END, ...
/// FROM unnest($1, $2, ...) AS i (id, now, versions, steps, touched, bio, ...)
/// WHERE users.id = i.id
///   AND (i.versions IS NULL OR users.version = ANY (i.versions::bigint[]))
///   AND (i.steps IS NOT NULL OR (i.touched & 1 <> 0 AND users.bio IS DISTINCT FROM i.bio) OR ...)
/// RETURNING users.id, ...
/// ```
///
/// Precondition, comparison and write are one atomic step: where another transaction holds a row, PostgreSQL waits
/// for it and then judges the `WHERE` again on the row as that one left it (read committed). Members that no
/// row of the batch touches do not stand in the text; `touched` is left out where all rows touch the same members,
/// and versions and steps where no row has any. An update that is alone stands in `(VALUES ($1, $2, ...))` instead of
/// `unnest`. The text depends on nothing else, so that a workload meets few texts and each is prepared once.
///
/// The rows must be in the order of their ids, each id once: two copies of the service then lock rows in the same
/// order and cannot wait for each other in a circle.
#[derive(Default)]
pub(crate) struct UpdateStatement<'a> {
    ids: Vec<&'a str>,
    nows: Vec<DateTime<Utc>>,
    versions: Vec<Option<String>>,
    steps: Vec<Option<i64>>,
    texts: Columns<&'a str>,
    keys: Columns<String>,
    days: Columns<NaiveDate>,
    instants: Columns<DateTime<Utc>>,
    flags: Columns<bool>,
    /// For each row, the bits of the columns that it touches; `None` where every row touches all of them.
    touched: Option<Vec<i64>>,
    shape: UpdateShape,
    text: Option<Arc<UpdateText>>,
    /// Whether it is worth keeping prepared.
    keep: bool,
}

/// The columns of one type that a batch touches, by name.
type Columns<T> = BTreeMap<&'static str, Column<T>>;

/// One column of the batch: which rows touch it, and what they put there.
struct Column<T> {
    touched: Vec<bool>,
    values: Vec<Option<T>>,
}

impl<'a> UpdateStatement<'a> {
    pub(crate) fn new(rows: &[UpdateRow<'a>], texts: &mut UpdateTexts) -> Self {
        let mut statement = Self::default();
        rows.iter().enumerate().for_each(|(index, row)| statement.add(index, rows.len(), row));
        statement.take_shape();
        let (text, keep) = texts.of(&statement.shape);
        (statement.text, statement.keep) = (Some(text), keep);
        statement
    }

    fn add(&mut self, index: usize, count: usize, row: &UpdateRow<'a>) {
        let (versions, steps) = match row.guard {
            Guard::Changes(Precondition::Exists) => (None, None),
            Guard::Changes(Precondition::VersionIn(versions)) => (Some(array_text(versions)), None),
            Guard::Is { version, steps } => (Some(array_text(&[version])), Some(steps)),
        };
        self.ids.push(row.id.as_str());
        self.nows.push(row.now);
        self.versions.push(versions);
        self.steps.push(steps);
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
        } = row.update;
        let place = Place { index, count };
        if let Some(active) = active {
            place.put(&mut self.flags, "active", &Change::Set(*active), |active| *active);
        }
        place.put(&mut self.texts, "avatar", avatar, |avatar| avatar.as_str());
        place.put(&mut self.texts, "bio", bio, |bio| bio.as_str());
        place.put(&mut self.days, "birthday", birthday, |birthday| birthday.day());
        place.put(&mut self.texts, "country", country, |country| country.as_str());
        place.put(&mut self.texts, "email", email, |email| email.as_str());
        place.put(&mut self.texts, "first_name", first_name, |name| name.as_str());
        place.put(&mut self.texts, "last_name", last_name, |name| name.as_str());
        place.put(&mut self.instants, "last_seen", last_seen, |moment| moment.instant());
        place.put(&mut self.instants, "last_typed", last_typed, |moment| moment.instant());
        place.put(&mut self.texts, "location", location, |label| label.as_str());
        place.put(&mut self.texts, "organization", organization, |label| label.as_str());
        place.put(&mut self.texts, "phone", phone, |phone| phone.as_str());
        place.put(&mut self.texts, "regions", regions, |label| label.as_str());
        place.put(&mut self.texts, "title", title, |label| label.as_str());
        place.put(&mut self.texts, "twitter", twitter, |twitter| twitter.as_str());
        place.put(&mut self.texts, "username", username, |username| username.as_str());
        let key = |text: &str| SearchKey::of(text).as_str().to_owned();
        place.put(&mut self.keys, "email_key", email, |email| email.key().into_string());
        place.put(&mut self.keys, "first_name_key", first_name, |name| key(name.as_str()));
        place.put(&mut self.keys, "last_name_key", last_name, |name| key(name.as_str()));
        place.put(&mut self.keys, "organization_key", organization, |label| key(label.as_str()));
        place.put(&mut self.keys, "username_key", username, |username| username.key().as_str().to_owned());
    }
}

/// A row's place in the batch.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    count: usize,
}

impl Place {
    fn put<'a, T, V>(
        self,
        columns: &mut Columns<V>,
        name: &'static str,
        change: &'a Change<T>,
        value: impl FnOnce(&'a T) -> V,
    ) {
        let value = match change {
            Change::Keep => return,
            Change::Clear => None,
            Change::Set(new) => Some(value(new)),
        };
        let column = columns.entry(name).or_insert_with(|| Column::new(self.count));
        if let (Some(touched), Some(place)) =
            (column.touched.get_mut(self.index), column.values.get_mut(self.index))
        {
            *touched = true;
            *place = value;
        }
    }
}

impl<T> Column<T> {
    fn new(count: usize) -> Self {
        Self { touched: vec![false; count], values: std::iter::repeat_with(|| None).take(count).collect() }
    }
}

/// `{1,2}`: an array of an array's elements cannot be bound, a text can.
pub(crate) fn array_text(versions: &[Version]) -> String {
    let numbers: Vec<_> = versions.iter().map(|version| version.number().to_string()).collect();
    format!("{{{}}}", numbers.join(","))
}

impl UpdateStatement<'_> {
    /// Notes what the text depends on.
    fn take_shape(&mut self) {
        let mut columns = Vec::new();
        let mut touched = vec![0; self.ids.len()];
        note(&self.texts, &mut columns, &mut touched);
        note(&self.days, &mut columns, &mut touched);
        note(&self.instants, &mut columns, &mut touched);
        note(&self.flags, &mut columns, &mut touched);
        let members = columns.len();
        note(&self.keys, &mut columns, &mut touched);
        let all = (1 << columns.len()) - 1;
        self.touched = touched.iter().any(|bits| *bits != all).then_some(touched);
        self.shape = UpdateShape {
            columns,
            members,
            touched: self.touched.is_some(),
            guarded: self.versions.iter().any(Option::is_some),
            stepped: self.steps.iter().any(Option::is_some),
            source: if self.ids.len() == 1 { Source::Alone } else { Source::Arrays },
        };
    }
}

/// Gives each column the next bit, and notes it for the rows that touch the column.
fn note<T>(columns: &Columns<T>, names: &mut Vec<&'static str>, touched: &mut [i64]) {
    for (name, column) in columns {
        let bit = 1 << names.len();
        names.push(name);
        touched
            .iter_mut()
            .zip(&column.touched)
            .filter(|(_, touches)| **touches)
            .for_each(|(bits, _)| *bits |= bit);
    }
}

impl QueryFragment<Pg> for UpdateStatement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Some(text) = &self.text else { return Ok(()) };
        if !self.keep {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&text.before);
        self.bind::<Text, _>(&self.ids, &mut out)?;
        out.push_sql(", ");
        self.bind::<Timestamptz, _>(&self.nows, &mut out)?;
        if self.shape.guarded {
            out.push_sql(", ");
            self.bind::<Nullable<Text>, _>(&self.versions, &mut out)?;
        }
        if self.shape.stepped {
            out.push_sql(", ");
            self.bind::<Nullable<BigInt>, _>(&self.steps, &mut out)?;
        }
        if let Some(touched) = &self.touched {
            out.push_sql(", ");
            self.bind::<BigInt, _>(touched, &mut out)?;
        }
        self.bind_all::<Text, _>(&self.texts, &mut out)?;
        self.bind_all::<Date, _>(&self.days, &mut out)?;
        self.bind_all::<Timestamptz, _>(&self.instants, &mut out)?;
        self.bind_all::<Bool, _>(&self.flags, &mut out)?;
        self.bind_all::<Text, _>(&self.keys, &mut out)?;
        out.push_sql(&text.behind);
        push_columns(&mut out);
        Ok(())
    }
}

impl UpdateStatement<'_> {
    fn bind_all<'b, ST, T>(&self, columns: &'b Columns<T>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>
    where
        ST: SingleValue + 'static,
        Pg: HasSqlType<Nullable<ST>> + HasSqlType<Array<Nullable<ST>>>,
        Option<T>: ToSql<Nullable<ST>, Pg>,
        Vec<Option<T>>: ToSql<Array<Nullable<ST>>, Pg>,
    {
        for column in columns.values() {
            out.push_sql(", ");
            self.bind::<Nullable<ST>, _>(&column.values, out)?;
        }
        Ok(())
    }

    /// Binds the values of a column: all in an array, or the one that there is.
    fn bind<'b, ST: 'static, T>(&self, values: &'b Vec<T>, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>
    where
        Pg: HasSqlType<ST> + HasSqlType<Array<ST>>,
        T: ToSql<ST, Pg>,
        Vec<T>: ToSql<Array<ST>, Pg>,
    {
        match (self.shape.source, values.as_slice()) {
            (Source::Alone, [value]) => out.push_bind_param::<ST, _>(value),
            _ => out.push_bind_param::<Array<ST>, _>(values),
        }
    }
}

impl Query for UpdateStatement<'_> {
    type SqlType = UserColumns;
}

/// Prepared statements are kept by their text.
impl QueryId for UpdateStatement<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl RunQueryDsl<PgConnection> for UpdateStatement<'_> {}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use diesel::debug_query;
    use diesel::pg::Pg;
    use users_domain::{Bio, Change, Label, Precondition, UserId, UserUpdate, Version};

    use super::{Guard, UpdateRow, UpdateStatement};
    use crate::update_shape::UpdateTexts;

    fn sql(rows: &[(UserUpdate, Guard<'_>)]) -> String {
        let ids: Vec<_> = (0..rows.len()).map(|i| UserId::parse(format!("user-{i}")).unwrap()).collect();
        let rows: Vec<_> = rows
            .iter()
            .zip(&ids)
            .map(|((update, guard), id)| UpdateRow { id, update, guard: *guard, now: DateTime::UNIX_EPOCH })
            .collect();
        let text =
            debug_query::<Pg, _>(&UpdateStatement::new(&rows, &mut UpdateTexts::default())).to_string();
        text.split(" RETURNING ").next().unwrap().to_owned()
    }

    fn bio() -> UserUpdate {
        UserUpdate { bio: Change::Set(Bio::parse("x").unwrap()), ..UserUpdate::default() }
    }

    fn title() -> UserUpdate {
        UserUpdate { title: Change::<Label>::Clear, active: Some(true), ..UserUpdate::default() }
    }

    const EXISTS: Guard<'_> = Guard::Changes(&Precondition::Exists);

    #[test]
    fn an_update_that_is_alone_is_no_table() {
        let text = "UPDATE users SET version = users.version + 1, \
            modified_at = greatest(users.modified_at, i.now), bio = i.bio \
            FROM (VALUES ($1, $2, $3)) AS i (id, now, bio) \
            WHERE users.id = i.id AND (users.bio IS DISTINCT FROM i.bio)";
        assert_eq!(sql(&[(bio(), EXISTS)]), text);
    }

    #[test]
    fn rows_that_touch_the_same_members_need_no_flags() {
        let text = "UPDATE users SET version = users.version + 1, \
            modified_at = greatest(users.modified_at, i.now), bio = i.bio \
            FROM unnest($1, $2, $3) AS i (id, now, bio) \
            WHERE users.id = i.id AND (users.bio IS DISTINCT FROM i.bio)";
        assert_eq!(sql(&[(bio(), EXISTS), (bio(), EXISTS)]), text);
    }

    #[test]
    fn rows_that_differ_say_what_they_touch() {
        assert_eq!(
            sql(&[(bio(), EXISTS), (title(), EXISTS)]),
            "UPDATE users SET version = users.version + 1, \
             modified_at = greatest(users.modified_at, i.now), \
             bio = CASE WHEN i.touched & 1 <> 0 THEN i.bio ELSE users.bio END, \
             title = CASE WHEN i.touched & 2 <> 0 THEN i.title ELSE users.title END, \
             active = CASE WHEN i.touched & 4 <> 0 THEN i.active ELSE users.active END \
             FROM unnest($1, $2, $3, $4, $5, $6) AS i (id, now, touched, bio, title, active) \
             WHERE users.id = i.id AND ((i.touched & 1 <> 0 AND users.bio IS DISTINCT FROM i.bio) \
             OR (i.touched & 2 <> 0 AND users.title IS DISTINCT FROM i.title) \
             OR (i.touched & 4 <> 0 AND users.active IS DISTINCT FROM i.active))"
        );
    }

    #[test]
    fn guards_stand_in_the_text_where_a_row_has_one() {
        let precondition = Precondition::VersionIn(vec![Version::from_stored(7)]);
        assert_eq!(
            sql(&[(bio(), Guard::Changes(&precondition))]),
            "UPDATE users SET version = users.version + 1, \
             modified_at = greatest(users.modified_at, i.now), bio = i.bio \
             FROM (VALUES ($1, $2, $3, $4)) AS i (id, now, versions, bio) \
             WHERE users.id = i.id AND (i.versions IS NULL OR users.version = ANY (i.versions::bigint[])) \
             AND (users.bio IS DISTINCT FROM i.bio)"
        );
        assert_eq!(
            sql(&[(bio(), Guard::Is { version: Version::from_stored(7), steps: 2 })]),
            "UPDATE users SET version = users.version + coalesce(i.steps, 1), \
             modified_at = greatest(users.modified_at, i.now), bio = i.bio \
             FROM (VALUES ($1, $2, $3, $4, $5)) AS i (id, now, versions, steps, bio) \
             WHERE users.id = i.id AND (i.versions IS NULL OR users.version = ANY (i.versions::bigint[])) \
             AND (i.steps IS NOT NULL OR users.bio IS DISTINCT FROM i.bio)"
        );
    }
}
